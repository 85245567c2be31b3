"""Risk classes of a market's vendors: counted from what is stored, once a month, and what holds when."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from psycopg import Connection

from credit.risk.computing import compute
from db import inspectors, risk_classes
from domain.alert import AlertKind, AlertState, Severity
from domain.errors import FieldRefused, NotFound
from domain.ids import MarketId, VendorId
from domain.risk import ClassedBecause, DataBasis, Turn
from domain.supervision_item import RiskClass
from tests.factories import CAP, MARKET
from tests.risk_acts import (
    MONTH,
    POLICIES,
    RISK,
    THEN,
    by_hand,
    computed,
    confirm,
    holds,
    parts_as_stored,
    run_of,
    settle,
    traded,
    weigh,
)

V1 = VendorId("V-1")


@pytest.fixture
def world(conn: Connection) -> Connection:
    settle(conn)
    return conn


def test_who_trades_and_does_nothing_wrong_is_in_a_and_of_whom_nothing_is_known_is_not(world: Connection) -> None:
    traded(world, "V-1")
    weigh(world, "V-2", date(2026, 10, 20), RISK.data.least_weighings - 1)
    found = computed(world)
    assert (found["V-1"].risk_class, found["V-1"].assessed.basis) == (RiskClass.A, DataBasis.ENOUGH)
    for vendor, basis in (("V-2", DataBasis.LITTLE), ("V-3", DataBasis.NONE)):
        one = found[vendor]
        assert (one.risk_class, one.because, one.assessed.basis) == (RiskClass.B, ClassedBecause.DATA, basis)


def test_old_data_is_told_of_as_old(world: Connection) -> None:
    weigh(world, "V-1", date(2026, 8, 31), 900)
    one = computed(world)["V-1"]
    assert (one.assessed.basis, one.risk_class, one.assessed.points) == (DataBasis.OLD, RiskClass.B, 4)


def test_only_alerts_that_stand_count_and_older_ones_less(world: Connection) -> None:
    traded(world, "V-1", months=12)
    now = confirm(world, "V-1", date(2026, 10, 5))
    old = confirm(world, "V-1", date(2025, 11, 5), permille=3000)
    confirm(world, "V-1", date(2025, 10, 31))  # a day too old
    confirm(world, "V-1", date(2026, 11, 1))  # not yet
    for n, state in enumerate((AlertState.OPEN, AlertState.DISMISSED, AlertState.OVERTURNED)):
        confirm(world, "V-1", date(2026, 10, 10 + n), state=state)
    confirm(world, "V-1", date(2026, 10, 20), kind=AlertKind.CAP_LIST_MISSING)
    (part,) = computed(world)["V-1"].assessed.parts
    severity = POLICIES.rules.severity_by_kind(AlertKind.PRICE_OVER_CAP, 300)
    points = RISK.confirmed[0].points
    assert [(one.number, one.what, one.age, one.permille) for one in part.facts] == [
        (now, severity, 0, points[severity] * 1000),
        (old, Severity.CRITICAL, 11, points[Severity.CRITICAL] * 500),
    ]
    assert (part.indicator, part.points, part.of) == ("price", 11, 2)
    assert parts_as_stored(world, "V-1")[0]["indicator"] == "price"


def test_shares_are_of_the_sales_judged_by_a_cap_and_voided_ones_are_none(world: Connection) -> None:
    weigh(world, "V-1", date(2026, 10, 20), 200)
    weigh(world, "V-1", date(2026, 10, 21), 300, price=CAP)  # at the cap: near it
    weigh(world, "V-1", date(2026, 10, 22), 60, price=CAP + 1, voided=50)
    found = computed(world)["V-1"].assessed.parts
    shares = {one.indicator: (one.measured, one.of) for one in found}
    assert shares == {"near_cap": (300 * 1000 // 510, 510), "over_cap": (10 * 1000 // 510, 510)}


def test_a_verification_that_is_over_counts_by_its_days(world: Connection) -> None:
    traded(world, "V-1")
    world.execute("UPDATE scales SET verified_until = '2026-10-01' WHERE scale_id = 'S-1'")
    world.execute("UPDATE scales SET verified_until = '2026-10-31' WHERE scale_id = 'S-2'")
    world.commit()
    found = computed(world)
    (part,) = found["V-1"].assessed.parts
    assert (part.indicator, part.measured, part.points) == ("verification", 30, 6)
    assert found["V-2"].assessed.parts == ()


def test_a_month_is_computed_once_whatever_happens_later(world: Connection) -> None:
    traded(world, "V-1")
    assert run_of(world) is not None
    confirm(world, "V-1", date(2026, 10, 7), permille=3000)
    assert run_of(world, now=THEN + timedelta(days=1)) is None
    (stored,) = risk_classes.of_vendor(world, MARKET, V1)
    assert (stored.points, stored.month, stored.for_month) == (0, MONTH, date(2026, 11, 1))
    (listed,) = risk_classes.runs(world, None, MONTH)
    assert (listed.run.vendors, listed.run.by_class[RiskClass.A], listed.run.by_class[RiskClass.B]) == (3, 1, 2)


@pytest.mark.parametrize("table", ["risk_classes", "risk_months", "risk_runs", "risk_counted"])
@pytest.mark.parametrize("change", ["UPDATE {} SET market_id = market_id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_what_was_computed_is_never_edited(world: Connection, table: str, change: str) -> None:
    traded(world, "V-1")
    computed(world)
    with pytest.raises(psycopg.errors.RestrictViolation):
        world.execute(change.format(table))


def test_a_month_that_is_not_over_and_a_market_that_is_not_there_are_refused(world: Connection) -> None:
    with pytest.raises(FieldRefused, match="2026-11; expected a month that is over"):
        run_of(world, month=date(2026, 11, 1))
    with pytest.raises(FieldRefused, match="first day"):
        run_of(world, month=date(2026, 10, 2))
    with pytest.raises(NotFound):
        compute(world, MarketId("nowhere"), MONTH, policies=POLICIES, now=THEN)
    # By the market's own calendar: in Sanya the month is over eight hours before it is in UTC.
    assert run_of(world, now=datetime(2026, 10, 31, 16, 0, tzinfo=UTC)) is not None


def test_a_class_set_by_hand_stands_for_the_month_and_the_computed_one_after_it(world: Connection) -> None:
    traded(world, "V-1")
    by_hand(world, "V-1", RiskClass.D, datetime(2026, 11, 2, tzinfo=UTC))
    assert holds(world, "V-1", THEN) is RiskClass.D
    computed(world)
    assert holds(world, "V-1", THEN + timedelta(days=1)) is RiskClass.D
    assert holds(world, "V-2", THEN + timedelta(days=1)) is RiskClass.B
    # December is not computed: what a regulator set last goes on, until it is.
    december = datetime(2026, 12, 4, tzinfo=UTC)
    assert holds(world, "V-1", december - timedelta(days=1)) is RiskClass.D
    computed(world, month=date(2026, 11, 1), now=december)
    assert holds(world, "V-1", december + timedelta(hours=1)) is RiskClass.B  # it did not weigh in November
    assert risk_classes.in_force(world, MARKET, V1, december + timedelta(hours=1)) is RiskClass.B
    assert holds(world, "V-1", THEN + timedelta(days=1)) is RiskClass.D  # what held then
    (record,) = inspectors.classes_set(world)
    assert (record.risk_class, record.computed, record.for_month) == (RiskClass.D, RiskClass.A, date(2026, 11, 1))


def test_a_month_computed_late_does_not_outdo_a_later_one(world: Connection) -> None:
    traded(world, "V-1")
    confirm(world, "V-1", date(2026, 8, 7), permille=3000)
    computed(world)
    computed(world, month=date(2026, 8, 1), now=THEN + timedelta(days=2))
    points = [one.points for one in risk_classes.of_vendor(world, MARKET, V1)]
    assert points == [10, 10]
    by_hand(world, "V-1", RiskClass.C, datetime(2026, 10, 2, tzinfo=UTC))
    assert holds(world, "V-1", THEN + timedelta(days=3)) is RiskClass.B


def test_what_was_counted_of_a_month_stays_when_its_weighings_are_no_longer_kept(world: Connection) -> None:
    traded(world, "V-1", months=2)
    computed(world, month=date(2026, 9, 1), now=datetime(2026, 10, 4, tzinfo=UTC))
    world.execute("DELETE FROM weighings WHERE business_day < '2026-10-01'")
    world.commit()
    computed(world)
    assert [(one.month, one.weighings) for one in risk_classes.months_of_vendor(world, MARKET, V1)] == [
        (date(2026, 10, 1), 150),
        (date(2026, 9, 1), 150),
    ]


def test_a_trend_that_turned_is_a_warning_and_nothing_else(world: Connection) -> None:
    for vendor in ("V-1", "V-2"):
        traded(world, vendor)
    for day in range(1, 9):
        confirm(world, "V-1", date(2026, 10, day), permille=1)
    for month in range(4, 11):
        confirm(world, "V-2", date(2026, month, 3), permille=1)  # steady
    run = run_of(world)
    assert run is not None
    assert [(one.vendor_id, one.counted, one.counted_before) for one in run.turns] == [("V-1", 8, 0)]
    (warning,) = risk_classes.warnings_of_vendor(world, MARKET, V1)
    assert (warning.warning.turn.weighings, warning.warning.turn.weighings_before) == (150, 900)
    assert len(risk_classes.warnings(world, None, MONTH)) == 1
    assert world.execute("SELECT count(*) FROM alerts WHERE state = 'open'").fetchone() == (0,)


def test_a_market_turns_when_many_of_its_vendors_do_and_not_one_of_them_often(conn: Connection) -> None:
    settle(conn, vendors=9)
    for n in range(1, 10):
        traded(conn, f"V-{n}", months=13)
    for day in range(1, 20):
        confirm(conn, "V-1", date(2026, 9, day), permille=1)
    for n in range(2, 9):
        confirm(conn, f"V-{n}", date(2026, 10, n), permille=1)
    assert [one.vendor_id for one in _turns(conn, date(2026, 9, 1))] == ["V-1"]
    (turn,) = _turns(conn, MONTH)
    assert (turn.vendor_id, turn.counted, turn.counted_before, turn.months_before) == (None, 7, 1, 12)


def _turns(conn: Connection, month: date) -> Sequence[Turn]:
    run = run_of(conn, month=month)
    assert run is not None
    return run.turns
