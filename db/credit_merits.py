"""Merits of months: what a month was, and which lines of the ledger follow from it, for a whole market at once."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from psycopg import Connection
from psycopg.rows import class_row

from db.queries import load
from domain.ids import MarketId, VendorId

_SQL = load("credit_merits")


@dataclass(frozen=True, kw_only=True, slots=True)
class Month:
    """A month of a market: from its first moment there to the first after it. `last_noon`: of its last day."""

    market_id: MarketId
    month: date
    since: datetime
    until: datetime
    last_noon: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Worth:
    """What merits are worth, side by side: `permille` of the days held, on so many `least_days` at least."""

    rules: tuple[str, ...]
    worth: tuple[int, ...]
    permille: tuple[int, ...]
    least_days: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """A vendor's month: of the days the market traded, on how many it held a scale and on how many it used one."""

    month: date
    days_held: int
    days_used: int
    days_traded: int


def counted(conn: Connection, market_id: MarketId, since: date) -> list[date]:
    """Return which months of a market are counted, from one on."""
    return [row[0] for row in conn.execute(_SQL["counted"], {"market_id": market_id, "since": since})]


def count_month(conn: Connection, month: Month, *, last: date, now: datetime) -> None:
    """Count the days of a month, once; `last`: its last day."""
    bounds = {"market_id": month.market_id, "since": month.since, "until": month.until}
    conn.execute(_SQL["count_month"], {**bounds, "first": month.month, "last": last, "now": now})


def vendors_to_settle(conn: Connection, month: Month, worth: Worth, *, limit: int) -> list[VendorId]:
    """Return vendors whose ledger is not what the month and their promises say."""
    return [row[0] for row in conn.execute(_SQL["vendors_to_settle"], {**_values(month, worth), "limit": limit})]


def settle(
    conn: Connection,
    month: Month,
    worth: Worth,
    vendors: Sequence[VendorId],
    *,
    rules_version: str,
    by: str,
    now: datetime,
) -> int:
    """Hold some vendors and bring their ledgers up to what is earned, within a transaction; return how many lines."""
    conn.execute(_SQL["hold_vendors"], {"market_id": month.market_id, "vendors": list(vendors)})
    values = {**_values(month, worth), "vendors": list(vendors), "rules_version": rules_version, "by": by, "now": now}
    return conn.execute(_SQL["settle"], values).rowcount


def figures_of(conn: Connection, market_id: MarketId, vendor_id: VendorId, since: date) -> list[Figures]:
    """Return a vendor's counted months, the newest first, from one on."""
    asked = {"market_id": market_id, "vendor_id": vendor_id, "since": since}
    with conn.cursor(row_factory=class_row(Figures)) as cursor:
        return cursor.execute(_SQL["figures_of"], asked).fetchall()


def _values(month: Month, worth: Worth) -> dict[str, object]:
    return asdict(month) | {name: list(values) for name, values in asdict(worth).items()}
