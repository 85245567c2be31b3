"""A market with a year behind it, made up for measuring how fast its risk classes are computed."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from psycopg import Connection

from db.queries import load
from domain.ids import MarketId

_SQL: Final = load("bench_risk")


@dataclass(frozen=True, kw_only=True, slots=True)
class RiskSize:
    """How much there is. `month`: the one to be computed; the twelve before it were counted."""

    market_id: MarketId
    month: date
    vendors: int
    alerts: int


def fill(conn: Connection, size: RiskSize) -> None:
    """Make up everything but the weighings of the month."""
    values = {name: getattr(size, name) for name in size.__slots__}
    for statement in _SQL.values():
        conn.execute(statement, values)
