"""Each line says, in both languages, which rule took how much and why it was more than the first time."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.explaining import Decision, explained, rule_text
from credit.rules.reading import read_credit_rules
from domain.alert import AlertKind, Severity
from domain.credit import CreditEvent, CreditSource
from steelyard.resources import policy_directory
from tests.credit_lines import NOON, charged, ledgers, line, undone

RULES = read_credit_rules(policy_directory() / "credit.toml")
FIRST = charged([], AlertKind.PRICE_OVER_CAP, Severity.MEDIUM, NOON, RULES)
assert FIRST is not None
REPEAT = charged([FIRST], AlertKind.PRICE_OVER_CAP, Severity.MEDIUM, NOON + timedelta(days=3), RULES)
assert REPEAT is not None
OPENED = charged([], AlertKind.CASE_OPEN, Severity.HIGH, NOON, RULES)
assert OPENED is not None


@pytest.mark.parametrize(
    ("event", "zh", "en"),
    [
        (FIRST, "标价超过调控价；一般：−3分", "declared price above the cap; notable: −3"),
        (
            REPEAT,
            "标价超过调控价；一般：−3分；30天内再犯按150%：−5分",
            "declared price above the cap; notable: −3; a repeat within 30 days takes 150 %: −5",
        ),
        (
            line(1, -6, rule="price_over_cap.points.medium ×2 promise 5", factor=2, promise_id=5),
            "标价超过调控价；一般：−3分；违反承诺5，加倍×2：−6分",
            "declared price above the cap; notable: −3; breaks promise 5, × 2: −6",
        ),
        (OPENED, "开启秤壳；较重：−30分；一票否决项", "scale opened; serious: −30; a veto item"),
        (undone(FIRST, 2), "冲回第1笔：+3分", "gives back entry 1: +3"),
        (
            line(9, 2, source=CreditSource.REPAIR, repairs=1, reason="repair"),
            "信用修复第1笔，至多恢复50%：+2分",
            "repair of entry 1, at most 50 % of it: +2",
        ),
        (
            line(9, 2, source=CreditSource.RECORD, reason="award", evidence="d"),
            "表彰奖励或举报属实；+2分",
            "an award, or a report that proved true; +2",
        ),
        (line(9, -7, reason="gone", rule="gone.points"), "gone.points；−7分", "gone.points; −7"),
    ],
)
def test_the_sum_is_told(event: CreditEvent, zh: str, en: str) -> None:
    assert (rule_text(event, RULES, "zh"), rule_text(event, RULES, "en")) == (zh, en)


@given(data=st.data())
def test_every_line_of_every_ledger_is_explained_with_its_points(data: st.DataObject) -> None:
    for event in data.draw(ledgers(RULES)):
        sign = f"−{-event.points}" if event.points < 0 else f"+{event.points}"
        told = explained(event, RULES, weighings=3, confirmed=None)
        assert sign in told.zh
        assert sign in told.en
        assert told.decision == Decision(actor=event.recorded_by, at=event.recorded_at, note=event.evidence)


def test_who_confirmed_the_alert_decided() -> None:
    assert FIRST is not None
    decision = Decision(actor="lin", at=NOON, note="seen on the screen")
    assert explained(FIRST, RULES, weighings=7, confirmed=decision).decision is decision
