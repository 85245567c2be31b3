"""Which seqs of each device's journal are accounted for. What is new, what is a redelivery, what may be receipted."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from psycopg import Connection

from db.queries import load
from domain.clock import ClockReading
from domain.ids import JournalId, MarketId, ScaleId

_SQL = load("journals")


class JournalKey(NamedTuple):
    """A device's journal: `seq` counts 1, 2, 3 … within it."""

    market_id: MarketId
    scale_id: ScaleId
    journal_id: JournalId


class Run(NamedTuple):
    """The seqs from `low` to `high`, both among them."""

    low: int
    high: int


class JournalState(NamedTuple):
    """What is known of a journal. Above `highest` nothing is accounted for: whatever is above it is new.

    `clock_told_on`: the business day for which an alert tells of its sender's clock already.
    """

    highest: int
    clock: ClockReading | None
    clock_told_on: date | None


def lock(conn: Connection, keys: Iterable[JournalKey], now: datetime) -> dict[JournalKey, JournalState]:
    """Hold these journals for the length of the transaction, so that one worker decides what of them is new."""
    asked = sorted(set(keys))
    if not asked:
        return {}
    parameters = {**_columns(asked), "now": now}
    conn.execute(_SQL["open_journals"], parameters)
    return {
        asked[n - 1]: JournalState(highest, _reading(*reading), told_on)
        for n, highest, told_on, *reading in conn.execute(_SQL["lock_journals"], parameters)
    }


def already_received(conn: Connection, asked: Sequence[tuple[JournalKey, int]]) -> set[int]:
    """Return the positions in `asked` of (journal, seq) pairs that are accounted for already."""
    parameters = {**_columns([key for key, _ in asked]), "seqs": " ".join(str(seq) for _, seq in asked)}
    return {n - 1 for (n,) in conn.execute(_SQL["already_received"], parameters)}


def add_received(
    conn: Connection,
    added: Mapping[JournalKey, Sequence[Run]],
    now: datetime,
    *,
    clocks: Mapping[JournalKey, ClockReading] | None = None,
    told: Mapping[JournalKey, date] | None = None,
) -> dict[JournalKey, int]:
    """Account for runs of seqs; return for each journal up to which seq nothing is missing.

    `clocks`: what is known of their senders' clocks now; `told`: the business day for which an alert tells of one now.
    """
    keys = sorted(added)
    if not keys:
        return {}
    readings = [None if clocks is None else clocks.get(key) for key in keys]
    parameters = {
        **_columns(keys),
        "added": " ".join(_multirange(added[key]) for key in keys),
        "now": now,
        "since": [None if one is None else one.since for one in readings],
        "until": [None if one is None else one.until for one in readings],
        "ahead_ms": [None if one is None else one.ahead_ms for one in readings],
        "settled_ms": [None if one is None else one.settled_ms for one in readings],
        "told_on": [None if told is None else told.get(key) for key in keys],
    }
    return {keys[n - 1]: committed for n, committed in conn.execute(_SQL["add_received"], parameters)}


def _reading(
    since: datetime | None, until: datetime | None, ahead_ms: int | None, settled_ms: int | None
) -> ClockReading | None:
    if since is None or until is None or ahead_ms is None:
        return None
    return ClockReading(since=since, until=until, ahead_ms=ahead_ms, settled_ms=settled_ms)


def _columns(keys: Sequence[JournalKey]) -> dict[str, str]:
    """Ids hold no blank (`domain.ids`), so thousands are one text each; psycopg takes its time over a long list."""
    return {
        "market_ids": " ".join(key.market_id for key in keys),
        "scale_ids": " ".join(key.scale_id for key in keys),
        "journal_ids": " ".join(key.journal_id for key in keys),
    }


def _multirange(runs: Iterable[Run]) -> str:
    """Write runs as PostgreSQL's multirange literal: {[1,3],[7,7]}."""
    return "{" + ",".join(f"[{low},{high}]" for low, high in runs) + "}"
