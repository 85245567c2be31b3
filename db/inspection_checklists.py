"""What visits ask, as it was fixed when they began: written once, never changed."""

from collections.abc import Collection
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
    return several(conn, [inspection_id]).get(inspection_id)


def several(conn: Connection, inspection_ids: Collection[int]) -> dict[int, Any]:
    """Return what visits ask, as it was kept, by inspection_id; one that has not begun is not in it."""
    return dict(conn.execute(_SQL["several"], {"inspection_ids": list(inspection_ids)}).fetchall())
