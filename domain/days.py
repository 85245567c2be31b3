"""Days as people write them."""

from datetime import date
from typing import Final

_FIRST: Final = date(2000, 1, 1)
_LAST: Final = date(2199, 12, 31)


def day_of(text: str) -> date | None:
    """Return the day of "2026-11-22"; None for what names none, and for one that no list is ever of."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return day if _FIRST <= day <= _LAST else None
