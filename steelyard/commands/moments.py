"""Moments as options of the command line."""

from datetime import datetime

from domain.errors import BadFile


def moment(option: str, text: str) -> datetime:
    """Return the moment an option names. Raise BadFile where it is none, or has no offset."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise BadFile(option, (f"is {text!r}; expected a time with its offset: 2026-11-22T00:00:00+08:00",))
    return found
