"""Times as whole microseconds since 1970, which sort and compare as numbers."""

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(at: datetime) -> int:
    """Return an aware time as microseconds since 1970, UTC. Exact."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def moment(microseconds_since_1970: int) -> datetime:
    """Return the time again, in UTC."""
    return _EPOCH + timedelta(microseconds=microseconds_since_1970)
