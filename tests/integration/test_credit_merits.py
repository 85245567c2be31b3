"""Merits of a month: counted once, added once, given back and added again as what they rest on is decided."""

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import psycopg
import pytest
from psycopg import Connection, errors

from credit.merits.duty import AddingMerits
from credit.scoring import score_at, standing
from db import credit, credit_merits, registry
from domain.credit import CreditEvent, CreditSource
from domain.ids import JournalId, MarketId, ScaleId, StallId, VendorId
from domain.weighing import WeighingKey
from tests.alert_acts import POLICIES
from tests.stored import Row, store_rows

MARKET = MarketId("m")
MONTH = date(2026, 11, 1)
DAYS = 30
#: In Shanghai it is noon, and the days of appeal after November are over.
NOW = datetime(2026, 12, 10, 4, 0, tzinfo=UTC)
RULES = POLICIES.credit
CALENDAR = POLICIES.supervision.working_calendar
A_DAY = timedelta(days=1)


def noon(day: int) -> datetime:
    """Noon in Shanghai on a day of November."""
    return datetime(2026, 11, 1, 4, 0, tzinfo=UTC) + (day - 1) * A_DAY


def weighed(n: int, vendor: str, moment: datetime) -> Row:
    body = f"{vendor} {moment}".encode()
    return {
        **WeighingKey(MARKET, ScaleId(f"S-{vendor}"), JournalId("j"), n, moment)._asdict(),
        "received_at": moment,
        "business_day": (moment + timedelta(hours=8)).date(),
        "stall_id": f"A-{vendor}",
        "vendor_id": vendor,
        "species_code": "F01",
        "grade": "",
        "plu": "",
        "name": "",
        "net_g": 1000,
        "clock_synced": True,
        "unit_price_fen": 100,
        "price_unit": "kg",
        "unit_price_fen_per_kg": 100,
        "amount_fen": 100,
        "paid_fen": 100,
        "verdict": "uncapped",
        "paid_verdict": "uncapped",
        "digest": b"d" * 32,
        "body": body,
    }


def trade(conn: Connection, days: dict[str, set[int]], *, held_from: dict[str, datetime] | None = None) -> None:
    """Vendors with a scale each (since a moment, usually since October), which weighs once on each of their days."""
    registry.put_market(conn, registry.Market(market_id=MARKET, name="m", area="a", channel="stall"))
    for vendor in days:
        since = (held_from or {}).get(vendor, noon(1) - 20 * A_DAY)
        registry.place_scale(
            conn,
            registry.Placement(
                market_id=MARKET,
                scale_id=ScaleId(f"S-{vendor}"),
                stall_id=StallId(f"A-{vendor}"),
                place="",
                vendor_id=VendorId(vendor),
                vendor_name=vendor,
                serial_number="",
                valid_from=since,
            ),
        )
    rows = [weighed(n, vendor, noon(n)) for vendor, of_vendor in days.items() for n in sorted(of_vendor)]
    store_rows(conn, rows)
    conn.commit()


def append(conn: Connection, vendor: str, points: int, at: datetime, **more: Any) -> int:
    values = {
        "market_id": MARKET,
        "vendor_id": VendorId(vendor),
        "occurred_at": at,
        "recorded_at": NOW,
        "recorded_by": "m",
        "reason": "price_over_cap",
        "points": points,
        "rule": "r",
        "rules_version": "1",
        "alert_id": None,
    }
    event_id = credit.append(conn, **{**values, **more})
    conn.commit()
    return event_id


def run(conn: Connection, now: datetime = NOW, **more: Any) -> None:
    conn.commit()
    conn.autocommit = True
    AddingMerits(RULES, CALENDAR, **more).run_once(conn, now)
    conn.autocommit = False


def ledger(conn: Connection, vendor: str) -> list[CreditEvent]:
    return credit.of_vendor(conn, MARKET, VendorId(vendor))


