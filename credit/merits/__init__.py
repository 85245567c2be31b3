"""Merits that the service sees by itself: clean months, scales in use, promises kept to their end."""
