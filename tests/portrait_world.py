"""A market whose vendors sold for weeks, written down as it would be found: for tests of portraits."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any, Final

from psycopg import Connection

from credit.portrait.making import make_portraits
from credit.portrait.policy import PortraitPolicy, read_portrait_policy
from db import registry
from db.registry import Market, Placement
from domain.ids import JournalId, MarketId, ScaleId, StallId, VendorId
from domain.portrait import PortraitsMade
from domain.weighing import WeighingKey
from steelyard.resources import policy_directory
from tests.stored import Row, store_rows

POLICY: Final[PortraitPolicy] = read_portrait_policy(policy_directory() / "portrait.toml")
MARKET: Final = MarketId("wanning-2")
LAST: Final = date(2026, 11, 21)
SINCE: Final = LAST - timedelta(days=7 * POLICY.span.weeks - 1)
#: The night after the last day, when it is counted.
NIGHT: Final = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
CAP_FEN: Final = 10_000
GOODS: Final = {"F01": "fish", "C01": "crab"}
_LONG_AGO: Final = datetime(2025, 1, 1, tzinfo=UTC)
_seqs = count(1)


@dataclass(frozen=True, kw_only=True)
class Sale:
    """A sale of a vendor on a day, at an hour of the market's clock."""

    vendor: str
    day: date
    hour: int = 9
    species: str = "F01"
    net_g: int = 500
    price_fen: int = 5_000
    voids_seq: int | None = None
    seq: int | None = None
    received_at: datetime | None = None


def open_market(conn: Connection, market_id: MarketId = MARKET, timezone: str = "Asia/Shanghai") -> Market:
    """A market with goods and nobody in it."""
    market = Market(market_id=market_id, name="万宁东澳市场", area="wanning", channel="stall", timezone=timezone)
    registry.put_market(conn, market)
    for code, category in GOODS.items():
        conn.execute(
            "INSERT INTO species (species_code, name_zh, category) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            [code, code, category],
        )
    return market


def settle(
    conn: Connection, vendors: Iterable[str], *, market_id: MarketId = MARKET, since: datetime = _LONG_AGO
) -> None:
    """Give each vendor a stall and a scale of its own."""
    for vendor in vendors:
        placement = Placement(
            market_id=market_id,
            scale_id=ScaleId(f"S-{vendor}"),
            stall_id=StallId(f"A-{vendor}"),
            place="",
            vendor_id=VendorId(vendor),
            vendor_name=f"商户 {vendor}",
            serial_number="",
            valid_from=since,
        )
        registry.place_scale(conn, placement)


def sell(conn: Connection, sales: Iterable[Sale], *, market_id: MarketId = MARKET) -> list[int]:
    """Store sales as ingest does; return their numbers."""
    rows = [_row(one, market_id) for one in sales]
    store_rows(conn, rows)
    return [row["seq"] for row in rows]


def trade(
    conn: Connection, vendor: str, *, days: Iterable[date], a_day: int = 2, near: int = 0, over: int = 0, **sale: Any
) -> None:
    """Let a vendor sell so often on each day; on each, `near` of the sales near the cap and `over` above it."""
    prices = [9_600] * near + [11_000] * over + [5_000] * (a_day - near - over)
    sell(conn, [Sale(vendor=vendor, day=day, price_fen=price, **sale) for day in days for price in prices])


def weekdays(since: date = SINCE, last: date = LAST, *, every: int = 1) -> list[date]:
    """Return every so many days."""
    return [since + timedelta(days=n) for n in range(0, (last - since).days + 1, every)]


def make(conn: Connection, market: Market, *, last: date = LAST, now: datetime = NIGHT) -> PortraitsMade:
    """Make the portraits as the clerk does, and commit."""
    made = make_portraits(conn, market, last, POLICY, now)
    conn.commit()
    return made


def _row(sale: Sale, market_id: MarketId) -> Row:
    seq = sale.seq or next(_seqs)
    at = datetime(sale.day.year, sale.day.month, sale.day.day, tzinfo=UTC) + timedelta(
        hours=sale.hour - 8, microseconds=seq
    )
    key = WeighingKey(market_id, ScaleId(f"S-{sale.vendor}"), JournalId("j"), seq, at)
    body = str(key).encode()
    is_void = sale.voids_seq is not None
    verdict = None if is_void else "over" if sale.price_fen > CAP_FEN else "within"
    return {
        **key._asdict(),
        "received_at": sale.received_at or at,
        "business_day": sale.day,
        "stall_id": f"A-{sale.vendor}",
        "vendor_id": sale.vendor,
        "species_code": sale.species,
        "grade": "",
        "plu": "",
        "name": sale.species,
        "net_g": sale.net_g,
        "stable": True,
        "clock_synced": True,
        "unit_price_fen": sale.price_fen,
        "price_unit": "kg",
        "unit_price_fen_per_kg": sale.price_fen,
        "amount_fen": sale.net_g * sale.price_fen // 1000,
        "paid_fen": sale.net_g * sale.price_fen // 1000,
        "voids_seq": sale.voids_seq,
        "verdict": verdict,
        "paid_verdict": verdict,
        "cap_list_id": 1,
        "cap_unit": "kg",
        "cap_fen": CAP_FEN,
        "excess_fen": max(0, sale.price_fen - CAP_FEN) if verdict == "over" else 0,
        "overcharge_fen": 0,
        "digest": hashlib.sha256(body).digest(),
        "body": body,
    }
