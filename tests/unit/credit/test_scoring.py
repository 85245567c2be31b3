"""A score is a pure function of the ledger and the rules."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.rules.reading import read_credit_rules
from credit.rules.shape import CreditRules
from credit.scoring import Charge, charge_for, cycle_of, score_at
from domain.alert import AlertKind, Severity
from domain.credit import CreditEvent
from domain.errors import BadFile
from domain.ids import MarketId, VendorId
from steelyard.resources import policy_directory

RULES = read_credit_rules(policy_directory() / "credit.toml")
SANYA = "Asia/Shanghai"
TODAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def event(
    points: int, at: datetime = NOON, *, event_id: int = 1, reverses: int | None = None, reason: str = "price_over_cap"
) -> CreditEvent:
    return CreditEvent(
        event_id=event_id,
        market_id=MarketId("m"),
        vendor_id=VendorId("V-1"),
        occurred_at=at,
        recorded_at=at,
        recorded_by="manager",
        reason=reason,
        points=points,
        rule="r",
        rules_version="1",
        alert_id=event_id,
        reverses=reverses,
    )


def charge(severity: Severity, ledger: list[CreditEvent], at: datetime = NOON) -> Charge | None:
    return charge_for(
        kind=AlertKind.PRICE_OVER_CAP,
        severity=severity,
        occurred_at=at,
        business_day=at.date(),
        ledger=ledger,
        rules=RULES,
        timezone=SANYA,
    )


@pytest.mark.parametrize(
    ("day", "first", "after"),
    [
        (date(2026, 1, 1), date(2026, 1, 1), date(2026, 4, 1)),
        (date(2026, 11, 22), date(2026, 10, 1), date(2027, 1, 1)),
        (date(2026, 12, 31), date(2026, 10, 1), date(2027, 1, 1)),
    ],
)
def test_a_cycle_is_the_quarter(day: date, first: date, after: date) -> None:
    assert cycle_of(day, RULES) == (first, after)


def test_without_events_the_score_is_the_base() -> None:
    score = score_at([], RULES, TODAY, SANYA)
    assert (score.score, score.tier.name, score.counted) == (100, "A", ())


@pytest.mark.parametrize(
    ("points", "score", "tier"),
    [
        (-10, 90, "A"),
        (-11, 89, "B"),
        (-25, 75, "B"),
        (-26, 74, "C"),
        (-40, 60, "C"),
        (-41, 59, "D"),
        (-500, 0, "D"),
        (99, 110, "A"),
    ],
)
def test_tiers_begin_where_the_rules_say_and_the_score_stays_in_its_bounds(points: int, score: int, tier: str) -> None:
    result = score_at([event(points)], RULES, TODAY, SANYA)
    assert (result.score, result.tier.name) == (score, tier)


def test_events_of_an_earlier_cycle_and_of_tomorrow_do_not_count() -> None:
    before = event(-50, datetime(2026, 9, 30, 15, 59, 59, tzinfo=UTC))
    first_moment = event(-1, datetime(2026, 9, 30, 16, 0, tzinfo=UTC), event_id=2)  # 1 October in Sanya
    tomorrow = event(-50, NOON + timedelta(days=1), event_id=3)
    assert score_at([before, first_moment, tomorrow], RULES, TODAY, SANYA).counted == (first_moment,)


@given(st.lists(st.integers(-60, 60), min_size=1, max_size=10), st.data())
def test_reversing_an_event_gives_back_exactly_what_it_took(points: list[int], data: st.DataObject) -> None:
    ledger = [event(one, event_id=n) for n, one in enumerate(points, start=1)]
    undone = data.draw(st.sampled_from(ledger))
    reversal = event(-undone.points, event_id=99, reverses=undone.event_id, reason="overturned")
    without = [one for one in ledger if one is not undone]
    assert score_at([*ledger, reversal], RULES, TODAY, SANYA).score == score_at(without, RULES, TODAY, SANYA).score


def test_a_first_offence_costs_what_its_severity_says() -> None:
    costs = [charge(severity, []) for severity in Severity]
    assert [one.points for one in costs if one] == [-1, -3, -6, -10]
    assert costs[0] == Charge(points=-1, rule="price_over_cap.points.low", reason="price_over_cap", occurred_at=NOON)


@pytest.mark.parametrize(("days_before", "points"), [(30, -5), (31, -3)], ids=["the last day of 30", "a day later"])
def test_a_repeat_within_the_days_of_the_rules_costs_more(days_before: int, points: int) -> None:
    earlier = event(-3, NOON - timedelta(days=days_before))
    result = charge(Severity.MEDIUM, [earlier])
    assert result is not None
    assert result.points == points


def test_of_a_kind_and_day_only_the_worst_counts() -> None:
    day = [event(-3), event(-6, NOON + timedelta(hours=1), event_id=2), event(-1, event_id=3)]
    score = score_at(day, RULES, TODAY, SANYA)
    assert (score.score, [one.event_id for one in score.counted]) == (94, [2])
    other_kind = event(-1, event_id=4, reason="effective_price_over_cap")
    other_day = event(-1, NOON - timedelta(days=1), event_id=5)
    assert score_at([*day, other_kind, other_day], RULES, TODAY, SANYA).score == 92


def test_when_the_worst_of_a_day_is_overturned_the_next_one_counts_whatever_the_order() -> None:
    reversal = event(6, NOON + timedelta(hours=2), event_id=9, reverses=2, reason="overturned")
    for day in ([event(-3), event(-6, event_id=2)], [event(-6, event_id=2), event(-3, event_id=3)]):
        assert score_at([*day, reversal], RULES, TODAY, SANYA).score == 97


def test_another_deduction_of_the_same_day_is_no_repeat() -> None:
    result = charge(Severity.MEDIUM, [event(-3, NOON - timedelta(hours=1))])
    assert result is not None
    assert result.points == -3


def test_an_overturned_deduction_is_no_repeat_and_no_deduction_of_the_day() -> None:
    undone = [event(-3, NOON - timedelta(hours=1)), event(3, NOON, event_id=2, reverses=1, reason="overturned")]
    result = charge(Severity.LOW, undone)
    assert result is not None
    assert result.points == -1


def test_a_kind_without_a_rule_costs_nothing() -> None:
    assert (
        charge_for(
            kind=AlertKind.UNBOUND_SCALE,
            severity=Severity.LOW,
            occurred_at=NOON,
            business_day=TODAY,
            ledger=[],
            rules=RULES,
            timezone=SANYA,
        )
        is None
    )


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("base = 100", "base = 200", "base is 200; expected between floor 0 and ceiling 110"),
        ("from_points = 75", "from_points = 95", "tier B.from_points is 95; expected below 90"),
        ("from_points = 0", "from_points = 10", "expected the floor 0 for the last"),
        ("low = -1, medium = -3", "medium = -3", "deduction price_over_cap.points lacks low"),
        ("low = -1", "low = 1", "Expected `int` <= -1"),
        ('kind = "effective_price_over_cap"', 'kind = "price_over_cap"', "deduction price_over_cap stands twice"),
        ('cycle = "quarter"', 'cycle = "week"', "week"),
    ],
)
def test_rules_with_a_mistake_say_which(old: str, new: str, says: str, tmp_path: Path) -> None:
    shipped = (policy_directory() / "credit.toml").read_text(encoding="utf-8")
    assert old in shipped
    path = tmp_path / "credit.toml"
    path.write_text(shipped.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadFile) as refused:
        read_credit_rules(path)
    assert says in str(refused.value)


def test_the_shipped_rules_say_that_they_are_a_reference_example() -> None:
    assert isinstance(RULES, CreditRules)
    for name in ("credit.toml", "rules.toml"):
        assert "参考样式" in (policy_directory() / name).read_text(encoding="utf-8").splitlines()[0]