def merits(conn: Connection, vendor: str) -> dict[str, int]:
    return {one.reason: one.points for one in standing(ledger(conn, vendor)) if one.source is CreditSource.BONUS}


EVERY_DAY = set(range(1, DAYS + 1))


@pytest.fixture
def market(conn: Connection) -> Iterator[Connection]:
    yield conn
    conn.rollback()


def test_a_clean_month_and_a_scale_in_use_are_added_once_with_their_figures(market: Connection) -> None:
    trade(market, {"V-1": EVERY_DAY, "V-2": EVERY_DAY - {7, 8}, "V-3": set()})
    for _ in range(3):
        run(market)
    assert merits(market, "V-1") == {"clean_month": 1, "scale_use": 2}
    assert merits(market, "V-2") == {"clean_month": 1}, "28 of 30 days are 933 permille"
    assert merits(market, "V-3") == {}, "it did not trade at all"
    first = ledger(market, "V-1")[0]
    assert (first.rule, first.evidence) == ("bonus.clean_month 2026-11", "month=2026-11 used=30 held=30 traded=30")
    assert (first.occurred_at, first.recorded_by, first.rules_version) == (noon(DAYS), "system", RULES.version)
    assert len(ledger(market, "V-1")) == 2
    score = score_at(ledger(market, "V-1"), RULES, date(2026, 12, 10), "Asia/Shanghai")
    assert score.score == 103
    figures = credit_merits.figures_of(market, MARKET, VendorId("V-2"), MONTH)
    assert [(one.days_used, one.days_held, one.days_traded) for one in figures] == [(28, 30, 30)]


def test_before_the_days_of_appeal_are_over_nothing_is_said(market: Connection) -> None:
    trade(market, {"V-1": EVERY_DAY})
    run(market, datetime(2026, 12, 7, 4, 0, tzinfo=UTC))
    assert merits(market, "V-1") == {}
    run(market, datetime(2026, 12, 8, 4, 0, tzinfo=UTC))
    assert merits(market, "V-1") == {"clean_month": 1, "scale_use": 2}


@pytest.mark.parametrize(("days", "earned"), [(14, {}), (15, {"clean_month": 1, "scale_use": 2})])
def test_of_a_month_in_which_the_market_hardly_traded_nothing_is_said(
    market: Connection, days: int, earned: dict[str, int]
) -> None:
    trade(market, {"V-1": set(range(1, days + 1))})
    run(market)
    assert merits(market, "V-1") == earned


def test_days_without_a_scale_are_not_held_against_a_vendor_and_a_few_days_are_no_month(market: Connection) -> None:
    late, last = noon(10), noon(27)
    trade(
        market,
        {"V-1": EVERY_DAY, "V-2": set(range(11, 31)), "V-3": {28, 29, 30}},
        held_from={"V-2": late, "V-3": last},
    )
    run(market)
    assert merits(market, "V-2") == {"clean_month": 1, "scale_use": 2}
    assert merits(market, "V-3") == {"clean_month": 1}, "three days are fewer than the rules ask"


def test_a_deduction_of_the_month_takes_the_merit_back_and_its_overturning_gives_it_again(market: Connection) -> None:
    trade(market, {"V-1": EVERY_DAY, "V-2": EVERY_DAY})
    run(market)
    event_id = append(market, "V-1", -3, noon(12))
    run(market, NOW + A_DAY)
    assert merits(market, "V-1") == {"scale_use": 2}
    gone = ledger(market, "V-1")[-1]
    assert (gone.reason, gone.points, gone.source) == ("merit_withdrawn", -1, CreditSource.BONUS)
    append(market, "V-1", 3, noon(12), reverses=event_id, reason="overturned")
    run(market, NOW + 2 * A_DAY)
    assert merits(market, "V-1") == {"clean_month": 1, "scale_use": 2}
    assert score_at(ledger(market, "V-1"), RULES, date(2026, 12, 12), "Asia/Shanghai").score == 103
    assert len(ledger(market, "V-2")) == 2, "of others nothing changes"


