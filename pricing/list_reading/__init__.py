"""A published list as a file → lines that were understood, and every problem with its row and column. Pure."""
