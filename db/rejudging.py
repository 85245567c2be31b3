"""What is to be judged again, how far that has come, and the stored weighings it is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from psycopg import Connection
from psycopg.rows import dict_row

from db.column_arrays import column_cursor
from db.queries import load
from db.weighing_columns import WeighingColumns, judgement_data
from domain.alert import RejudgedBecause
from domain.ids import MarketId

_SQL = load("rejudging")
_EARLIEST: Final = "-infinity"
_NEVER: Final = "infinity"
#: A slice of what is rare would otherwise be looked for through years, in one statement.
_MOST_AT_ONCE: Final = timedelta(days=7)

#: Stored weighings by column name: see `slice` in db/sql/rejudging.sql. Numbers and moments (microseconds since 1970,
#: UTC) are arrays, texts lists.
StoredColumns = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """Weighings to judge again, and how far that has come. `since`, `until`: as PostgreSQL writes moments."""

    rejudgement_id: int
    cause: RejudgedBecause
    about: str
    since: str | None
    until: str | None
    area: str | None
    channel: str | None
    market_id: MarketId | None
    scale_id: str | None
    vendor_id: str | None
    species_codes: list[str] | None
    names: list[str] | None
    started_at: datetime | None
    at_market: MarketId | None
    by_arrival: bool
    reached: datetime | None

    @property
    def filters(self) -> dict[str, object]:
        """Which weighings of a market, whenever they were made."""
        return {
            "scale_id": self.scale_id,
            "vendor_id": self.vendor_id,
            "species_codes": self.species_codes,
            "names": self.names,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """Where a request goes on, and what its last slice came to. `at_market` None with `finished_at`: it is done."""

    at_market: MarketId | None
    by_arrival: bool = False
    reached: datetime | None = None
    looked_at: int = 0
    changed: int = 0
    raised: int = 0
    withdrawn: int = 0
    finished_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rejudgement:
    """A request as a page shows it. Times aware; None: without an end, or not yet."""

    rejudgement_id: int
    cause: RejudgedBecause
    about: str
    since: datetime | None
    until: datetime | None
    area: str | None
    channel: str | None
    market_id: str | None
    scale_id: str | None
    vendor_id: str | None
    species_codes: list[str] | None
    names: list[str] | None
    requested_at: datetime
    requested_by: str
    started_at: datetime | None
    finished_at: datetime | None
    expected: int
    looked_at: int
    changed: int
    raised: int
    withdrawn: int

    @property
    def is_waiting(self) -> bool:
        """Whether somebody still has to do it, or is at it."""
        return self.finished_at is None


def try_to_rejudge(conn: Connection) -> bool:
    """Say whether nobody else judges again just now; the place is held until the transaction ends."""
    row = conn.execute(_SQL["try_to_rejudge"]).fetchone()
    return bool(row and row[0])


def request(
    conn: Connection,
    *,
    market_id: MarketId | None,
    since: datetime | None,
    until: datetime | None,
    by: str,
    now: datetime,
    scale_id: str | None = None,
    vendor_id: str | None = None,
) -> int:
    """Ask by hand that weighings be judged again; return the request's number."""
    values = {"market_id": market_id, "scale_id": scale_id, "vendor_id": vendor_id, "since": since, "until": until}
    row = conn.execute(_SQL["request"], {**values, "about": by, "by": by, "now": now}).fetchone()
    if row is None:
        raise LookupError("INSERT … RETURNING gave no rejudgement_id")
    return int(row[0])


def next_request(conn: Connection) -> Request | None:
    """Return the oldest request that is not done, held for the length of the transaction."""
    with conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_SQL["next"]).fetchone()
    return None if row is None else Request(**{**row, "cause": RejudgedBecause(row["cause"])})


def markets_of(conn: Connection, asked: Request) -> list[MarketId]:
    """Return the markets a request is about, in the order they are looked at."""
    parameters = {"market_id": asked.market_id, "area": asked.area, "channel": asked.channel}
    return [MarketId(row[0]) for row in conn.execute(_SQL["markets"], parameters)]


