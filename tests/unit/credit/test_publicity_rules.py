"""What is not final is absent from what is told in public."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.publicity_rules import (
    AppealSteps,
    Publicly,
    final_lines,
    is_final,
    is_praised,
    praised_tiers,
    public_score,
    told_tier,
    told_tiers,
)
from credit.rules.reading import read_credit_rules
from credit.rules.shape import Publicity
from credit.scoring import score_at, standing
from domain.alert_step import AlertAction
from domain.credit import CreditEvent, CreditSource
from steelyard.resources import policy_directory
from supervision.policy import read_supervision_policy
from tests.credit_lines import NOON, SANYA, ledgers, line, undone

RULES = read_credit_rules(policy_directory() / "credit.toml")
CALENDAR = read_supervision_policy(policy_directory() / "supervision.toml").working_calendar
#: A Thursday; five working days after it the Thursday after is the last day of appeal.
DECIDED = datetime(2026, 11, 5, 4, 0, tzinfo=UTC)
LAST_DAY, DAY_AFTER = date(2026, 11, 12), date(2026, 11, 13)
APPEAL, UPHOLD, OVERTURN = AlertAction.APPEAL, AlertAction.UPHOLD, AlertAction.OVERTURN
PENALTY = AlertAction.RECORD_PENALTY
HOUR = timedelta(hours=1)
NO_APPEALS: Mapping[int, AppealSteps] = {}


def on(day: date) -> Publicly:
    return Publicly(rules=RULES, calendar=CALENDAR, timezone=SANYA, day=day)


def deduction(event_id: int = 1, points: int = -30, **more: Any) -> CreditEvent:
    return line(event_id, points, DECIDED, **more)


@pytest.mark.parametrize(
    ("day", "final"),
    [(DECIDED.date(), False), (LAST_DAY, False), (DAY_AFTER, True)],
    ids=["on the day itself", "on the last day of appeal", "the day after"],
)
def test_a_deduction_is_final_once_its_working_days_are_over(day: date, final: bool) -> None:
    assert is_final(deduction(), (), on(day)) is final
    score = public_score([deduction()], NO_APPEALS, on(day))
    assert score.score == (70 if final else 100)


def test_holidays_are_no_days_of_appeal() -> None:
    before_the_holidays = deduction(recorded_at=datetime(2026, 9, 30, 4, 0, tzinfo=UTC))
    # 1 to 7 October are off; 8, 9, the worked Saturday 10, 12 and 13 are the five working days.
    assert not is_final(before_the_holidays, (), on(date(2026, 10, 13)))
    assert is_final(before_the_holidays, (), on(date(2026, 10, 14)))


def test_the_day_of_the_decision_is_one_of_the_markets_clock() -> None:
    late = deduction(recorded_at=datetime(2026, 11, 5, 17, 0, tzinfo=UTC))  # past midnight in Sanya: Friday
    assert not is_final(late, (), on(DAY_AFTER))
    assert is_final(late, (), on(DAY_AFTER + timedelta(days=1)))


@pytest.mark.parametrize(
    ("actions", "day", "final"),
    [
        ([APPEAL], DAY_AFTER, False),
        ([APPEAL], date(2026, 12, 30), False),
        ([APPEAL, UPHOLD], DECIDED.date(), True),
        ([APPEAL, UPHOLD, APPEAL], date(2026, 12, 30), False),
        ([APPEAL, UPHOLD, APPEAL, UPHOLD], date(2026, 12, 30), True),
        ([APPEAL, OVERTURN], LAST_DAY, False),
    ],
    ids=["pending", "pending for long", "upheld", "appealed again", "upheld again", "overturned"],
)
def test_an_appeal_holds_it_back_until_it_is_decided(actions: list[AlertAction], day: date, final: bool) -> None:
    steps = [(action, DECIDED + n * HOUR) for n, action in enumerate(actions, start=1)]
    assert is_final(deduction(), steps, on(day)) is final


@pytest.mark.parametrize(
    ("before", "after", "day", "final"),
    [
        ((), (), DAY_AFTER, False),
        ((), (), date(2026, 12, 30), True),
        ((APPEAL, UPHOLD), (), DAY_AFTER, False),
        ((), (APPEAL, UPHOLD), DAY_AFTER, True),
        ((), (APPEAL,), date(2026, 12, 30), False),
    ],
)
def test_a_penalty_recorded_days_later_has_days_of_its_own(
    before: tuple[AlertAction, ...], after: tuple[AlertAction, ...], day: date, *, final: bool
) -> None:
    moments = [DECIDED + n * HOUR for n in range(1, 4)] + [DECIDED + timedelta(days=4) + n * HOUR for n in range(4)]
    steps = [*zip(before, moments, strict=False), (PENALTY, moments[3]), *zip(after, moments[4:], strict=False)]
    assert is_final(deduction(), steps, on(day)) is final


def test_an_appeal_that_was_upheld_before_the_line_gives_it_its_own_days() -> None:
    """A promise was declined after the appeal against the confirmation: what is charged then is a decision anew."""
    steps = [(APPEAL, DECIDED - 2 * HOUR), (UPHOLD, DECIDED - HOUR)]
    assert not is_final(deduction(), steps, on(LAST_DAY))
    assert is_final(deduction(), steps, on(DAY_AFTER))


def test_merits_count_at_once_and_what_is_given_back_too() -> None:
    merit = line(2, 2, DECIDED, source=CreditSource.BONUS, reason="scale_use", alert_id=None)
    overturned = [deduction(), undone(deduction(), 3), merit]
    assert public_score(overturned, NO_APPEALS, on(DECIDED.date())).score == 102
    assert public_score(overturned, NO_APPEALS, on(DAY_AFTER)).score == 102


def test_what_takes_a_merit_back_waits_as_a_deduction_does() -> None:
    merit = line(1, 2, DECIDED, source=CreditSource.BONUS, reason="scale_use", alert_id=None)
    taken_back = [merit, undone(merit, 2, alert_id=None)]
    assert public_score(taken_back, NO_APPEALS, on(LAST_DAY)).score == 102
    assert public_score(taken_back, NO_APPEALS, on(DAY_AFTER)).score == 100


def test_a_veto_that_is_not_final_puts_nobody_in_the_last_tier() -> None:
    ledger = [deduction(is_veto=True, reason="seal_broken")]
    assert public_score(ledger, NO_APPEALS, on(LAST_DAY)).tier.name == "A"
    assert public_score(ledger, NO_APPEALS, on(DAY_AFTER)).tier.name == "D"


def test_while_the_worst_of_a_day_is_not_final_the_next_one_counts() -> None:
    ledger = [deduction(1, -10), deduction(2, -3)]
    pending = {1: [(APPEAL, DECIDED + HOUR)]}
    assert public_score(ledger, pending, on(DAY_AFTER)).score == 97
    assert public_score(ledger, NO_APPEALS, on(DAY_AFTER)).score == 90


def test_tiers_are_told_and_vendors_praised_as_the_rules_say() -> None:
    good, bad = public_score([], NO_APPEALS, on(DAY_AFTER)), public_score([deduction(1, -50)], {}, on(DAY_AFTER))
    assert (good.tier.name, bad.tier.name) == ("A", "D")
    assert told_tier(good, RULES) == good.tier
    assert told_tier(bad, RULES) is None
    assert is_praised(good, RULES)
    assert not is_praised(bad, RULES)
    silent = msgspec.structs.replace(RULES, publicity=Publicity(tiers=(), praised=()))
    assert told_tier(good, silent) is None
    assert not is_praised(good, silent)
    assert told_tiers(silent) == praised_tiers(silent) == ()
    assert [tier.name for tier in told_tiers(RULES)] == ["A", "B", "C"]
    assert [tier.name for tier in praised_tiers(RULES)] == ["A"]


STEPS = st.lists(
    st.tuples(st.sampled_from((APPEAL, UPHOLD, OVERTURN)), st.datetimes().map(lambda at: at.replace(tzinfo=UTC))),
    max_size=4,
)
APPEALS = st.dictionaries(st.integers(1, 30), STEPS, max_size=8)
DAYS = st.integers(0, 60).map(lambda days: NOON.date() - timedelta(days=days))


@given(ledger=ledgers(RULES), appeals=APPEALS, day=DAYS)
def test_nothing_that_is_not_final_is_in_what_is_told(
    ledger: list[CreditEvent], appeals: Mapping[int, AppealSteps], day: date
) -> None:
    """Without its lines that are not final, a ledger tells the same in public."""
    told = final_lines(ledger, appeals, on(day))
    for event in ledger:
        if event.points < 0 and event.reverses is None:
            steps = appeals.get(event.alert_id or 0, ())
            assert (event in told) is is_final(event, steps, on(day))
    left = [one for one in ledger if one in told or one.points >= 0]
    assert public_score(ledger, appeals, on(day)) == public_score(left, appeals, on(day))


@given(ledger=ledgers(RULES), appeals=APPEALS, day=DAYS, points=st.integers(-40, -1), is_veto=st.booleans())
def test_a_new_deduction_changes_nothing_in_public(
    ledger: list[CreditEvent], appeals: Mapping[int, AppealSteps], day: date, points: int, is_veto: bool
) -> None:
    """Within its days of appeal, whatever it is."""
    at = datetime.combine(day, NOON.timetz())
    new = line(len(ledger) + 1, points, at, alert_id=9_999, is_veto=is_veto)
    assert public_score([*ledger, new], appeals, on(day)) == public_score(ledger, appeals, on(day))


@given(ledger=ledgers(RULES))
def test_once_all_is_final_the_public_score_is_the_score(ledger: list[CreditEvent]) -> None:
    later = NOON.date() + timedelta(days=20)
    assert public_score(ledger, NO_APPEALS, on(later)) == score_at(ledger, RULES, later, SANYA)


@given(ledger=ledgers(RULES), day=DAYS)
def test_waiting_for_finality_never_counts_against_a_vendor(ledger: list[CreditEvent], day: date) -> None:
    without_repairs = [one for one in standing(ledger) if one.repairs is None]
    public = public_score(without_repairs, NO_APPEALS, on(day))
    assert public.unclamped >= score_at(without_repairs, RULES, day, SANYA).unclamped
