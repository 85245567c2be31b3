"""What was sold on a day, with how it was judged, for whoever judges it in another way."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from psycopg import Connection
from psycopg.rows import args_row

from db.queries import load
from domain.ids import MarketId

_SQL = load("judged_weighings")
_ROWS_A_TIME: Final = 20_000


class JudgedSale(NamedTuple):
    """A sale and its judgement. `judged_us`: the moment it is judged by, microseconds since 1970 (UTC).

    `per_kg_fen` means nothing where `by_piece`; `pieces` is 0 where unknown.
    """

    market_id: str
    vendor_id: str | None
    species_code: str
    grade: str
    name: str
    judged_us: int
    net_g: int
    pieces: int
    unit_price_fen: int
    per_kg_fen: int
    by_piece: bool
    paid_fen: int
    is_over: bool
    overcharge_fen: int


def of_day(
    conn: Connection, markets: Sequence[MarketId], day: date, since: datetime, until: datetime
) -> Iterator[list[JudgedSale]]:
    """Yield the sales of a business day of some markets, a part at a time; it began before `until`, after `since`."""
    asked = {"market_ids": list(markets), "day": day, "since": since, "until": until}
    with conn.cursor("judged_of_day", row_factory=args_row(JudgedSale)) as cursor:
        cursor.execute(_SQL["judged_of_day"], asked)
        while rows := cursor.fetchmany(_ROWS_A_TIME):
            yield rows
