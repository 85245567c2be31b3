"""The list of scores, page by page: the same order, scores and counts as reckoning every ledger."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import msgspec
import pytest
from psycopg import Connection

from credit.rules.shape import BonusName
from credit.scoring import cycle_of
from credit.standings import Standing, standings, standings_page
from db import credit, registry
from db.registry import Market
from domain.credit import CreditSource
from domain.ids import MarketId, VendorId
from tests.alert_acts import POLICIES
from tests.factories import NOW

#: Two of a kind and day count of one kind, and merits have their limits; of awards two a day and a limit.
RULES = msgspec.structs.replace(
    POLICIES.credit,
    deduction=tuple(
        msgspec.structs.replace(one, a_day=2 if one.kind == "tare_abuse" else 1) for one in POLICIES.credit.deduction
    ),
    recorded=tuple(
        msgspec.structs.replace(one, a_day=2 if one.name == "award" else 1) for one in POLICIES.credit.recorded
    ),
)
AWARD = "award"
CLEAN_MONTH = BonusName.CLEAN_MONTH.value
MARKETS = {MarketId("east"): "Asia/Shanghai", MarketId("west"): "America/New_York"}
VENDORS = 12
FACT: dict[str, Any] = {
    "recorded_at": NOW,
    "recorded_by": "m",
    "reason": "price_over_cap",
    "rule": "r",
    "rules_version": "1",
    "alert_id": None,
}
BEGINS = datetime.combine(cycle_of(NOW.date(), RULES)[0], datetime.min.time(), UTC)


def a_ledger(conn: Connection, market_id: MarketId, vendor_id: VendorId, random: Random) -> None:
    """Deductions and bonuses around the cycle's edges and on the day itself, some of them undone."""
    made: list[tuple[int, dict[str, Any]]] = []
    for _ in range(random.choice((0, 0, 1, 2, 14))):
        edge = random.choice((BEGINS, NOW, BEGINS + timedelta(days=20)))
        values: dict[str, Any] = {
            "market_id": market_id,
            "vendor_id": vendor_id,
            **FACT,
            "occurred_at": edge + timedelta(hours=random.randint(-30, 30)),
            "reason": random.choice(("price_over_cap", "tare_abuse", CLEAN_MONTH, AWARD)),
            "points": random.choice((-30, -6, -1)),
        }
        if values["reason"] == CLEAN_MONTH:
            values |= {"points": random.choice((1, 2)), "source": CreditSource.BONUS, "rule": f"merit {len(made)}"}
        elif values["reason"] == AWARD:
            values |= {"points": random.choice((2, 3)), "source": CreditSource.RECORD, "evidence": "d"}
        elif random.random() < 0.1:
            values["is_veto"] = True
        made.append((credit.append(conn, **values), values))
        if values["points"] < -1 and not values.get("is_veto") and random.random() < 0.6:
            repair = {**FACT, "reason": "repair", "source": CreditSource.REPAIR, "repairs": made[-1][0]}
            repair["points"] = random.randint(1, -values["points"])
            repair |= {key: values[key] for key in ("market_id", "vendor_id")}
            repair["occurred_at"] = values["occurred_at"] + timedelta(hours=random.randint(0, 40))
            made.append((credit.append(conn, **repair), repair))
    for event_id, values in random.sample(made, k=len(made) // 3):
        undoing = {"points": -values["points"], "reverses": event_id, "repairs": None, "is_veto": False}
        credit.append(conn, **{**values, **undoing})


@pytest.fixture(params=range(6))
def ledgers(conn: Connection, request: pytest.FixtureRequest) -> Connection:
    random = Random(request.param)
    for market_id, timezone in MARKETS.items():
        market = Market(market_id=market_id, name="m", area="a", channel="stall", timezone=timezone)
        registry.put_market(conn, market)
        for n in range(VENDORS):
            conn.execute("INSERT INTO vendors (market_id, vendor_id, name) VALUES (%s, %s, 'v')", [market_id, f"V-{n}"])
            a_ledger(conn, market_id, VendorId(f"V-{n}"), random)
    for vendor_id, points in ((VendorId("V-above"), 5), (VendorId("V-below"), -5)):
        conn.execute("INSERT INTO vendors (market_id, vendor_id, name) VALUES ('east', %s, 'v')", [vendor_id])
        credit.append(conn, **FACT, market_id=MarketId("east"), vendor_id=vendor_id, occurred_at=NOW, points=points)
    return conn


@pytest.mark.parametrize("market_id", [None, "east"])
@pytest.mark.parametrize("limit", [1, 5, 100])
def test_pages_of_the_list_are_the_list(ledgers: Connection, market_id: MarketId | None, limit: int) -> None:
    whole = standings(ledgers, market_id, rules=RULES, now=NOW)
    told: list[Standing] = []
    while True:
        page = standings_page(ledgers, market_id, rules=RULES, now=NOW, limit=limit, offset=len(told))
        assert page.total == len(whole)
        assert page.vendors_by_tier == Counter(one.score.tier.name for one in whole)
        if not page.lines:
            break
        assert len(page.lines) == min(limit, len(whole) - len(told))
        told += page.lines
    assert [(one.vendor, one.score) for one in told] == [(one.vendor, one.score) for one in whole]
    assert min(one.score.score for one in whole) < RULES.base < max(one.score.score for one in whole)


def test_of_no_market_there_is_no_line(ledgers: Connection) -> None:
    page = standings_page(ledgers, MarketId("nowhere"), rules=RULES, now=NOW, limit=10, offset=0)
    assert (page.lines, page.total) == ([], 0)
