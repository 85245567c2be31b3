"""Scales, vendors and whole markets that drive the product from outside, with bytes and nothing else."""
