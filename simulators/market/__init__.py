"""A market's day: stalls, vendors with their characters and tricks, and the truth of what was sold."""
