"""Whole numbers as somebody typed them, or put them into an address."""

_DIGITS_OF_A_BIGINT = 18


def whole(text: str) -> int | None:
    """Return the number, where it is one that a column holds; None for anything else."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS_OF_A_BIGINT else None
