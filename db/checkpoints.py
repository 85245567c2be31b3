"""Signed heads of journals' chains, kept as they came, each once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import class_row

from db.queries import load
from domain.ids import JournalId, MarketId, ScaleId

_SQL = load("checkpoints")


@dataclass(frozen=True, kw_only=True, slots=True)
class NewCheckpoint:
    """A checkpoint as it came. `digest`: of the line it names; `body_digest`: SHA-256 of `body`, its exact bytes."""

    market_id: MarketId
    scale_id: ScaleId
    journal_id: JournalId
    seq: int
    digest: bytes
    at: datetime
    key_id: str
    is_signed: bool
    received_at: datetime
    body_digest: bytes
    body: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredCheckpoint:
    """A checkpoint of a scale. `is_signed`: the key that came with it signed it."""

    journal_id: JournalId
    seq: int
    at: datetime
    key_id: str
    is_signed: bool
    received_at: datetime
    body: bytes


def store(conn: Connection, new: Sequence[NewCheckpoint]) -> int:
    """Store checkpoints of registered scales; return how many are new."""
    if not new:
        return 0
    # In the order of their keys: two workers never wait for each other in a circle.
    ordered = sorted(new, key=lambda one: (one.market_id, one.scale_id, one.journal_id, one.seq, one.body_digest))
    rows = conn.execute(
        _SQL["store"],
        {
            "market_ids": [one.market_id for one in ordered],
            "scale_ids": [one.scale_id for one in ordered],
            "journal_ids": [one.journal_id for one in ordered],
            "seqs": [one.seq for one in ordered],
            "digests": [one.digest for one in ordered],
            "ats": [one.at for one in ordered],
            "key_ids": [one.key_id for one in ordered],
            "are_signed": [one.is_signed for one in ordered],
            "received_ats": [one.received_at for one in ordered],
            "body_digests": [one.body_digest for one in ordered],
            "bodies": [one.body for one in ordered],
        },
    )
    return len(rows.fetchall())


def of_scale(conn: Connection, market_id: MarketId, scale_id: ScaleId) -> list[StoredCheckpoint]:
    """Return the checkpoints of a scale by journal and number."""
    with conn.cursor(row_factory=class_row(StoredCheckpoint)) as cursor:
        return cursor.execute(_SQL["of_scale"], {"market_id": market_id, "scale_id": scale_id}).fetchall()
