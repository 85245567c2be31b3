"""The tables that catalogues are read from."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

from db.queries import load

_SQL = load("item_files")


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredTable:
    """A table, and what it is to be as that was given."""

    name: str
    content: bytes
    asked: dict[str, Any]


def put(conn: Connection, name: str, content: bytes, asked: dict[str, str], *, by: str, at: datetime) -> int:
    """Keep a table; return its file_id."""
    values = {"name": name, "content": content, "asked": Jsonb(asked), "by": by, "at": at}
    row = conn.execute(_SQL["put"], values).fetchone()
    if row is None:
        raise LookupError("INSERT … RETURNING gave no file_id")
    return int(row[0])


def looked_at(conn: Connection, file_id: int, *, by: str) -> StoredTable | None:
    """Return a table that its own uploader has not made a draft of yet, held until the transaction ends."""
    row = conn.execute(_SQL["looked_at"], {"file_id": file_id, "by": by}).fetchone()
    return None if row is None else StoredTable(name=row[0], content=bytes(row[1]), asked=row[2])


def became(conn: Connection, file_id: int, catalogue_id: int) -> None:
    """Note which version a table became."""
    conn.execute(_SQL["became"], {"file_id": file_id, "catalogue_id": catalogue_id})


def of_catalogue(conn: Connection, catalogue_id: int) -> tuple[str, bytes] | None:
    """Return the name and the bytes of the table that a version was read from; None where it was not read from one."""
    row = conn.execute(_SQL["of_catalogue"], {"catalogue_id": catalogue_id}).fetchone()
    return None if row is None else (row[0], bytes(row[1]))


def name_of(conn: Connection, catalogue_id: int) -> str | None:
    """Return the name of the table that a version was read from, or None."""
    row = conn.execute(_SQL["name_of"], {"catalogue_id": catalogue_id}).fetchone()
    return None if row is None else str(row[0])


def forget_looked_at(conn: Connection, before: datetime) -> int:
    """Delete the tables that were uploaded before a moment and became no draft; return how many."""
    return conn.execute(_SQL["forget_looked_at"], {"before": before}).rowcount