def begin(conn: Connection, asked: Request, markets: Sequence[MarketId], now: datetime) -> None:
    """Note that a request is begun, and about how many weighings it is; 0 for names, which nothing is ordered by."""
    if asked.names is not None or asked.species_codes is not None:
        conn.execute(_SQL["begin"], {"rejudgement_id": asked.rejudgement_id, "now": now, "expected": 0})
        return
    span = {"since": asked.since or _EARLIEST, "until": asked.until or _NEVER}
    row = conn.execute(_SQL["expected"], {**asked.filters, **span, "markets": list(markets)}, prepare=False).fetchone()
    expected = int(row[0]) if row else 0
    conn.execute(_SQL["begin"], {"rejudgement_id": asked.rejudgement_id, "now": now, "expected": expected})


def slice_of(
    conn: Connection, asked: Request, market_id: MarketId, *, by_arrival: bool, reached: datetime | None, size: int
) -> tuple[StoredColumns | None, datetime | None]:
    """Return the next weighings of a market and where the rest begins; None: there are none.

    About `size` of them, of a week at most. Those of the same moment are never parted.
    """
    values = {
        **asked.filters,
        "market_id": market_id,
        "by_arrival": by_arrival,
        "since": asked.since or _EARLIEST if reached is None else reached,
        "until": asked.until or _NEVER,
    }
    first = conn.execute(_SQL["slice_begin"], {**values, "most": _MOST_AT_ONCE}, prepare=False).fetchone()
    if first is None:
        return None, None
    horizon, is_more = first
    row = conn.execute(_SQL["slice_end"], {**values, "until": horizon, "size": size}, prepare=False).fetchone()
    end: datetime | None = row[0] if row is not None else horizon if is_more else None
    if end is not None and end == reached:
        row = conn.execute(_SQL["after"], {"moment": end}).fetchone()
        end = None if row is None else row[0]
    with_body = asked.names is not None or asked.species_codes is not None
    slice_values = {**values, "until": values["until"] if end is None else end, "with_body": with_body}
    with column_cursor(conn) as cursor:
        found = cursor.execute(_SQL["slice"], slice_values, prepare=False).fetchone()
    return (None if found is None or found["seq"] is None else found), end


def write(
    conn: Connection,
    market_id: MarketId,
    judged: WeighingColumns,
    rows: NDArray[np.int64],
    span: tuple[datetime, datetime],
) -> None:
    """Write what some weighings of a market, made within `span`, were judged to. To be called in a transaction."""
    conn.execute(_SQL["make_changes"])
    conn.execute(_SQL["forget_changes"])
    with conn.cursor() as cursor, cursor.copy(_SQL["copy_changes"]) as copy:
        copy.write(judgement_data(judged, rows))
    values = {"market_id": market_id, "earliest": span[0], "latest": span[1]}
    conn.execute(_SQL["write_changes"], values, prepare=False)


def note_progress(conn: Connection, rejudgement_id: int, progress: Progress) -> None:
    """Keep how far a request has come."""
    values = {one.name: getattr(progress, one.name) for one in fields(Progress)}
    conn.execute(_SQL["note_progress"], {**values, "rejudgement_id": rejudgement_id})


def recent(
    conn: Connection,
    market_id: MarketId | None = None,
    *,
    cause: RejudgedBecause | None = None,
    about: str | None = None,
    limit: int = 20,
) -> list[Rejudgement]:
    """Return the newest requests that touch a market, for a cause, about something (None: any)."""
    parameters = {"market_id": market_id, "cause": cause, "about": about, "limit": limit}
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SQL["recent"], parameters).fetchall()
    return [Rejudgement(**{**row, "cause": RejudgedBecause(row["cause"])}) for row in rows]


def count_waiting(conn: Connection) -> int:
    """Return how many requests are not done."""
    row = conn.execute(_SQL["count_waiting"]).fetchone()
    return int(row[0]) if row else 0
