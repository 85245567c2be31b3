"""What holds of every ledger and date: bounds, order, reversals, what is known later."""

from datetime import date, timedelta
from random import Random

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from credit.rules.reading import read_credit_rules
from credit.rules.shape import CreditRules
from credit.scoring import cycle_of, score_at, standing
from domain.credit import CreditEvent
from steelyard.resources import policy_directory
from tests.credit_lines import NOON, SANYA, ledgers, line, undone

SHIPPED = read_credit_rules(policy_directory() / "credit.toml")
TWELVE = read_credit_rules(policy_directory() / "credit-examples" / "twelve-points.toml")
#: The same with two lines of a day counted, and a cycle of a month.
OTHER = msgspec.structs.replace(
    SHIPPED, cycle="month", deduction=tuple(msgspec.structs.replace(one, a_day=2) for one in SHIPPED.deduction)
)
RULES = st.sampled_from((SHIPPED, TWELVE, OTHER))
TODAY = date(2026, 11, 22)
DAYS = st.integers(0, 220).map(lambda days: TODAY - timedelta(days=days))


@given(data=st.data(), rules=RULES, day=DAYS)
def test_the_score_never_leaves_its_bounds_and_clamping_loses_no_point(
    data: st.DataObject, rules: CreditRules, day: date
) -> None:
    score = score_at(data.draw(ledgers(rules)), rules, day, SANYA)
    assert rules.floor <= score.score <= rules.ceiling
    assert score.unclamped == rules.base + sum(event.points for event in score.counted) - score.held_back
    assert score.score == max(rules.floor, min(rules.ceiling, score.unclamped))
    assert score.tier in rules.tier


@given(data=st.data(), rules=RULES, day=DAYS)
def test_the_order_in_which_lines_are_read_changes_nothing(data: st.DataObject, rules: CreditRules, day: date) -> None:
    ledger = data.draw(ledgers(rules))
    shuffled = Random(data.draw(st.integers())).sample(ledger, len(ledger))
    assert score_at(ledger, rules, day, SANYA) == score_at(shuffled, rules, day, SANYA)


@given(data=st.data(), rules=RULES)
def test_events_of_one_moment_may_be_recorded_in_any_order(data: st.DataObject, rules: CreditRules) -> None:
    """Their numbers are another, and the score is the same: with the same points and dates nobody can tell."""
    points = data.draw(st.lists(st.integers(-30, -1), max_size=6))
    kinds = data.draw(st.lists(st.sampled_from(("a", "b")), min_size=len(points), max_size=len(points)))
    facts = list(zip(points, kinds, strict=True))
    other = Random(data.draw(st.integers())).sample(facts, len(facts))
    scores = [
        score_at([line(n, p, reason=kind) for n, (p, kind) in enumerate(told, start=1)], rules, TODAY, SANYA).score
        for told in (facts, other)
    ]
    assert scores[0] == scores[1]


@given(data=st.data(), rules=RULES, day=DAYS)
def test_reversing_a_line_and_its_repairs_restores_exactly(data: st.DataObject, rules: CreditRules, day: date) -> None:
    """A line that is undone is as if it had never been, whatever stands beside it."""
    ledger = data.draw(ledgers(rules))
    stand = [event for event in standing(ledger) if event.repairs is None]
    if not stand:
        return
    event = data.draw(st.sampled_from(stand))
    gone = [event, *(one for one in standing(ledger) if one.repairs == event.event_id)]
    with_it_undone = [*ledger, *(undone(one, len(ledger) + 1 + n) for n, one in enumerate(gone))]
    without = [one for one in ledger if one not in gone]
    told, expected = (score_at(one, rules, day, SANYA) for one in (with_it_undone, without))
    assert (told.score, told.tier, told.unclamped) == (expected.score, expected.tier, expected.unclamped)


@given(data=st.data(), rules=RULES, day=DAYS, late=st.lists(st.integers(-30, -1), max_size=4))
def test_a_score_as_it_was_known_is_the_same_in_a_year(
    data: st.DataObject, rules: CreditRules, day: date, late: list[int]
) -> None:
    ledger = data.draw(ledgers(rules))
    known_at = max((event.recorded_at for event in ledger), default=NOON)
    after = known_at + timedelta(days=365)
    later = [line(900 + n, points, NOON, recorded_at=after) for n, points in enumerate(late)]
    later += [undone(event, 950 + n, recorded_at=after) for n, event in enumerate(standing(ledger)[:2])]
    now = score_at(ledger, rules, day, SANYA, known_at=known_at)
    assert score_at([*ledger, *later], rules, day, SANYA, known_at=known_at) == now


@given(data=st.data(), rules=RULES)
def test_reckoned_from_nothing_it_is_the_running_total(data: st.DataObject, rules: CreditRules) -> None:
    """Each line that is appended moves the sum by what a clerk with a pencil would write beside it."""
    ledger = data.draw(ledgers(rules))
    first, _ = cycle_of(TODAY, rules)
    for n in range(len(ledger) + 1):
        so_far = ledger[:n]
        assert score_at(so_far, rules, TODAY, SANYA).unclamped == rules.base + pencilled(so_far, rules, first)


def pencilled(ledger: list[CreditEvent], rules: CreditRules, first: date) -> int:
    """Add line after line to a page for each reason: another way to the same sum."""
    pages: dict[str, dict[date, dict[int, int]]] = {}
    where: dict[int, tuple[str, date]] = {}
    back: dict[int, tuple[int, int]] = {}
    for event in ledger:
        day = (event.occurred_at + timedelta(hours=8)).date()
        if event.reverses is not None:
            reason_day = where.pop(event.reverses, None)
            if reason_day is not None:
                del pages[reason_day[0]][reason_day[1]][event.reverses]
            back.pop(event.reverses, None)
        elif not first <= day <= TODAY:
            continue
        elif event.repairs is not None:
            back[event.event_id] = (event.repairs, event.points)
        else:
            pages.setdefault(event.reason, {}).setdefault(day, {})[event.event_id] = event.points
            where[event.event_id] = (event.reason, day)

    def given(event_id: int) -> int:
        return sum(points for repaired, points in back.values() if repaired == event_id)

    total = 0
    for reason, days in pages.items():
        kept = {
            event_id: points
            for of_day in days.values()
            for event_id, points in sorted(of_day.items(), key=lambda one: (-abs(one[1] + given(one[0])), one[0]))[
                : rules.a_day(reason)
            ]
        }
        of_reason = sum(kept.values())
        most = rules.most_a_cycle().get(reason)
        total += of_reason if most is None else min(of_reason, most)
        total += sum(points for repaired, points in back.values() if repaired in kept)
    return total


@given(data=st.data(), rules=RULES, day=DAYS)
def test_while_a_veto_item_of_the_cycle_stands_the_tier_is_the_last(
    data: st.DataObject, rules: CreditRules, day: date
) -> None:
    ledger = data.draw(ledgers(rules))
    score = score_at(ledger, rules, day, SANYA)
    first, _ = cycle_of(day, rules)
    stands = [
        event
        for event in standing(ledger)
        if event.is_veto and first <= (event.occurred_at + timedelta(hours=8)).date() <= day
    ]
    assert {event.event_id for event in score.vetoes} == {event.event_id for event in stands}
    assert not stands or score.tier is rules.tier[-1]
