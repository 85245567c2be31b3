"""Exactly once in effect, while everything that can fail does. See docs/chaos.md."""
