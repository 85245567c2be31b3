"""The database servers that tests may run on, one file a kind, and the order in which they are tried (`chain`)."""