def test_a_deduction_of_another_month_or_an_award_takes_nothing(market: Connection) -> None:
    trade(market, {"V-1": EVERY_DAY})
    append(market, "V-1", -3, datetime(2026, 10, 31, 15, 59, 59, tzinfo=UTC))
    append(market, "V-1", -3, datetime(2026, 11, 30, 16, 0, tzinfo=UTC))
    append(market, "V-1", 2, noon(3), reason="award", source=CreditSource.RECORD, evidence="e")
    run(market)
    assert merits(market, "V-1") == {"clean_month": 1, "scale_use": 2}


PROMISE = """INSERT INTO promises (market_id, vendor_id, alert_id, family, scope, text_zh, text_en, term_days, factor,
    charges_waived, policy_version, offered_at, offer_until, occurred_at, waived_kind, waived_points, waived_rule,
    rules_version, state, made_at, until)
  SELECT market_id, %(vendor)s, alert_id, 'f', '{price_over_cap}', 'z', 'e', 30, 2, true, '1', now(), now(), now(),
         'price_over_cap', -1, 'r', '1', 'kept', now(), %(until)s FROM alerts WHERE alert_id = %(alert_id)s
  RETURNING promise_id"""
ALERT = """INSERT INTO alerts (market_id, kind, scale_id, business_day, occurrences, first_at, last_at, opened_at,
    updated_at) VALUES ('m', 'unbound_scale', %s, %s, 1, now(), now(), now(), now()) RETURNING alert_id"""


def promise(conn: Connection, vendor: str, until: datetime, n: int = 1) -> int:
    made = conn.execute(ALERT, [f"S-{vendor}", date(2020, 1, n)]).fetchone()
    assert made is not None
    found = conn.execute(PROMISE, {"vendor": vendor, "until": until, "alert_id": made[0]}).fetchone()
    assert found is not None
    conn.commit()
    return int(found[0])


def break_it(conn: Connection, promise_id: int, *, breaks: bool) -> None:
    state, breakers = ("broken", "{1}") if breaks else ("kept", "{}")
    conn.execute(
        "UPDATE promises SET state = %s, breakers = %s::bigint[] WHERE promise_id = %s", [state, breakers, promise_id]
    )
    conn.commit()


def test_a_promise_kept_to_its_end_is_a_merit_of_the_month_in_which_it_ended(market: Connection) -> None:
    trade(market, {"V-1": {1}})
    first = promise(market, "V-1", datetime(2026, 11, 14, 16, 0, tzinfo=UTC), 1)
    promise(market, "V-1", datetime(2026, 11, 30, 16, 0, tzinfo=UTC), 2)
    promise(market, "V-1", datetime(2026, 12, 1, 16, 0, tzinfo=UTC), 3)
    run(market)
    stand = [one for one in standing(ledger(market, "V-1")) if one.reason == "promise_kept"]
    assert [one.promise_id for one in stand] == [first, first + 1]
    assert stand[0].rule == f"bonus.promise_kept promise {first}"
    assert [(one.occurred_at + timedelta(hours=8)).date().day for one in stand] == [14, 30]
    break_it(market, first, breaks=True)
    run(market, NOW + A_DAY)
    assert [one.promise_id for one in standing(ledger(market, "V-1")) if one.promise_id] == [first + 1]
    break_it(market, first, breaks=False)
    run(market, NOW + 2 * A_DAY)
    assert [one.promise_id for one in standing(ledger(market, "V-1")) if one.promise_id] == [first + 1, first]


