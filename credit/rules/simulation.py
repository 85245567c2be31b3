"""Reads the ledgers for a simulation: the thin shell around it."""

from collections.abc import Iterator
from datetime import date

from psycopg import Connection

from credit.rules.book import rulebook
from credit.rules.shape import CreditRules
from credit.rules.simulating import Simulation, Subject, simulate
from db import credit_ledgers
from domain.ids import MarketId


def simulation_of(
    conn: Connection,
    proposed: CreditRules,
    *,
    shipped: CreditRules,
    first: date,
    last: date,
    market_id: MarketId | None = None,
) -> Simulation:
    """Simulate rules on the ledgers of a market (None: of all), from `first` to `last`. Reads only."""
    book = rulebook(conn, shipped)
    return simulate(_subjects(conn, market_id), book, proposed, first=first, last=last)


def _subjects(conn: Connection, market_id: MarketId | None) -> Iterator[Subject]:
    for of_market, of_vendor, timezone, ledger in credit_ledgers.whole(conn, market_id):
        yield Subject(market_id=of_market, vendor_id=of_vendor, timezone=timezone, ledger=ledger)
