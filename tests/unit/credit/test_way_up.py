"""The shortest honest way up: it leads there, no step of it is too much, and none is before its day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.rules.reading import read_credit_rules
from credit.rules.shape import CreditRules
from credit.scoring import score_at
from credit.way_up import Step, StepKind, WayUp, way_up
from domain.credit import CreditEvent, CreditSource
from steelyard.resources import policy_directory
from tests.credit_lines import NOON, SANYA, ledgers, line

RULES = read_credit_rules(policy_directory() / "credit.toml")
TWELVE = read_credit_rules(policy_directory() / "credit-examples" / "twelve-points.toml")
TODAY = date(2026, 11, 22)
BEST = RULES.tier[0]


def way(*ledger: CreditEvent, rules: CreditRules = RULES, today: date = TODAY, tier: int = 0) -> WayUp:
    score = score_at(ledger, rules, today, SANYA)
    return way_up(ledger, score, rules, today=today, timezone=SANYA, target=rules.tier[tier])


def test_who_is_there_has_no_way_to_go() -> None:
    assert way() == WayUp(target=BEST, missing=0, steps=())
    assert way(line(1, -10)).steps == ()


def test_a_clean_month_is_the_shortest_way_where_it_suffices() -> None:
    told = way(line(1, -11, NOON - timedelta(days=40)))
    assert told.missing == 1
    [step] = told.steps
    # Repair of a grave deduction could be had from the 60th day on; October is over, November ends first.
    assert (step.kind, step.day, step.points) == (StepKind.SCALE_USE, date(2026, 11, 30), 2)


def test_what_is_repaired_is_named_with_its_day() -> None:
    told = way(line(1, -7, NOON - timedelta(days=50)), line(2, -7, NOON - timedelta(days=40), reason="tare_abuse"))
    assert told.missing == 4
    assert [(one.kind, one.day, one.points, one.event_id) for one in told.steps] == [
        (StepKind.REPAIR, TODAY, 3, 1),
        (StepKind.REPAIR, TODAY, 3, 2),
    ]


def test_the_days_without_a_breach_begin_with_the_last_one() -> None:
    told = way(line(1, -7, NOON - timedelta(days=50)), line(2, -7, NOON - timedelta(days=1), reason="tare_abuse"))
    repairs = [one for one in told.steps if one.kind is StepKind.REPAIR]
    assert {one.day for one in repairs} <= {TODAY + timedelta(days=29)}
    assert told.day == TODAY + timedelta(days=29)


def test_a_veto_item_is_outweighed_by_nothing_and_ends_with_the_cycle() -> None:
    told = way(line(1, -30, is_veto=True), line(2, 5, reason="award", source=CreditSource.RECORD))
    assert told.veto
    assert told.steps == (Step(kind=StepKind.NEXT_CYCLE, day=date(2027, 1, 1), points=26),)


def test_where_nothing_suffices_the_next_cycle_begins_anew() -> None:
    told = way(*(line(n, -40, NOON - timedelta(days=n), reason=f"k{n}") for n in range(1, 4)))
    assert told.steps == (Step(kind=StepKind.NEXT_CYCLE, day=date(2027, 1, 1), points=100),)


def test_a_tier_below_the_best_is_nearer() -> None:
    ledger = (line(1, -27, NOON - timedelta(days=45)),)
    assert way(*ledger, tier=1).missing == 2
    assert way(*ledger, tier=1).steps[0].kind is StepKind.SCALE_USE


@pytest.mark.parametrize("today", [date(2026, 12, 31), date(2026, 10, 1), date(2026, 12, 1)])
def test_at_the_edges_of_a_cycle_there_is_a_way(today: date) -> None:
    at = NOON - timedelta(days=53) + timedelta(days=0)
    told = way(line(1, -20, at), today=max(today, date(2026, 10, 1)))
    assert told.day is None or today <= told.day <= date(2027, 1, 1)


@given(data=st.data(), rules=st.sampled_from((RULES, TWELVE)), back=st.integers(0, 90))
def test_the_way_leads_there_and_no_step_is_too_much(data: st.DataObject, rules: CreditRules, back: int) -> None:
    today = TODAY - timedelta(days=back)
    ledger = [one for one in data.draw(ledgers(rules)) if one.occurred_at.date() <= today]
    score = score_at(ledger, rules, today, SANYA)
    target = data.draw(st.sampled_from(rules.tier))
    told = way_up(ledger, score, rules, today=today, timezone=SANYA, target=target)
    assert all(today <= one.day <= score.cycle_to and one.points >= 0 for one in told.steps)
    assert [one.day for one in told.steps] == sorted(one.day for one in told.steps)
    gains = [one.points for one in told.steps]
    if not told.steps:
        assert score.score >= target.from_points
    elif told.steps[0].kind is StepKind.NEXT_CYCLE:
        assert len(told.steps) == 1
    else:
        assert not told.veto
        assert max(rules.floor, min(rules.ceiling, score.unclamped + sum(gains))) >= target.from_points
        assert all(score.unclamped + sum(gains) - one < target.from_points for one in gains)
