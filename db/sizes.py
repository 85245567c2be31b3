"""How much disk the tables take, and how much of it one weighing."""

from dataclasses import dataclass
from typing import Final

from psycopg import Connection

from db import timescale
from db.queries import load

_SQL = load("sizes")
WEIGHINGS: Final = "weighings"
#: What grows with the trade, beside the weighings themselves.
TABLES: Final = (WEIGHINGS, "journals", "alerts", "alert_weighings", "quarantine", "credit_events")


@dataclass(frozen=True, kw_only=True, slots=True)
class TableSize:
    """A table's disk in bytes. `rows` is what the statistics say, exact enough for a mean."""

    name: str
    rows: int
    table_bytes: int
    index_bytes: int
    chunks: int | None = None
    compressed_chunks: int | None = None

    @property
    def total_bytes(self) -> int:
        """Rows and indexes together."""
        return self.table_bytes + self.index_bytes

    @property
    def bytes_a_row(self) -> float | None:
        """What one row takes, with its share of the indexes; None of an empty table."""
        return self.total_bytes / self.rows if self.rows else None


def sizes(conn: Connection) -> list[TableSize]:
    """Return the sizes of the tables that grow; their statistics are renewed first."""
    conn.execute(_SQL["analyze"])
    has_timescale = timescale.detect(conn).timescale_version is not None
    return [_size(conn, name, has_timescale=has_timescale) for name in TABLES]


def _size(conn: Connection, name: str, *, has_timescale: bool) -> TableSize:
    parameters = {"name": name}
    if has_timescale and _one(conn, "is_hypertable", parameters)[0]:
        table, index, rows = _one(conn, "hypertable", parameters)
        chunks, compressed = _one(conn, "chunks", parameters)
        return TableSize(
            name=name,
            rows=int(rows),
            table_bytes=int(table),
            index_bytes=int(index),
            chunks=int(chunks),
            compressed_chunks=int(compressed),
        )
    table, index, rows = _one(conn, "plain_table", parameters)
    return TableSize(name=name, rows=max(0, int(rows)), table_bytes=int(table), index_bytes=int(index))


def _one(conn: Connection, statement: str, parameters: dict[str, str]) -> tuple[int, ...]:
    row = conn.execute(_SQL[statement], parameters).fetchone()
    if row is None:
        raise LookupError(f"{parameters['name']} is not there: has `steelyard migrate` run?")
    return row
