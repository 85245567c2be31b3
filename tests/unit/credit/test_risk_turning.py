"""When a trend has turned: the test against exact chances, and what it must not be fooled by."""

import math
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.risk.turning import dispersion, turned_market, turned_vendors, upper_tail
from domain.ids import VendorId
from domain.risk import MonthSeen, months_before
from tests.risk_acts import RISK

VENDOR, MARKET = RISK.warning.vendor, RISK.warning.market
V = VendorId("V-1")


def months(*seen: tuple[int, int]) -> list[MonthSeen]:
    last = date(2026, 10, 1)
    return [
        MonthSeen(month=months_before(last, len(seen) - 1 - n), counted=counted, weighings=weighings)
        for n, (counted, weighings) in enumerate(seen)
    ]


@given(st.integers(0, 40), st.integers(0, 40), st.integers(1, 99))
def test_the_tail_is_that_of_the_binomial_distribution(successes: int, failures: int, percent: int) -> None:
    trials, share = successes + failures, Fraction(percent, 100)
    exact = sum(math.comb(trials, k) * share**k * (1 - share) ** (trials - k) for k in range(successes, trials + 1))
    assert upper_tail(successes, trials, percent / 100) == pytest.approx(float(exact), rel=1e-9)


@given(st.integers(1, 60), st.integers(0, 60), st.floats(0.001, 0.999))
def test_one_more_is_less_likely(successes: int, failures: int, share: float) -> None:
    trials = successes + failures
    assert 0 <= upper_tail(successes, trials, share) <= upper_tail(successes - 1, trials, share) <= 1


def test_who_goes_on_as_before_is_not_told_of_and_who_gets_worse_is() -> None:
    steady = months(*[(2, 500)] * 6, (3, 500))
    worse = months(*[(1, 500)] * 6, (9, 500))
    (turn,) = turned_vendors({V: steady, VendorId("V-2"): worse}, VENDOR)
    assert (turn.vendor_id, turn.counted, turn.counted_before, turn.months_before) == ("V-2", 9, 6, 6)
    assert turn.p_value == pytest.approx(upper_tail(9, 15, 1 / 7))


def test_who_weighs_more_may_have_more() -> None:
    assert turned_vendors({V: months(*[(1, 100)] * 6, (8, 900))}, VENDOR) == []


@pytest.mark.parametrize(
    "seen",
    [
        [(0, 500)] * 6 + [(VENDOR.least_counted - 1, 500)],
        [(0, 500)] * 6 + [(9, VENDOR.least_weighings - 1)],
        [(0, 500)] * (VENDOR.least_months_before - 1) + [(9, 500)],
        [(0, 0)] * 6 + [(9, 500)],
        [(9, 500)],
        [],
        [(9, 500)] * 6 + [(0, 500)],
    ],
    ids=["too few days", "too little weighed", "too few months", "nothing before", "one month", "none", "better"],
)
def test_what_cannot_be_compared_or_is_too_little_is_not_told_of(seen: list[tuple[int, int]]) -> None:
    assert turned_vendors({V: months(*seen)}, VENDOR) == []
    assert turned_market(months(*seen), MARKET) is None


def test_who_always_comes_in_bursts_is_judged_by_them() -> None:
    smooth = months(*[(3, 500)] * 6, (9, 500))
    bursts = months((0, 500), (9, 500), (0, 500), (0, 500), (9, 500), (0, 500), (9, 500))
    assert dispersion(smooth[:-1]) == 1
    assert dispersion(bursts[:-1]) == pytest.approx(7.2)
    assert turned_vendors({V: bursts}, VENDOR) == []
    assert [one.vendor_id for one in turned_vendors({V: smooth}, VENDOR)] == [V]


def test_the_more_vendors_are_looked_at_the_surer_one_must_be() -> None:
    """A p-value of 0.011 alone is told of; among a hundred that do not change it may be chance."""
    one = months(*[(1, 500)] * 6, (5, 500))
    calm = {VendorId(f"C-{n}"): months(*[(1, 500)] * 7) for n in range(100)}
    assert [turn.vendor_id for turn in turned_vendors({V: one}, VENDOR)] == [V]
    assert turned_vendors({V: one} | calm, VENDOR) == []


@given(st.dictionaries(st.integers(0, 40), st.lists(st.integers(0, 20), min_size=7, max_size=7), max_size=15))
def test_those_told_of_are_the_surest_and_the_order_they_come_in_does_not_matter(rows: dict[int, list[int]]) -> None:
    series = {VendorId(f"V-{n}"): months(*[(each, 500) for each in counts]) for n, counts in rows.items()}
    found = turned_vendors(series, VENDOR)
    assert found == turned_vendors(dict(reversed(series.items())), VENDOR)
    assert [one.p_value for one in found] == sorted(one.p_value for one in found)
    level = VENDOR.false_discovery_permille / 1000
    for turn in found:
        assert turn.p_value <= level
        assert turn.counted >= VENDOR.least_counted
        assert turn.counted * turn.weighings_before >= 2 * turn.counted_before * turn.weighings


def test_a_market_is_judged_by_its_own_level() -> None:
    turn = turned_market(months(*[(3, 9000)] * 12, (14, 9000)), MARKET)
    assert turn is not None
    assert (turn.vendor_id, turn.months_before) == (None, 12)
    assert turned_market(months(*[(3, 9000)] * 12, (7, 9000)), MARKET) is None
