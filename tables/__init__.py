"""Files as people keep them → cells with their places, and numbers that are policy. Pure, for every room."""
