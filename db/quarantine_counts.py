"""How many messages are in quarantine, to the last one, without reading them (decision 12).

The database notes of every statement what it changed; `fold` adds the notes up now and then. What is counted is always
both, so it is exact at every moment, and whoever folds, or is killed while folding, changes no number.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import class_row

from db.quarantine_pages import Where
from db.queries import load
from domain.ids import MarketId
from domain.quarantine import HeldState

_SQL = load("quarantine_counts")


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """How many messages of a scale are held for a reason.

    From the first arrival to the last: of all that were held so since it was last none, also of what is not any more.
    """

    reason: str
    market_id: str | None
    scale_id: str | None
    messages: int
    first_at: datetime
    last_at: datetime


def counts(conn: Connection, where: Where) -> Mapping[tuple[HeldState, str], int]:
    """Return how many messages there are by state and reason; reason and times of `where` are not asked."""
    if where.scale_id is not None:
        rows = conn.execute(_SQL["of_scale"], {"scale_id": where.scale_id, "market_id": where.market_id})
    elif where.market_id is not None:
        rows = conn.execute(_SQL["of_market"], {"market_id": where.market_id})
    else:
        rows = conn.execute(_SQL["everywhere"])
    return {(HeldState(state), reason): messages for state, reason, messages in rows}


def tally(
    conn: Connection,
    market_id: MarketId | None,
    states: Collection[HeldState] = frozenset({HeldState.HELD}),
    *,
    limit: int | None = None,
) -> list[Tally]:
    """Return how many there are by reason and scale; the most come first, `limit` of them."""
    parameters = {"market_id": market_id, "states": list(states), "limit": limit}
    with conn.cursor(row_factory=class_row(Tally)) as cursor:
        return cursor.execute(_SQL["tally"], parameters).fetchall()


def held_by_device(conn: Connection) -> Mapping[tuple[str, str | None], int]:
    """Return how many are held by reason and registered scale (None: of all others), as of the last folding."""
    return {(reason, scale_id): messages for reason, scale_id, messages in conn.execute(_SQL["held_by_device"])}


def fold(conn: Connection) -> None:
    """Add up what was noted, in a transaction of its own; nothing where somebody else is at it."""
    with conn.transaction():
        row = conn.execute(_SQL["take_folding"]).fetchone()
        if row and row[0]:
            conn.execute(_SQL["fold"])
