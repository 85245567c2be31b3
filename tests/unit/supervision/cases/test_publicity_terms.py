"""Terms of publicity, and when a penalty is final: each edge of them."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.alert import AlertState
from domain.alert_step import AlertAction, AlertStep, PenaltyDecision
from domain.errors import BadFile
from domain.publicity import PenaltyKind, PublicityField
from steelyard.resources import policy_directory
from supervision.policy import read_supervision_policy
from supervision.publicity.policy import read_publicity_policy
from supervision.publicity.terms import Finality, final_together, finality, is_published, months_after, term_of
from tests.factories import NOW

SHIPPED = policy_directory() / "publicity.toml"
POLICY = read_publicity_policy(SHIPPED)
SUPERVISION = read_supervision_policy(policy_directory() / "supervision.toml")


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 12, 1), 12, date(2027, 12, 1)),
        (date(2026, 11, 27), 36, date(2029, 11, 27)),
    ],
)
def test_months_end_on_the_same_day_or_the_last_one_there_is(day: date, months: int, then: date) -> None:
    assert months_after(day, months) == then


def test_food_is_repaired_later_and_nothing_is_public_for_more_than_three_years() -> None:
    general, food = (term_of(field, date(2026, 1, 1), POLICY) for field in PublicityField)
    assert general.repairable_from == date(2026, 4, 1)
    assert food.repairable_from == date(2027, 1, 1)
    assert food.published_to == date(2029, 1, 1)


def penalty(document_no: str, at: datetime) -> AlertStep:
    decision = PenaltyDecision(document_no=document_no, authority="A", decided_on=at.date(), decision="a fine")
    return replace(step(AlertAction.RECORD_PENALTY, at), penalty=decision)


def step(action: AlertAction, at: datetime) -> AlertStep:
    state = AlertState.PENALISED
    return AlertStep(at=at, actor="regulator", action=action, from_state=state, to_state=state)


FIRST, SECOND = NOW - timedelta(days=60), NOW - timedelta(days=20)


@pytest.mark.parametrize(
    ("between", "after", "first", "second"),
    [
        ((), (), Finality.FINAL, Finality.FINAL),
        ((), (AlertAction.APPEAL,), Finality.FINAL, Finality.OPEN),
        ((AlertAction.APPEAL,), (AlertAction.APPEAL, AlertAction.UPHOLD), Finality.OPEN, Finality.FINAL),
        ((AlertAction.APPEAL, AlertAction.UPHOLD), (AlertAction.APPEAL,), Finality.FINAL, Finality.OPEN),
        ((), (AlertAction.OVERTURN,), Finality.OVERTURNED, Finality.OVERTURNED),
    ],
)
def test_an_appeal_is_about_the_penalty_before_it(
    between: tuple[AlertAction, ...], after: tuple[AlertAction, ...], first: Finality, second: Finality
) -> None:
    trail = [
        *(penalty("1", FIRST), *(step(one, FIRST) for one in between)),
        *(penalty("2", SECOND), *(step(one, SECOND) for one in after)),
    ]
    asked: dict[str, Any] = {"today": NOW.date(), "timezone": "Asia/Shanghai"}
    assert finality(trail, SUPERVISION, **asked, document=("A", "1")) is first
    assert finality(trail, SUPERVISION, **asked, document=("A", "2")) is second
    assert finality(trail, SUPERVISION, **asked) is second
    with pytest.raises(ValueError, match="no such penalty"):
        finality(trail, SUPERVISION, **asked, document=("B", "1"))


@pytest.mark.parametrize(
    ("each", "is_final"),
    [
        ([Finality.FINAL, Finality.FINAL], True),
        ([Finality.FINAL, Finality.OVERTURNED], True),
        ([Finality.FINAL, Finality.OPEN], False),
        ([Finality.OVERTURNED], False),
        ([], False),
    ],
)
def test_a_document_is_final_once_it_is_over_each_alert_that_stands(each: list[Finality], is_final: bool) -> None:
    assert final_together(each) is is_final


def test_warnings_and_the_simple_procedure_are_not_told() -> None:
    assert is_published(PenaltyKind.FINE, POLICY)
    assert not is_published(PenaltyKind.WARNING, POLICY)
    assert not is_published(PenaltyKind.FINE, POLICY, is_simple=True)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("months = 36\nrepairable_after_months = 3", "months = 2\nrepairable_after_months = 3", "at most months, 2"),
        ("months = 36", "months = 37", "<= 36"),
        ("[terms.food]", "[terms.goods]", "goods"),
        ('["warning", "unstated"]', '["frown"]', "frown"),
    ],
)
def test_a_policy_that_is_wrong_says_where(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "publicity.toml"
    path.write_text(SHIPPED.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadFile, match=said):
        read_publicity_policy(path)
