"""Ledgers of a city's vendors, made up for `steelyard bench credit`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg import Connection

from db.queries import load
from domain.ids import MarketId, VendorId

_SQL: Final = load("bench_credit")


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgersSize:
    """How many vendors, and how many lines of a year their ledgers have together."""

    vendors: int
    lines: int
    markets: int
    now: datetime


def fill(conn: Connection, size: LedgersSize) -> None:
    """Make up markets, vendors and ledgers, of which a twentieth was given back."""
    values = {"vendors": size.vendors, "lines": size.lines, "markets": size.markets, "now": size.now}
    with conn.transaction():
        for name in ("markets", "vendors", "lines", "undone"):
            conn.execute(_SQL[name], values)


def some_vendors(conn: Connection, limit: int) -> list[tuple[MarketId, VendorId]]:
    """Return vendors from all over the list."""
    return conn.execute(_SQL["some_vendors"], {"limit": limit}).fetchall()
