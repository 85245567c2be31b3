"""How often strangers may look tickets up and complain. Pure: told what was let through, it says when there is room.

Against rivals' abuse (Qingdao: a bad review needs a reason and a contact) and against guessing at tickets.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import RuleViolation


class Purpose(StrEnum):
    """What is limited."""

    LOOK_UP = "look_up"  # a ticket or a complaint's status, found or not
    MISS = "miss"  # one that was not found: who has a ticket misses seldom
    COMPLAIN = "complain"
    FOLLOW_UP = "follow_up"  # withdrawn or reopened
    PUBLIC_PAGE = "public_page"  # a market's screen, a vendor's public page


class ByWhat(StrEnum):
    """What is counted by."""

    ADDRESS = "address"
    CONTACT = "contact"
    TICKET = "ticket"
    MARKET = "market"


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """At most `most` within any window of this length."""

    purpose: Purpose
    by: ByWhat
    most: int
    within: timedelta


@dataclass(frozen=True, slots=True)
class Counted:
    """A limit, whose it is, and when the `most`-th newest of those let through within the window was (None: fewer)."""

    limit: Limit
    key: bytes
    oldest_in_the_way: datetime | None


class TooMany(RuleViolation):
    """Too often; there is room again at `free_at`."""

    def __init__(self, free_at: datetime, by: ByWhat) -> None:
        super().__init__(f"too many by this {by}; try again at {free_at.isoformat(timespec='seconds')}")
        self.free_at = free_at
        self.by = by


def key_of(by: ByWhat, value: str) -> bytes:
    """Return what is kept of an address or a contact: not the thing itself."""
    return hashlib.sha256(f"{by}\0{value}".encode()).digest()


def require_room(counted: Iterable[Counted], now: datetime) -> None:
    """Raise TooMany where a limit is reached, with the moment when the last of them has room again."""
    in_the_way = [
        (one.oldest_in_the_way + one.limit.within, one.limit.by) for one in counted if one.oldest_in_the_way is not None
    ]
    reached = [one for one in in_the_way if one[0] > now]
    if reached:
        raise TooMany(*max(reached))
