"""How long weighings are kept, and letting go of those that are older: never of what an alert still needs."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg import Connection
from psycopg.rows import class_row

from db import timescale
from db.queries import load
from domain.ids import MarketId

_SQL = load("keeping")


@dataclass(frozen=True, kw_only=True, slots=True)
class Keeping:
    """What the operator decided. None: all weighings are kept; none is compressed."""

    keep_days: int | None
    compress_after_days: int | None
    last_run_at: datetime | None

    @property
    def compress_after(self) -> timedelta | None:
        """How old a chunk is when it is compressed."""
        return None if self.compress_after_days is None else timedelta(days=self.compress_after_days)


@dataclass(frozen=True, kw_only=True, slots=True)
class DuePortion:
    """Weighings of a span of time (of a market; None: of all) that are older than they are to be kept.

    `why_kept` says why they stay all the same: 'undecided_alert', or 'arrived_lately'. `alerted` of them are what
    alerts are about, and are set aside before the others go.
    """

    market_id: MarketId | None
    since: datetime
    until: datetime
    weighings: int
    alerted: int
    why_kept: str | None


def read(conn: Connection) -> Keeping:
    """Return what was decided; where nothing was, everything is kept."""
    with conn.cursor(row_factory=class_row(Keeping)) as cursor:
        found = cursor.execute(_SQL["read"]).fetchone()
    if found is None:
        raise LookupError("the table keeping has lost its row")
    return found


def set_keep_days(conn: Connection, days: int | None) -> None:
    """Keep weighings for so many days after they were made and arrived; None: for ever."""
    conn.execute(_SQL["set_keep_days"], {"days": days})


def set_compress_after(conn: Connection, days: int | None) -> None:
    """Compress chunks when they are so many days old, where the licence allows; None: never. `migrate` applies it."""
    conn.execute(_SQL["set_compress_after"], {"days": days})


def due(conn: Connection, keep_days: int, now: datetime) -> list[DuePortion]:
    """Return what is older than it is to be kept, portion by portion as it would go, the oldest first."""
    statement = "due_chunks" if timescale.detect(conn).timescale_version else "due_days"
    with conn.cursor(row_factory=class_row(DuePortion)) as cursor:
        return cursor.execute(_SQL[statement], {"horizon": now - timedelta(days=keep_days)}).fetchall()


def let_go(conn: Connection, now: datetime, *, tell: Callable[[str], None], slice_rows: int = 5000) -> None:
    """Let go what is older than it is to be kept, and `tell` of each portion that went.

    `conn` is in autocommit: each portion is a transaction of its own (a plain table's, several of `slice_rows` rows).
    """
    conn.add_notice_handler(lambda notice: tell(notice.message_primary or ""))
    config = json.dumps({"now": now.isoformat(), "slice": slice_rows})
    conn.execute(_SQL["let_go"], {"config": config})
