"""Registering and correcting markets. Where a market is by law is fixed once something was weighed in it."""

from typing import Final

from psycopg import Connection

from db.register import events, markets
from db.register.events import Change
from domain.errors import NotFound, RuleViolation
from domain.ids import MarketId
from domain.register.records import MarketFacts, RegisterAction, SubjectKind, differences
from supervision.register.changing import Differences
from supervision.register.fields import EntryProblem, Unreadable
from supervision.register.reading import EntryFault
from supervision.register.trail import meanwhile, require_reason

#: Caps were chosen and days were begun by these: another area would have to judge anew whatever was sold, and tickets
#: of yesterday would tell something else.
FIXED_ONCE_WEIGHED: Final = ("area", "channel", "timezone")


def register_market(conn: Connection, market_id: MarketId, facts: MarketFacts, change: Change) -> None:
    """Register a market. Raise RuleViolation where its id is taken."""
    with conn.transaction():
        if not markets.insert(conn, market_id, facts):
            raise RuleViolation(f"market {market_id} is registered already")
        changes = differences(None, facts)
        events.append(conn, change, market_id, SubjectKind.MARKET, market_id, RegisterAction.REGISTERED, changes)


def correct_market(
    conn: Connection, market_id: MarketId, facts: MarketFacts, *, revision: int, change: Change
) -> Differences:
    """Put facts in place of those of `revision`; return what changed. The same changes nothing.

    Raise NotFound, ChangedMeanwhile, RuleViolation without a reason, and Unreadable for what is fixed.
    """
    with conn.transaction():
        known = markets.one(conn, market_id)
        if known is None:
            raise NotFound(f"there is no market {market_id}")
        changes = differences(known.facts, facts)
        if changes or known.revision != revision:
            require_reason(change)
            fixed = [name for name in FIXED_ONCE_WEIGHED if name in changes]
            if fixed and markets.was_weighed_in(conn, market_id):
                raise Unreadable([EntryProblem(name, EntryFault.FIXED, (changes[name][0],)) for name in fixed])
            if not markets.change(conn, market_id, facts, revision=revision):
                raise meanwhile(conn, market_id, SubjectKind.MARKET, market_id)
            events.append(conn, change, market_id, SubjectKind.MARKET, market_id, RegisterAction.CORRECTED, changes)
        return changes
