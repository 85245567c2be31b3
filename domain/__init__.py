"""The nouns of the trade. Standard library only: no I/O, no clock, no third-party package."""
