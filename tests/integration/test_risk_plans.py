"""The plans of what pages and draws ask of risk classes, pinned: years of months, and no list reads them all."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pytest
from psycopg import Connection

from tests.integration.read_plans import Asked, filled_with, read

GROWING: Final = {"risk_classes", "risk_months", "risk_warnings", "risk_runs", "alerts", "vendors"}
VENDORS, MARKETS, MONTHS = 4_000, 20, 24
OF_A_MARKET: Final = VENDORS // MARKETS
_MONTHS: Final = (
    "(SELECT (date '2026-10-01' - back * interval '1 month')::date AS month FROM"
    f" generate_series(0, {MONTHS - 1}) back) months"
)
FILLING: Final = (
    f"""INSERT INTO markets (market_id, name, area, channel)
        SELECT 'm-' || n, 'market', 'sanya', 'stall' FROM generate_series(0, {MARKETS - 1}) n""",
    f"""INSERT INTO vendors (market_id, vendor_id, name)
        SELECT 'm-' || n % {MARKETS}, 'V-' || n, 'v' FROM generate_series(1, {VENDORS}) n""",
    f"""INSERT INTO risk_runs (market_id, month, computed_at, policy_version, rules_version, vendors, by_class,
                               inspected, warnings)
        SELECT market_id, month, month + interval '33 days', '1', '1', {OF_A_MARKET},
               '{{"A": 1, "B": 1, "C": 1, "D": 1}}', '{{"A": 0, "B": 0, "C": 0, "D": 0}}', 1 FROM markets, {_MONTHS}""",
    f"""INSERT INTO risk_classes (market_id, vendor_id, class, reason, set_by, set_at, for_month, computed_month,
                                  points, by_points, basis, because, parts, policy_version)
        SELECT market_id, vendor_id, class, 'r', 'system', month + interval '33 days',
               (month + interval '1 month')::date, month, points, class, 'enough', 'points', '[]', '1'
        FROM (SELECT *, substr('ABCD', 1 + ord % 4, 1) AS class, ord % 60 AS points
              FROM (SELECT *, length(vendor_id) + right(vendor_id, 2)::int AS ord FROM vendors
                    WHERE length(vendor_id) > 3) v, {_MONTHS}) made""",
    """INSERT INTO risk_classes (market_id, vendor_id, class, reason, set_by, set_at, for_month)
       SELECT market_id, vendor_id, 'D', 'r', 'regulator', month + interval '5 days', month
       FROM risk_runs r JOIN vendors v USING (market_id) WHERE right(vendor_id, 2) = '07'""",
    f"""INSERT INTO risk_months (market_id, vendor_id, month, weighings, capped, near, over, last_day)
        SELECT market_id, vendor_id, month, 300, 300, 20, 1, month + 20 FROM vendors, {_MONTHS}""",
    f"""INSERT INTO risk_warnings (market_id, vendor_id, month, counted, weighings, counted_before, weighings_before,
                                   months_before, dispersion_permille, p_value)
        SELECT market_id, vendor_id, month, 5, 300, 1, 1800, 6, 1000, 0.001 FROM vendors, {_MONTHS}
        WHERE right(vendor_id, 2) = '07'""",
)
NOW: Final = datetime(2026, 11, 20, tzinfo=UTC)
LISTED: Final = {
    "market_id": "m-7",
    "for_month": date(2026, 11, 1),
    "risk_class": None,
    "limit": 51,
    "after_class": "E",
    "after_points": 0,
    "after_id": 0,
}
VENDOR: Final = {"market_id": "m-7", "vendor_id": "V-1007", "limit": 24}
MONTH: Final = {"market_id": None, "month": date(2026, 10, 1), "limit": 200}
LATER: Final = {"after_class": "B", "after_points": 30, "after_id": 2**40}


def _asked(name: str, parameters: dict[str, Any], most: int, subject: str = "risk_classes") -> Asked:
    return Asked(subject=subject, name=name, parameters=parameters, most=most)


HOT: Final = [
    _asked("listed", LISTED, 200),
    _asked("listed", {**LISTED, "risk_class": "B"}, 200),
    _asked("listed", {**LISTED, **LATER}, 200),
    _asked("listed_in_market", LISTED, 2 * OF_A_MARKET),
    _asked("listed_in_market", {**LISTED, "risk_class": "A"}, 2 * OF_A_MARKET),
    _asked("listed_in_market", {**LISTED, **LATER}, 2 * OF_A_MARKET),
    _asked("computed_of_vendor", VENDOR, 120),
    _asked("by_hand_of_vendor", VENDOR, 120),
    _asked("in_force", {**VENDOR, "at": NOW}, 3),
    _asked("months_of_vendor", VENDOR, 30),
    _asked("warnings", MONTH, 250),
    _asked("warnings_of_vendor", VENDOR, 80),
    _asked("runs", MONTH, 2 * MARKETS),
    _asked("classes_set", {"market_id": None, "vendor_id": None, "limit": 20}, 100, "inspectors"),
]


@pytest.fixture(scope="module")
def filled(database_server: str) -> Iterator[Connection]:
    with filled_with(database_server, FILLING) as conn:
        yield conn


@pytest.mark.parametrize("asked", HOT, ids=str)
def test_what_is_asked_goes_by_an_index_and_reads_little(filled: Connection, asked: Asked) -> None:
    whole, rows = read(filled, asked, GROWING - {"risk_runs"})
    assert whole == set()
    assert rows <= asked.most


def test_a_draw_reads_the_class_of_each_vendor_and_not_its_years(filled: Connection) -> None:
    """A vendor needs a stall to be a subject; its class is one row of an index."""
    asked = Asked(
        subject="inspectors", name="subjects", parameters={"market_ids": ["m-7"], "at": NOW}, most=2 * OF_A_MARKET
    )
    with filled.transaction(force_rollback=True):
        filled.execute(
            "INSERT INTO stalls (market_id, stall_id) SELECT market_id, vendor_id FROM vendors WHERE market_id = 'm-7'"
        )
        filled.execute(
            "INSERT INTO stall_occupancies (market_id, stall_id, vendor_id, valid, entered_by)"
            " SELECT market_id, vendor_id, vendor_id, tstzrange(%s, NULL), 'm' FROM vendors WHERE market_id = 'm-7'",
            [NOW - timedelta(days=9)],
        )
        whole, rows = read(filled, asked, GROWING)
    assert whole == set()
    assert OF_A_MARKET <= rows <= asked.most


def test_a_read_of_everything_would_be_noticed(filled: Connection) -> None:
    whole = {"market_id": None, "limit": 36}
    assert read(filled, _asked("months", whole, 0), {"risk_runs"})[1] >= MARKETS * MONTHS
