"""Inspections: whom a draw chooses, what a visit asks, what came of it."""
