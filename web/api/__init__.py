"""The same things as JSON, for programs."""