def test_two_clerks_at_once_add_each_merit_once(market: Connection, database_url: str) -> None:
    trade(market, {f"V-{n}": EVERY_DAY for n in range(6)})
    failed: list[Exception] = []

    def work() -> None:
        with psycopg.connect(database_url, autocommit=True) as own:
            try:
                AddingMerits(RULES, CALENDAR, at_once=2).run_once(own, NOW)
            except Exception as error:  # noqa: BLE001 - whatever it is, the test tells it
                failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert failed == []
    for n in range(6):
        assert len(ledger(market, f"V-{n}")) == 2


def test_the_database_refuses_a_merit_that_stands(market: Connection) -> None:
    trade(market, {"V-1": {1}})
    line = {"reason": "clean_month", "source": CreditSource.BONUS, "rule": "bonus.clean_month 2026-11"}
    append(market, "V-1", 1, noon(30), **line)
    with pytest.raises(errors.UniqueViolation, match="stands already"):
        append(market, "V-1", 1, noon(30), **line)


def model(conn: Connection, vendor: str, used: set[int], traded: set[int]) -> set[tuple[str, int | None]]:
    """What a clerk with a pencil would write for November: from the days, the ledger and the promises."""
    events = ledger(conn, vendor)
    undone = {one.reverses for one in events}
    deducted = any(
        one.points < 0
        and one.reverses is None
        and one.repairs is None
        and one.event_id not in undone
        and (one.occurred_at + timedelta(hours=8)).date().month == MONTH.month
        for one in events
    )
    earned: set[tuple[str, int | None]] = set()
    if len(traded) >= 15 and used and not deducted:
        earned.add(("clean_month", None))
    if len(traded) >= 15 and len(used) * 1000 >= 950 * len(traded):
        earned.add(("scale_use", None))
    kept = conn.execute(
        "SELECT promise_id, until FROM promises WHERE vendor_id = %s AND state = 'kept'", [vendor]
    ).fetchall()
    for promise_id, until in kept:
        last = (until - timedelta(seconds=1) + timedelta(hours=8)).date()
        if (last.year, last.month) == (MONTH.year, MONTH.month):
            earned.add(("promise_kept", promise_id))
    return earned


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_decided_in_whatever_order_the_ledger_is_what_a_pencil_says(market: Connection, seed: int) -> None:
    random = Random(seed)
    days = {
        f"V-{n}": set(random.sample(sorted(EVERY_DAY), random.choice((0, 1, 13, 15, 27, 28, 29, 30)))) for n in range(5)
    }
    trade(market, days)
    traded = set().union(*days.values())
    deductions: list[tuple[str, int]] = []
    promises: list[tuple[int, bool]] = []
    for step in range(14):
        vendor = random.choice(sorted(days))
        what = random.choice(("deduct", "overturn", "promise", "break", "run"))
        if what == "deduct":
            at = noon(1) + random.randint(-40, 31 * 24) * timedelta(hours=1)
            deductions.append((vendor, append(market, vendor, -random.randint(1, 9), at)))
        elif what == "overturn" and deductions:
            vendor, event_id = deductions.pop(random.randrange(len(deductions)))
            append(market, vendor, 1, NOW, reverses=event_id, reason="overturned")
        elif what == "promise":
            until = datetime(2026, 11, 1, 16, 0, tzinfo=UTC) + random.randint(-2, 31) * A_DAY
            promises.append((promise(market, vendor, until, step + 1), False))
        elif what == "break" and promises:
            promise_id, is_broken = promises.pop()
            break_it(market, promise_id, breaks=not is_broken)
            promises.append((promise_id, not is_broken))
        else:
            run(market, NOW + step * A_DAY, at_once=random.choice((1, 2, 500)))
    run(market, NOW + 20 * A_DAY)
    for vendor, used in days.items():
        bonuses = [one for one in standing(ledger(market, vendor)) if one.source is CreditSource.BONUS]
        stand = [
            (one.reason, one.promise_id)
            for one in bonuses
            if (one.occurred_at + timedelta(hours=8)).date().month == MONTH.month
        ]
        assert len(stand) == len(set(stand))
        assert set(stand) == model(market, vendor, used, traded)
