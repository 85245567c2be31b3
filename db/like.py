"""Patterns of LIKE."""


def beginning(plain: str) -> str:
    """Return the pattern of what begins so, whatever signs of a pattern stand in it."""
    return plain.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
