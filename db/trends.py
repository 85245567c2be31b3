"""What a market traded, and how fast, in spans of time on its own clock. All numbers are whole."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from psycopg import Connection

from db.queries import load
from domain.ids import MarketId, SpeciesCode

_SQL = load("trends")

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
MINUTE: Final = timedelta(minutes=1)
#: A sale is voided within the day, or it stands in the trend.
_VOIDED_WITHIN: Final = DAY


@dataclass(frozen=True, kw_only=True, slots=True)
class TradedPrices:
    """A species and grade in the span that begins at `since`. Prices in fen per `unit` (kg or piece), weight in grams.

    `lower`, `median` and `upper` are quartiles of the weighings' asked prices: each was really asked. They are None
    where the scales knew none of the prices.
    """

    since: datetime
    species_code: SpeciesCode
    grade: str
    unit: str
    weighings: int
    net_g: int
    paid_fen: int
    over_cap: int
    lower_fen: int | None
    median_fen: int | None
    upper_fen: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """How many weighings a market made in the span that begins at `since`."""

    since: datetime
    weighings: int


def prices(
    conn: Connection,
    market_id: MarketId,
    *,
    since: datetime,
    until: datetime,
    width: timedelta = HOUR,
    species: SpeciesCode | None = None,
) -> list[TradedPrices]:
    """Return what was traded from `since` until before `until`, in spans of `width`, the oldest first.

    A span begins where the market's clock is at a multiple of `width` (a day: at its midnight). Spans and species
    without a sale are left out; records that void a sale, and the sales they void, are none.
    """
    rows = conn.execute(
        _SQL["prices"],
        {
            "market_id": market_id,
            "since": since,
            "until": until,
            "voided_until": until + _VOIDED_WITHIN,
            "width": width,
            "species_code": species,
        },
    )
    return [
        TradedPrices(
            since=row[0],
            species_code=SpeciesCode(row[1]),
            grade=row[2],
            unit=row[3],
            weighings=row[4],
            net_g=row[5],
            paid_fen=row[6],
            over_cap=row[7],
            lower_fen=lower,
            median_fen=median,
            upper_fen=upper,
        )
        for row in rows
        for lower, median, upper in [row[8] or (None, None, None)]
    ]


def pace(
    conn: Connection, market_id: MarketId, *, since: datetime, until: datetime, width: timedelta = MINUTE
) -> list[Pace]:
    """Return how many weighings a market made in each span of `width` in which it made any, the oldest first."""
    parameters = {"market_id": market_id, "since": since, "until": until, "width": width}
    return [Pace(since=row[0], weighings=row[1]) for row in conn.execute(_SQL["pace"], parameters)]
