"""From what a scale says to at most one weighing for each load. Pure."""
