"""One file for each subject of the command line."""
