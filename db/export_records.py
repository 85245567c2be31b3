"""Records for other systems: each version appended once, read by the order in which they were made."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from db.queries import load
from domain.export import ExportForm, ExportRecord
from domain.ids import MarketId, VendorId

_SQL = load("export_records")


def lock(conn: Connection) -> None:
    """Be the only one who makes records, for the length of the transaction."""
    conn.execute(_SQL["lock"])


def latest(conn: Connection, form: ExportForm, record_ids: Collection[str]) -> dict[str, ExportRecord]:
    """Return the newest version of those of the records that there are."""
    return {one.record_id: one for one in _read(conn, "latest", form=form, record_ids=list(record_ids))}


def append(
    conn: Connection,
    form: ExportForm,
    record_id: str,
    version: int,
    *,
    market_id: MarketId,
    vendor_id: VendorId,
    made_at: datetime,
    body: dict[str, Any],
) -> int:
    """Append a version; return its revision."""
    row = conn.execute(
        _SQL["append"],
        {
            "form": form,
            "record_id": record_id,
            "version": version,
            "market_id": market_id,
            "vendor_id": vendor_id,
            "made_at": made_at,
            "body": Jsonb(body),
        },
    ).fetchone()
    if row is None:
        raise LookupError("INSERT … RETURNING gave no revision")
    return int(row[0])


def since(
    conn: Connection, form: ExportForm, revision: int, *, market_ids: Collection[str], limit: int
) -> list[ExportRecord]:
    """Return what was made after a revision, oldest first; `market_ids` empty: of every market."""
    name = "since_in_markets" if market_ids else "since"
    return _read(conn, name, form=form, revision=revision, market_ids=list(market_ids), limit=limit)


def by_revisions(conn: Connection, revisions: Collection[int]) -> list[ExportRecord]:
    """Return records, oldest first."""
    return _read(conn, "by_revisions", revisions=list(revisions))


def take_stale(conn: Connection, limit: int) -> Sequence[tuple[MarketId, VendorId]]:
    """Take vendors whose credit record may read otherwise now, within the transaction that looks."""
    rows = conn.execute(_SQL["take_stale"], {"limit": limit}).fetchall()
    return sorted({(MarketId(market_id), VendorId(vendor_id)) for market_id, vendor_id in rows})


def all_stale(conn: Connection, market_id: MarketId) -> None:
    """Have every vendor of a market looked at."""
    conn.execute(_SQL["all_stale"], {"market_id": market_id})


def mark(conn: Connection, source: str) -> str:
    """Return how far a source was read; empty: not yet."""
    row = conn.execute(_SQL["mark"], {"source": source}).fetchone()
    return "" if row is None else str(row[0])


def set_mark(conn: Connection, source: str, value: str) -> None:
    """Note how far a source was read."""
    conn.execute(_SQL["set_mark"], {"source": source, "value": value})


def _read(conn: Connection, name: str, **values: object) -> list[ExportRecord]:
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SQL[name], values).fetchall()
    return [ExportRecord(**{**row, "form": ExportForm(row["form"])}) for row in rows]
