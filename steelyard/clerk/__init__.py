"""The clerk: a process that does the duties, and what it tells of itself."""
