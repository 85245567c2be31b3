"""What visits ask, as it was fixed when they began: written once, never changed."""

from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

from db.queries import load

_SQL = load("inspection_checklists")


def fix(conn: Connection, inspection_id: int, asked: Any, at: datetime) -> None:
    """Keep what a visit asks, as JSON; where it is kept already nothing happens."""
    conn.execute(_SQL["fix"], {"inspection_id": inspection_id, "asked": Jsonb(asked), "at": at})


def one(conn: Connection, inspection_id: int) -> Any | None:
    """Return what a visit asks, as it was kept, or None for one that has not begun."""
    row = conn.execute(_SQL["one"], {"inspection_id": inspection_id}).fetchone()
    return None if row is None else row[0]
