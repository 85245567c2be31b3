"""What each vendor sold on each business day: counted once of the weighings, so that no page reads those."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple

from psycopg import Connection
from psycopg.rows import class_row

from db.queries import load
from domain.ids import MarketId, VendorId
from domain.portrait import VendorDay

_SQL = load("vendor_days")
#: A market's day lies within a day before and after the same day of UTC, whatever the zone.
_A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Days:
    """From which business day of a market to which."""

    market_id: MarketId
    since: date
    until: date

    @property
    def parameters(self) -> dict[str, object]:
        """What statements call them."""
        return {"market_id": self.market_id, "since": self.since, "until": self.until}


class Sold(NamedTuple):
    """What a vendor sold of a category in a week; 0 is the first of the days asked for. Grams.

    `category` "": of goods that nobody knows. `days`: on which days of the week, the lowest bit is the first.
    """

    vendor_id: VendorId
    week: int
    category: str
    days: int
    sales: int
    net_g: int
    capped: int
    near_cap: int
    over_cap: int


def hold_market(conn: Connection, market_id: MarketId) -> None:
    """Wait until nobody else counts or compares a market's vendors, and keep others out until the transaction ends."""
    conn.execute(_SQL["hold_market"], {"market_id": market_id})


def to_count(conn: Connection, days: Days, *, near_permille: int, again_from: date, now: datetime) -> list[date]:
    """Return which of the days are to be counted, the oldest first.

    Those never counted, or by another nearness to the cap, or judged again since; the last two; and from `again_from`
    on those that weighings arrived for since. Days whose weighings were let go keep the count they have.
    """
    values = {**days.parameters, "near_permille": near_permille, "again_from": again_from, "now": now}
    return [row[0] for row in conn.execute(_SQL["days_to_count"], values)]


def count_day(conn: Connection, market_id: MarketId, day: date, *, near_permille: int, now: datetime) -> None:
    """Count a market's business day anew, within the caller's transaction, who holds the market."""
    midnight = datetime.combine(day, time(), UTC)
    values = {
        "market_id": market_id,
        "day": day,
        "since": midnight - _A_DAY,
        "until": midnight + 2 * _A_DAY,
        "voided_until": midnight + 3 * _A_DAY,
        "near_permille": near_permille,
        "now": now,
    }
    for name in ("forget_day", "count_day", "note_counted"):
        conn.execute(_SQL[name], values)


def forget_before(conn: Connection, market_id: MarketId, before: date) -> None:
    """Remove what was counted of a market's days before one, within the caller's transaction, who holds the market."""
    for name in ("forget_old", "forget_old_counts"):
        conn.execute(_SQL[name], {"market_id": market_id, "before": before})


def trading_days(conn: Connection, days: Days) -> list[date]:
    """Return on which of the days, as far as they were counted, anybody of the market sold anything."""
    return [row[0] for row in conn.execute(_SQL["trading_days"], days.parameters)]


def sold(conn: Connection, days: Days) -> list[Sold]:
    """Return what each vendor sold in each week of the days, by category; weeks without a sale are left out."""
    return [Sold(*row) for row in conn.execute(_SQL["sold"], days.parameters)]


def of_vendor(conn: Connection, vendor_id: VendorId, days: Days) -> list[VendorDay]:
    """Return what a vendor sold on each of the days on which it sold anything, the oldest first."""
    with conn.cursor(row_factory=class_row(VendorDay)) as cursor:
        return cursor.execute(_SQL["of_vendor"], {**days.parameters, "vendor_id": vendor_id}).fetchall()
