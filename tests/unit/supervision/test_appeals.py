"""Until when, how often and by whom."""

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.alert import AlertState
from domain.alert_step import AlertAction, AlertStep
from domain.errors import FieldRefused
from supervision.alerts.appeals import (
    appeal_until,
    decision_to_appeal,
    require_another_person,
    require_appealable,
)
from supervision.alerts.needs import Problem
from tests.alert_acts import POLICIES

POLICY = POLICIES.supervision
SHANGHAI = "Asia/Shanghai"
#: A Friday, in the evening of UTC: in Sanya it is Saturday already.
FRIDAY = datetime(2026, 11, 27, 17, 0, tzinfo=UTC)


def step(action: AlertAction, *, at: datetime = FRIDAY, actor: str = "manager") -> AlertStep:
    return AlertStep(at=at, actor=actor, action=action, from_state=AlertState.OPEN, to_state=AlertState.CONFIRMED)


CONFIRM, APPEAL = step(AlertAction.CONFIRM), step(AlertAction.APPEAL, actor="clerk")
PENALTY = step(AlertAction.RECORD_PENALTY, at=FRIDAY + timedelta(days=9), actor="regulator")


def problem(trail: list[AlertStep], today: date) -> str | None:
    try:
        require_appealable(trail, POLICY, today=today, timezone=SHANGHAI)
    except FieldRefused as refused:
        return refused.problem
    return None


def test_five_working_days_are_counted_from_the_day_after_by_the_markets_calendar() -> None:
    assert appeal_until(CONFIRM, POLICY, SHANGHAI) == date(2026, 12, 4)
    assert appeal_until(CONFIRM, POLICY, "UTC") == date(2026, 12, 4)
    at_noon = step(AlertAction.CONFIRM, at=datetime(2026, 9, 30, 4, tzinfo=UTC))
    # The national holiday lies between, and Saturday the 10th is worked.
    assert appeal_until(at_noon, POLICY, SHANGHAI) == date(2026, 10, 13)


def test_the_last_day_counts_and_the_next_does_not() -> None:
    assert problem([CONFIRM], date(2026, 12, 4)) is None
    assert problem([CONFIRM], date(2026, 12, 5)) == Problem.TOO_LATE


def test_what_follows_a_decision_does_not_end_its_appeal() -> None:
    trail = [CONFIRM, step(AlertAction.ORDER_RECTIFICATION), step(AlertAction.REPORT_RECTIFIED)]
    assert decision_to_appeal(trail) is CONFIRM
    assert problem(trail, date(2026, 12, 1)) is None


def test_a_decision_is_appealed_once_and_a_penalty_after_it_is_another() -> None:
    upheld = [CONFIRM, APPEAL, step(AlertAction.UPHOLD), step(AlertAction.ESCALATE)]
    assert problem(upheld, date(2026, 11, 30)) == Problem.APPEALED_ALREADY
    assert decision_to_appeal([*upheld, PENALTY]) is PENALTY
    assert problem([*upheld, PENALTY], date(2026, 12, 8)) is None
    assert problem([step(AlertAction.ACKNOWLEDGE)], date(2026, 11, 30)) == Problem.APPEALED_ALREADY


@pytest.mark.parametrize(
    ("trail", "actor", "is_refused"),
    [
        ([CONFIRM, APPEAL], "manager", True),
        ([CONFIRM, APPEAL], "regulator", False),
        ([CONFIRM, APPEAL], "clerk", False),
        ([CONFIRM, step(AlertAction.ESCALATE), PENALTY, APPEAL], "regulator", True),
        ([CONFIRM, step(AlertAction.ESCALATE), PENALTY, APPEAL], "manager", False),
    ],
)
def test_nobody_decides_on_the_appeal_against_their_own_decision(
    trail: list[AlertStep], actor: str, is_refused: bool
) -> None:
    if is_refused:
        with pytest.raises(FieldRefused, match="expected a person who did not take the decision"):
            require_another_person(trail, actor)
    else:
        require_another_person(trail, actor)
