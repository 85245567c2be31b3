"""What a benchmark asks the database: how far a run is, what came out of it, and the reference it is held against."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg
from psycopg import Connection, sql

from db.queries import load
from domain.ids import MarketId, ScaleId, VendorId

_SQL = load("bench")
#: One of those that `fill_alerts` makes.
A_VENDOR = VendorId("V-7")
_STORE = load("weighings")
#: Binary COPY (PostgreSQL, COPY, "Binary Format"): signature, flags, no extension; and what ends the data.
_COPY_HEADER_BYTES = 19
_COPY_END = b"\xff\xff"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run left behind. `rows` less `distinct` were stored twice."""

    rows: int
    distinct: int
    over_cap: int
    alerted: int


def create_database(server_url: str, name: str) -> None:
    """Make an empty database on a server."""
    with psycopg.connect(server_url, autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def drop_database(server_url: str, name: str) -> None:
    """Remove a database, and end who still uses it."""
    with psycopg.connect(server_url, autocommit=True) as conn:
        conn.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def accounted(conn: Connection) -> int:
    """Return how many weighings the journals account for."""
    return _number(conn, "accounted")


def outcome(conn: Connection) -> Outcome:
    """Count what is stored."""
    rows, distinct = conn.execute(_SQL["stored"]).fetchone() or (0, 0)
    return Outcome(int(rows), int(distinct), _number(conn, "over_cap"), _number(conn, "alerted"))


def keeps_commit_times(conn: Connection) -> bool:
    """Say whether the server keeps when each transaction was committed (track_commit_timestamp)."""
    row = conn.execute(_SQL["keeps_commit_times"]).fetchone()
    return bool(row and row[0])


def commits(conn: Connection) -> list[tuple[datetime, datetime]]:
    """Return of each weighing when it was made and when it was committed."""
    return conn.execute(_SQL["commits"]).fetchall()


def commits_of(conn: Connection, scale_ids: Sequence[ScaleId]) -> list[tuple[datetime, datetime]]:
    """Return `commits` of some scales."""
    return conn.execute(_SQL["commits_of"], {"scale_ids": list(scale_ids)}).fetchall()


def taken(conn: Connection) -> int:
    """Return how many weighings were stored, and messages and weighings held, each as often as it came."""
    return _number(conn, "taken")


def alert_commits(conn: Connection) -> list[tuple[datetime, datetime]]:
    """Return of each weighing that an alert counts when it was made and when the alert was committed with it."""
    return conn.execute(_SQL["alert_commits"]).fetchall()


def copied_out(conn: Connection, batch_rows: int) -> list[bytes]:
    """Return all stored weighings as binary COPY data, `batch_rows` to a piece, each whole by itself."""
    with conn.cursor() as cursor, cursor.copy(_SQL["copy_out"]) as copy:
        return list(_pieces((bytes(data) for data in copy), batch_rows))


def _pieces(stream: Iterator[bytes], batch_rows: int) -> Iterator[bytes]:
    """The server sends one row a message: the first with the header before it, after the last the end."""
    header, rows = b"", list[bytes]()
    for data in stream:
        if not header:
            header, rest = data[:_COPY_HEADER_BYTES], data[_COPY_HEADER_BYTES:]
        else:
            rest = data
        if rest and rest != _COPY_END:
            rows.append(rest)
        if len(rows) == batch_rows:
            yield header + b"".join(rows) + _COPY_END
            rows = []
    if rows:
        yield header + b"".join(rows) + _COPY_END


def truncate(conn: Connection) -> None:
    """Remove every weighing."""
    conn.execute(_SQL["truncate"])


def store_pieces(conn: Connection, pieces: Sequence[bytes]) -> int:
    """Store COPY data, a transaction a piece, as the design defines the limit; return how many rows were new.

    COPY into the staging table, then INSERT … ON CONFLICT DO NOTHING RETURNING, every answer fetched.
    """
    stored = 0
    for piece in pieces:
        with conn.transaction(), conn.cursor() as cursor:
            cursor.execute(_STORE["create_staging"])
            with cursor.copy(_SQL["copy_in"]) as copy:
                copy.write(piece)
            cursor.execute(_STORE["store_staged"])
            stored += len(cursor.fetchall())
    return stored


def fill_weighings(
    conn: Connection, market_id: MarketId, *, first_day: datetime, days: int, a_day: int, scales: int
) -> None:
    """Store days of a market's trade as rows that look like real ones, each day's from `first_day`'s hour on.

    `a_day` is a multiple of `scales`, so that each scale's numbers have no gap.
    """
    if a_day % scales:
        raise ValueError(f"{a_day} weighings a day are not shared evenly by {scales} scales")
    parameters = {"market_id": market_id, "first_day": first_day, "days": days, "a_day": a_day, "scales": scales}
    conn.execute(_SQL["fill_weighings"], parameters)


def chunk_every(conn: Connection, interval: timedelta) -> None:
    """Have chunks of this length from now on; on a hypertable."""
    conn.execute(load("timescale")["set_chunk_interval"], {"interval": interval})


def chunks(conn: Connection) -> int:
    """Return how many chunks there are."""
    row = conn.execute(load("sizes")["chunks"], {"name": "weighings"}).fetchone()
    return int(row[0]) if row else 0


def analyze(conn: Connection) -> None:
    """Let the planner know what is stored."""
    conn.execute(load("sizes")["analyze"])


def settle(conn: Connection) -> None:
    """Bring the store to what it is after years of work, when autovacuum has been everywhere. `conn` is in autocommit.

    Just after a bulk load no page is marked as visible to all and no table of the offices has statistics, so the
    first minutes measure what no office ever sees.
    """
    conn.execute(_SQL["settle"])


def planned_and_run(conn: Connection, subject: str, name: str, parameters: Mapping[str, object]) -> tuple[float, float]:
    """Return in how many milliseconds a named query is planned, and run."""
    statement = b"EXPLAIN (ANALYZE, FORMAT JSON) " + load(subject)[name]
    row = conn.execute(statement, parameters).fetchone()
    if row is None:
        raise LookupError("EXPLAIN has no answer")
    plan = row[0][0]
    return float(plan["Planning Time"]), float(plan["Execution Time"])


def _number(conn: Connection, name: str) -> int:
    row = conn.execute(_SQL[name]).fetchone()
    return int(row[0]) if row else 0


def fill_alerts(conn: Connection, market_id: MarketId, *, alerts: int, vendors: int, now: datetime) -> None:
    """Make vendors and their alerts: one in fifty open, the others decided."""
    parameters = {"market_id": market_id, "alerts": alerts, "vendors": vendors, "now": now, "today": now.date()}
    conn.execute(_SQL["fill_vendors"], parameters)
    conn.execute(_SQL["fill_alerts"], parameters)


def open_alerts(conn: Connection, market_id: MarketId, limit: int) -> list[int]:
    """Return the ids of open alerts."""
    rows = conn.execute(_SQL["open_alerts"], {"market_id": market_id, "limit": limit})
    return [int(row[0]) for row in rows]
