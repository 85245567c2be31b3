"""Codes that open a vendor's own page, and what vendors say about visits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import class_row

from db.queries import load
from domain.errors import NotFound
from domain.ids import MarketId, VendorId
from domain.inspection import Feedback

_SQL = load("vendor_codes")


@dataclass(frozen=True, slots=True)
class CodeHolder:
    """Whose a code is."""

    market_id: MarketId
    vendor_id: VendorId
    name: str


def issue(
    conn: Connection, market_id: MarketId, vendor_id: VendorId, code_digest: bytes, *, by: str, at: datetime
) -> None:
    """Keep a vendor's new code by its digest; the one before ends. Raise NotFound."""
    values = {"market_id": market_id, "vendor_id": vendor_id, "code_digest": code_digest, "by": by, "at": at}
    if conn.execute(_SQL["lock_vendor"], values).fetchone() is None:
        raise NotFound(f"there is no vendor {vendor_id} in market {market_id}")
    conn.execute(_SQL["end"], values)
    conn.execute(_SQL["insert"], values)


def whose(conn: Connection, code_digest: bytes) -> CodeHolder | None:
    """Return whose a living code is, or None."""
    with conn.cursor(row_factory=class_row(CodeHolder)) as cursor:
        return cursor.execute(_SQL["whose"], {"code_digest": code_digest}).fetchone()


def append_feedback(conn: Connection, feedback: Feedback) -> None:
    """Keep what a vendor said."""
    conn.execute(
        _SQL["insert_feedback"],
        {
            "inspection_id": feedback.inspection_id,
            "stars": feedback.stars,
            "words": feedback.words,
            "at": feedback.given_at,
        },
    )


def feedback_of(conn: Connection, inspection_ids: Sequence[int]) -> list[Feedback]:
    """Return what was said about visits, the oldest first."""
    with conn.cursor(row_factory=class_row(Feedback)) as cursor:
        return cursor.execute(_SQL["feedback_of"], {"inspection_ids": list(inspection_ids)}).fetchall()


def feedback_since(conn: Connection, market_id: MarketId, vendor_id: VendorId, since: datetime) -> int:
    """Return how often a vendor said something since a moment; who asks holds the others up until the end."""
    values = {"market_id": market_id, "vendor_id": vendor_id, "since": since}
    conn.execute(_SQL["lock_vendor"], values)
    row = conn.execute(_SQL["feedback_since"], values).fetchone()
    return int(row[0]) if row else 0
