"""Pages of stall rotation."""
