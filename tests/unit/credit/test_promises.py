"""Promises: which policy is refused, which step leads where, and what breaks one."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from credit.promises.breaking import Breach, broken_by, multiplied
from credit.promises.offering import term_end
from credit.promises.policy import read_promises_policy
from credit.promises.states import TRANSITIONS, actions_from, require_step
from credit.scoring import Charge
from domain.alert import AlertKind
from domain.errors import BadFile, IllegalTransition
from domain.ids import MarketId, VendorId
from domain.promise import Promise, PromiseAction, PromiseState
from steelyard.resources import policy_directory

NOW = datetime(2026, 11, 27, 2, 0, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SHIPPED = policy_directory() / "promises.toml"


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What of an alert decides whether it breaks a promise."""

    alert_id: int
    kind: AlertKind
    first_at: datetime
    last_at: datetime
    business_day: date
    timezone: str = "Asia/Shanghai"


def seen(
    first: datetime,
    last: datetime,
    *,
    alert_id: int = 9,
    kind: AlertKind = AlertKind.PRICE_OVER_CAP,
    day: date | None = None,
) -> Seen:
    of_clock = last.astimezone(ZoneInfo("Asia/Shanghai")).date()
    return Seen(alert_id=alert_id, kind=kind, first_at=first, last_at=last, business_day=day or of_clock)


def promise(promise_id: int = 17, *, factor: int = 2, made: bool = True) -> Promise:
    return Promise(
        promise_id=promise_id,
        market_id=MarketId("m"),
        vendor_id=VendorId("v"),
        alert_id=1,
        family="prices",
        scope=(AlertKind.PRICE_OVER_CAP, AlertKind.EFFECTIVE_PRICE_OVER_CAP),
        text_zh="…",
        text_en="…",
        term_days=10,
        factor=factor,
        charges_waived=False,
        policy_version="1",
        offered_at=NOW - DAY,
        offer_until=NOW + DAY,
        occurred_at=NOW - DAY,
        waived_kind=AlertKind.PRICE_OVER_CAP,
        waived_points=-3,
        waived_rule="price_over_cap.points.medium",
        rules_version="1",
        state=PromiseState.MADE if made else PromiseState.OFFERED,
        made_at=NOW if made else None,
        until=NOW + 10 * DAY if made else None,
    )


@pytest.mark.parametrize(
    ("alert", "breaks"),
    [
        (seen(NOW + HOUR, NOW + 2 * HOUR), True),
        (seen(NOW - HOUR, NOW), False),  # before it was made
        (seen(NOW - HOUR, NOW + HOUR), True),  # one occurrence came after it
        (seen(NOW + 10 * DAY - HOUR, NOW + 10 * DAY + HOUR), True),
        (seen(NOW + 10 * DAY, NOW + 10 * DAY + HOUR), False),  # after its term
        (seen(NOW + HOUR, NOW + HOUR, kind=AlertKind.TARE_ABUSE), False),
        (seen(NOW + HOUR, NOW + HOUR, kind=AlertKind.EFFECTIVE_PRICE_OVER_CAP), True),
        (seen(NOW + HOUR, NOW + HOUR, alert_id=1), False),  # its own
        # A clock that was set back or forward: the day that is judged counts.
        (seen(NOW - 120 * DAY, NOW - 120 * DAY, day=(NOW + DAY).date()), True),
        (seen(NOW + 400 * DAY, NOW + 400 * DAY, day=(NOW + DAY).date()), True),
        (seen(NOW + DAY, NOW + DAY, day=(NOW - DAY).date()), False),
    ],
)
def test_what_happened_within_the_term_and_the_scope_breaks_it(alert: Breach, breaks: bool) -> None:
    assert broken_by(promise(), alert) is breaks
    assert broken_by(promise(made=False), alert) is False


def test_the_highest_factor_counts_once_and_the_older_promise_is_named() -> None:
    charge = Charge(points=-3, rule="price_over_cap.points.low", reason="price_over_cap", occurred_at=NOW)
    assert multiplied(charge, []) == (charge, None)
    costs, by = multiplied(charge, [promise(18), promise(17), promise(16, factor=1)])
    assert (costs.points, costs.rule) == (-6, "price_over_cap.points.low ×2 promise 17")
    assert by is not None
    assert by.promise_id == 17


def test_a_term_ends_with_its_last_day_by_the_clock_of_the_market() -> None:
    assert term_end(NOW, 1, "Asia/Shanghai") == datetime(2026, 11, 28, 16, 0, tzinfo=UTC)


def test_a_step_leads_where_the_table_says_and_nowhere_else() -> None:
    for state in PromiseState:
        for action in set(PromiseAction) - {PromiseAction.OFFER}:
            if (state, action) in TRANSITIONS:
                assert require_step(state, action)
            else:
                with pytest.raises(IllegalTransition, match=f"cannot {action} a promise that is {state}"):
                    require_step(state, action)
    assert actions_from(PromiseState.OFFERED) == [PromiseAction.MAKE, PromiseAction.DECLINE]
    assert {state for state in PromiseState if actions_from(state)} == {PromiseState.OFFERED}


def test_the_shipped_policy_calls_itself_an_example_and_fills_its_texts_in() -> None:
    policy = read_promises_policy(SHIPPED)
    family = policy.family_for(AlertKind.PRICE_OVER_CAP)
    assert family is not None
    assert "绝不突破调控价格" in family.text("zh", vendor="阿明海鲜", market="第一市场")
    assert "阿明海鲜" in family.text("en", vendor="阿明海鲜", market="第一市场")
    assert policy.family_for(AlertKind.SHORT_WEIGHT) is None
    assert policy.in_force_from == date(2026, 1, 1)
    assert "参考样式" in SHIPPED.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("factor = 2", "factor = 0", "Expected `int` >= 1"),
        ("factor = 2", 'factor = "two"', "Expected `int`"),
        ('name = "tare"', 'name = "prices"', "family prices stands twice"),
        ('kinds = ["tare_abuse"]', 'kinds = ["low_use"]', "kind low_use is in 2 places of family.kinds; expected one"),
        ('scope = ["tare_abuse"]', "scope = []", "family tare.scope lacks tare_abuse; expected all of its kinds"),
        ("（{vendor}）", "（{name}）", "has {name}; expected only {vendor}, {market} and {days}"),
        ("（{vendor}）", "（{vendor.market}）", "has {vendor.market}; expected only"),
        ("（{vendor}）", "（{vendor）", "expected only {vendor}, {market} and {days} to be filled in"),
        ('severities = ["low", "medium"]', 'severities = ["mild"]', "Invalid enum value 'mild'"),
        ("working_days = 3", "working_dayz = 3", "contains unknown field `working_dayz`"),
    ],
)
def test_a_wrong_policy_is_refused_with_what_was_expected(tmp_path: Path, old: str, new: str, problem: str) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "promises.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(BadFile) as refused:
        read_promises_policy(path)
    assert problem in str(refused.value)
