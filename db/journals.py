"""Which seqs of each device's journal are accounted for. What is new, what is a redelivery, what may be receipted."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from psycopg import Connection

from db.queries import load
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


def lock(conn: Connection, keys: Iterable[JournalKey], now: datetime) -> dict[JournalKey, int]:
    """Hold these journals for the length of the transaction, so that one worker decides what of them is new.

    Return for each the highest seq that is accounted for: whatever is above it is new.
    """
    asked = sorted(set(keys))
    parameters = {**_columns(asked), "now": now}
    conn.execute(_SQL["open_journals"], parameters)
    return {asked[n - 1]: highest for n, highest in conn.execute(_SQL["lock_journals"], parameters)}


def already_received(conn: Connection, asked: Sequence[tuple[JournalKey, int]]) -> set[int]:
    """Return the positions in `asked` of (journal, seq) pairs that are accounted for already."""
    parameters = {**_columns([key for key, _ in asked]), "seqs": " ".join(str(seq) for _, seq in asked)}
    return {n - 1 for (n,) in conn.execute(_SQL["already_received"], parameters)}


def add_received(conn: Connection, added: Mapping[JournalKey, Sequence[Run]], now: datetime) -> dict[JournalKey, int]:
    """Account for runs of seqs; return for each journal up to which seq nothing is missing."""
    keys = sorted(added)
    parameters = {**_columns(keys), "added": " ".join(_multirange(added[key]) for key in keys), "now": now}
    return {keys[n - 1]: committed for n, committed in conn.execute(_SQL["add_received"], parameters)}


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
