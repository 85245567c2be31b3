"""Confirmed facts → a score, a tier, and the explanation of every point."""
