"""The back-test: the same seed gives the same, figures stay in their bounds, and the method beats chance on them."""

from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit.risk.backtest import Warned, backtest, judged, turns_of
from credit.risk.histories import indicators_at, played
from domain.errors import FieldRefused
from tests.risk_acts import RISK


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**31), st.integers(20, 130), st.integers(16, 24))
def test_it_is_the_same_again_and_every_figure_is_within_its_bounds(seed: int, vendors: int, months: int) -> None:
    found = backtest(vendors=vendors, months=months, seed=seed, policy=RISK)
    assert found == backtest(vendors=vendors, months=months, seed=seed, policy=RISK)
    shares = [value for name, value in asdict(found.ranked).items() if name not in ("classed", "later_offenders")]
    assert all(0 <= share <= 1000 for share in shares)
    for warned in (found.of_vendors, found.by_thumb, found.of_markets):
        assert 0 <= warned.right <= warned.raised <= warned.months
        assert 0 <= warned.warned_in_time <= warned.turns
        assert (warned.precision is None) == (warned.raised == 0)
        assert (warned.recall is None) == (warned.turns == 0)


def test_another_seed_is_another_history() -> None:
    assert (played(vendors=50, months=20, seed=1).days != played(vendors=50, months=20, seed=2).days).any()


def test_on_the_assumptions_it_is_made_for_it_finds_more_than_chance_and_than_a_simple_rule() -> None:
    """The figures of docs/risk-class.md come from a larger one; these bounds are wide around them."""
    found = backtest(vendors=2000, months=24, seed=7, policy=RISK)
    ranked = found.ranked
    assert ranked.by_chance < 150
    assert 500 < ranked.by_alerts_of_last_month < ranked.in_worst_decile < ranked.by_hidden_rate
    assert ranked.in_class_d > 400
    assert ranked.class_d_share <= RISK.shares.most_permille["D"]  # type: ignore[index]
    assert found.of_vendors.precision is not None
    assert found.by_thumb.precision is not None
    assert found.of_vendors.precision > max(found.by_thumb.precision, 10 * found.by_chance_precision)
    assert found.of_vendors.false_per_1000 * 4 < found.by_thumb.false_per_1000
    assert found.of_vendors.recall is not None
    assert found.of_vendors.recall > 300


@pytest.mark.parametrize(("vendors", "months", "field"), [(19, 24, "vendors"), (20, 15, "months")])
def test_too_few_are_refused(vendors: int, months: int, field: str) -> None:
    with pytest.raises(FieldRefused) as caught:
        backtest(vendors=vendors, months=months, seed=1, policy=RISK)
    assert caught.value.field == field


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**31), st.integers(0, 15))
def test_what_is_played_adds_up(seed: int, month: int) -> None:
    histories = played(vendors=30, months=16, seed=seed)
    assert (histories.alerts.sum(axis=(2, 3)) == histories.days).all()
    assert (histories.near + histories.over <= histories.weighings).all()
    for n, vendor in enumerate(indicators_at(histories, month, RISK)):
        first = max(0, month - RISK.months + 1)
        assert len(vendor.confirmed) == histories.days[n, first : month + 1].sum()
        assert all(0 <= one.age <= month - first for one in vendor.confirmed)
        assert (vendor.silent_days is None) == (not histories.weighings[n, first : month + 1].any())


def test_warnings_are_right_from_a_turn_on_for_some_months_and_not_before() -> None:
    turns = np.zeros((1, 12), dtype=np.int64)
    turns[0, 4] = 1

    def at(month: int) -> Warned:
        warned = np.zeros((1, 12), dtype=np.int64)
        warned[0, month] = 1
        return judged(warned, turns, 1)

    assert [at(month).right for month in (3, 4, 5, 6, 7)] == [0, 1, 1, 1, 0]
    assert [at(month).warned_in_time for month in (3, 4, 6, 7)] == [0, 1, 1, 0]
    assert (at(3).false_per_1000, at(4).recall) == (round(1000 / 11, 3), 1000)


def test_a_turn_is_a_month_that_is_twice_as_bad_and_bad_enough() -> None:
    histories = played(vendors=200, months=20, seed=3)
    turns = turns_of(histories)
    assert not turns[:, 0].any()
    vendor, month = (int(n) for n in np.argwhere(turns)[0])
    assert histories.rate[vendor, month] >= max(1.0, 2 * histories.rate[vendor, month - 1])
