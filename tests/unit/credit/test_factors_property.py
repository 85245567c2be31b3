"""Repeats and broken promises at every boundary of their days: a second before and a second after."""

from dataclasses import replace
from datetime import datetime, timedelta

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from credit.promises.breaking import broken_by, multiplied
from credit.rules.reading import read_credit_rules
from credit.scoring import charge_for
from domain.alert import AlertKind, Severity
from steelyard.resources import policy_directory
from tests.credit_lines import NOON, SANYA, line, undone
from tests.unit.credit.test_promises import promise, seen

RULES = read_credit_rules(policy_directory() / "credit.toml")
RULE = RULES.deduction[0]
KIND = RULE.kind
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
CHINA = timedelta(hours=8)
GAPS = st.integers(-40 * 86400, 40 * 86400).map(lambda seconds: timedelta(seconds=seconds))


def is_repeat(at: datetime, earlier: datetime, days: int, *, is_undone: bool = False) -> bool:
    rules = msgspec.structs.replace(RULES, repeat_days=days)
    ledger = [line(1, -3, earlier, reason=KIND.value)]
    if is_undone:
        ledger.append(undone(ledger[0], 2))
    charge = charge_for(
        kind=KIND,
        severity=Severity.MEDIUM,
        occurred_at=at,
        business_day=(at + CHINA).date(),
        ledger=ledger,
        rules=rules,
        timezone=SANYA,
    )
    assert charge is not None
    expected = rules.points_for(RULE, Severity.MEDIUM, is_repeat=".repeat_points." in charge.rule)
    assert charge.points == expected
    return ".repeat_points." in charge.rule


@given(gap=GAPS, days=st.integers(0, 40))
@example(gap=timedelta(0), days=30)
@example(gap=30 * DAY, days=30)
@example(gap=30 * DAY + SECOND, days=30)
@example(gap=30 * DAY - SECOND, days=30)
def test_a_repeat_is_one_on_another_day_no_longer_before_than_the_rules_say(gap: timedelta, days: int) -> None:
    earlier = NOON - gap
    other_day = (earlier + CHINA).date() != (NOON + CHINA).date()
    assert is_repeat(NOON, earlier, days) == (other_day and timedelta(0) < gap <= days * DAY)
    assert not is_repeat(NOON, earlier, days, is_undone=True)


@given(first=GAPS, lasted=st.integers(0, 86400), term=st.integers(1, 30))
@example(first=timedelta(0), lasted=0, term=10)
@example(first=timedelta(0), lasted=1, term=10)
@example(first=10 * DAY, lasted=0, term=10)
@example(first=10 * DAY - SECOND, lasted=0, term=10)
def test_a_breach_is_one_of_the_term_when_anything_of_it_happened_within(
    first: timedelta, lasted: int, term: int
) -> None:
    made_at = NOON
    given_promise = replace(promise(), made_at=made_at, until=made_at + term * DAY)
    begins, ends = made_at + first, made_at + first + timedelta(seconds=lasted)
    alert = seen(begins, ends)
    one_day = (begins + CHINA).date() == (ends + CHINA).date()
    if one_day:
        assert broken_by(given_promise, alert) == (ends > made_at and begins < made_at + term * DAY)


@given(severity=st.sampled_from(Severity), factor=st.integers(1, 10), gap=GAPS)
def test_a_repeat_that_breaks_a_promise_takes_both_factors(severity: Severity, factor: int, gap: timedelta) -> None:
    charge = charge_for(
        kind=AlertKind.PRICE_OVER_CAP,
        severity=severity,
        occurred_at=NOON,
        business_day=(NOON + CHINA).date(),
        ledger=[line(1, -3, NOON - gap)],
        rules=RULES,
        timezone=SANYA,
    )
    assert charge is not None
    costs, by = multiplied(charge, [promise(factor=factor)])
    assert (costs.points, by is not None) == (charge.points * factor, True)
    assert multiplied(charge, []) == (charge, None)
