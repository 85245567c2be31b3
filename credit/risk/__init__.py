"""The regulator's risk class of vendors, A to D, and the early warning: for who inspects, and never a score."""
