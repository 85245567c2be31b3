"""What a change of the rules would have done: the same facts charged anew, and nothing of what was before its day."""

from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.rules.reading import read_credit_rules
from credit.rules.replaying import replayed
from credit.rules.simulating import Subject, days_between, simulate
from credit.rules.versions import Rulebook
from credit.scoring import score_at, standing
from domain.alert import AlertKind, Severity
from domain.ids import MarketId, VendorId
from steelyard.resources import policy_directory
from tests.credit_lines import NOON, SANYA, charged, ledgers, line

RULES = read_credit_rules(policy_directory() / "credit.toml")
TWELVE = read_credit_rules(policy_directory() / "credit-examples" / "twelve-points.toml")
BOOK = Rulebook((RULES,))
FIRST, LAST = date(2026, 10, 1), date(2026, 11, 22)


def subject(*ledger: object, vendor: str = "V-1", market: str = "m") -> Subject:
    return Subject(market_id=MarketId(market), vendor_id=VendorId(vendor), timezone=SANYA, ledger=tuple(ledger))  # type: ignore[arg-type]


@given(data=st.data())
def test_by_the_same_rules_the_same_facts_are_charged_the_same(data: st.DataObject) -> None:
    ledger = data.draw(ledgers(RULES, in_order=True))
    assert sorted(replayed(ledger, RULES, SANYA), key=lambda one: one.event_id) == standing(ledger)


@given(data=st.data())
def test_the_same_rules_change_nobodys_tier(data: st.DataObject) -> None:
    ledger = data.draw(ledgers(RULES, in_order=True))
    found = simulate([subject(*ledger)], BOOK, RULES, first=FIRST, last=LAST)
    assert found.changes == ()
    assert all(one.before == one.after for one in found.markets.values())


@given(data=st.data())
def test_other_rules_know_only_their_own_points(data: st.DataObject) -> None:
    ledger = data.draw(ledgers(RULES, in_order=True))
    for event in replayed(ledger, TWELVE, SANYA):
        assert event.repairs is not None or -18 <= event.points <= 15
    assert TWELVE.floor <= score_at(replayed(ledger, TWELVE, SANYA), TWELVE, LAST, SANYA).score <= TWELVE.ceiling


def test_who_changes_tier_is_told_with_both_scores() -> None:
    event = charged([], AlertKind.TARE_ABUSE, Severity.LOW, NOON, RULES)
    dearer = msgspec.structs.replace(
        RULES,
        version="dearer",
        deduction=tuple(
            msgspec.structs.replace(one, points=dict.fromkeys(Severity, -26)) if one.kind == "tare_abuse" else one
            for one in RULES.deduction
        ),
    )
    found = simulate([subject(event), subject(vendor="V-2")], BOOK, dearer, first=FIRST, last=LAST)
    assert [(one.vendor_id, one.day, one.score_before, one.tier_before) for one in found.changes] == [
        (VendorId("V-1"), LAST, 94, "A")
    ]
    assert [(one.score_after, one.tier_after) for one in found.changes] == [(74, "C")]
    of_market = found.markets[MarketId("m")]
    assert (dict(of_market.before[LAST]), dict(of_market.after[LAST])) == ({"A": 2}, {"A": 1, "C": 1})
    assert found.vendors == 2


def test_what_was_before_the_change_is_charged_as_it_was() -> None:
    before = charged([], AlertKind.TARE_ABUSE, Severity.LOW, NOON - timedelta(days=30), RULES)
    dearer = msgspec.structs.replace(
        RULES,
        deduction=tuple(msgspec.structs.replace(one, points=dict.fromkeys(Severity, -30)) for one in RULES.deduction),
    )
    found = simulate([subject(before)], BOOK, dearer, first=date(2026, 11, 1), last=LAST)
    assert found.changes == ()


def test_a_line_whose_severity_nobody_knows_stays_as_it_is() -> None:
    event = line(1, -7, rule="an old rule")
    assert replayed([event], TWELVE, SANYA) == [event]


def test_what_a_promise_multiplied_is_multiplied() -> None:
    event = line(1, -6, rule="price_over_cap.points.medium ×2 promise 5", factor=2, promise_id=5)
    [anew] = replayed([event], RULES, SANYA)
    assert (anew.points, anew.factor) == (-6, 2)


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        (date(2026, 11, 22), date(2026, 11, 22), [date(2026, 11, 22)]),
        (date(2026, 10, 1), date(2026, 11, 22), [date(2026, 10, 31), date(2026, 11, 22)]),
        (date(2024, 2, 1), date(2024, 2, 29), [date(2024, 2, 29)]),
        (date(2026, 12, 31), date(2027, 1, 1), [date(2026, 12, 31), date(2027, 1, 1)]),
    ],
)
def test_looked_at_are_the_ends_of_months_and_the_last_day(first: date, last: date, days: list[date]) -> None:
    assert list(days_between(first, last)) == days
