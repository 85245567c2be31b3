"""Files that the register is filled from, between the look at them and their application."""

from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import class_row

from db.queries import load
from domain.ids import MarketId

_SQL = load("registry_imports")


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingFile:
    """A file that waits to be applied."""

    kind: str
    market_id: MarketId
    name: str
    content: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class AppliedFile:
    """A file that was applied: what it did, by whom."""

    import_id: int
    kind: str
    market_id: MarketId
    name: str
    applied_by: str
    applied_at: datetime
    added: int
    changed: int
    unchanged: int


def hold_market(conn: Connection, market_id: MarketId) -> None:
    """Hold a market until the transaction ends, before thousands of rows of it are written, each in a savepoint."""
    conn.execute(_SQL["hold_market"], {"market_id": market_id})


def put(conn: Connection, file: WaitingFile, *, by: str, at: datetime) -> int:
    """Keep a file; return its import_id."""
    values = {"kind": file.kind, "market_id": file.market_id, "name": file.name, "content": file.content}
    row = conn.execute(_SQL["insert"], {**values, "by": by, "at": at}).fetchone()
    if row is None:
        raise LookupError("INSERT … RETURNING gave no import_id")
    return int(row[0])


def forget_looked_at(conn: Connection, before: datetime) -> int:
    """Delete the files that were uploaded before a moment and never applied; return how many."""
    return conn.execute(_SQL["forget_old"], {"before": before}).rowcount


def waiting(conn: Connection, import_id: int, *, by: str) -> WaitingFile | None:
    """Return a file that its own uploader has not applied yet, held until the transaction ends."""
    row = conn.execute(_SQL["waiting"], {"import_id": import_id, "by": by}).fetchone()
    return None if row is None else WaitingFile(kind=row[0], market_id=row[1], name=row[2], content=bytes(row[3]))


def applied(
    conn: Connection, import_id: int, *, by: str, at: datetime, added: int, changed: int, unchanged: int
) -> None:
    """Note what a file did, and forget what stood in it."""
    values = {"import_id": import_id, "by": by, "at": at, "added": added, "changed": changed, "unchanged": unchanged}
    conn.execute(_SQL["applied"], values)


def listed(conn: Connection, market_id: MarketId | None, *, limit: int = 20) -> list[AppliedFile]:
    """Return the files that were applied, the newest first."""
    with conn.cursor(row_factory=class_row(AppliedFile)) as cursor:
        return cursor.execute(_SQL["listed"], {"market_id": market_id, "limit": limit}).fetchall()
