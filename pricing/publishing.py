"""The life of a cap list: drafted, published by a second person, withdrawn. Each step is one transaction."""

from collections.abc import Sequence
from datetime import datetime

from psycopg import Connection

from db import cap_lists, caps
from db.cap_lists import ListState, NewCapItem, NewCapList
from domain.errors import NotFound, RuleViolation
from domain.ids import MarketId
from domain.price_cap import Channel, ListStatus


def draft(conn: Connection, new: NewCapList, items: Sequence[NewCapItem], *, by: str, at: datetime) -> int:
    """Keep a list as a draft, which binds nobody; return its cap_list_id.

    Raise RuleViolation for one that would bind no market, that ends before it begins, or that has no items.
    """
    if new.effective_to is not None and new.effective_to <= new.effective_from:
        begins, ends = new.effective_from.isoformat(), new.effective_to.isoformat()
        raise RuleViolation(
            f"the list would end at {ends}; expected a moment after {begins}", problem="list_ends_first"
        )
    if not items:
        raise RuleViolation("the list has no items", problem="list_empty")
    with conn.transaction():
        require_a_market(conn, new)
        return cap_lists.draft(conn, new, items, by=by, at=at)


def publish(conn: Connection, cap_list_id: int, *, by: str, at: datetime) -> ListState:
    """Put a draft in force from its own moment on; return it as it was before.

    Raise NotFound where there is no such list, RuleViolation where it is no draft, and where the person who drafted it
    would publish it, unless it only demonstrates.
    """
    with conn.transaction():
        one = _locked(conn, cap_list_id)
        if one.status is not ListStatus.DRAFT:
            raise RuleViolation(
                f"list {cap_list_id} is {one.status}; only a draft can be published", problem="no_draft"
            )
        if one.drafted_by == by and not one.is_demonstration:
            raise RuleViolation(
                f"list {cap_list_id} was drafted by {by}; a second person publishes it", problem="own_draft"
            )
        cap_lists.publish(conn, one, by=by, at=at)
    return one


def withdraw(conn: Connection, cap_list_id: int, *, by: str, at: datetime, because: str) -> ListState:
    """Take a published list out of force from its very beginning; return it as it was before.

    Raise NotFound, and RuleViolation where it is not published or no reason is given.
    """
    if not because.strip():
        raise RuleViolation("a list is withdrawn for a reason: say which", problem="no_reason")
    with conn.transaction():
        one = _locked(conn, cap_list_id)
        if one.status is not ListStatus.PUBLISHED:
            raise RuleViolation(
                f"list {cap_list_id} is {one.status}; only a published list can be withdrawn", problem="not_published"
            )
        cap_lists.withdraw(conn, one, by=by, at=at, because=because.strip())
    return one


def _locked(conn: Connection, cap_list_id: int) -> ListState:
    one = cap_lists.locked(conn, cap_list_id)
    if one is None:
        raise NotFound(f"there is no cap list {cap_list_id}")
    return one


def require_a_market(conn: Connection, new: NewCapList) -> None:
    """Raise RuleViolation for a list that would bind no market.

    A mistyped area would publish a list that judges nothing, and nobody would be told.
    """
    scopes: dict[tuple[str, Channel], list[MarketId]] = {}
    for market_id, area, channel, _ in caps.market_scopes(conn):
        scopes.setdefault((area, channel), []).append(market_id)
    if (new.area, new.channel) not in scopes:
        known = ", ".join(f"{area} ({channel})" for area, channel in sorted(scopes)) or "none yet"
        raise RuleViolation(
            f"no market has the area {new.area!r} with the channel {new.channel}; there are: {known}",
            problem="no_such_area",
        )
    markets = scopes[new.area, new.channel]
    if new.market_id is not None and new.market_id not in markets:
        known = ", ".join(sorted(markets))
        raise RuleViolation(
            f"market {new.market_id!r} is not in {new.area} ({new.channel}); there are: {known}", problem="no_such_area"
        )
