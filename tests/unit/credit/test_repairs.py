"""Whether a part of a deduction may come back: condition by condition, and over any ledger."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from credit.repairs.conditions import (
    AlertFacts,
    Checked,
    Condition,
    ConditionName,
    Shown,
    Subject,
    conditions_of,
    most_to_give,
    promises_that_show_effort,
    unmet,
)
from credit.repairs.entry import Application, ConditionsUnmet, Problem, Verdict, points_of, reason_of, shown_by
from credit.repairs.states import TRANSITIONS, actions_from, next_state
from credit.scoring import score_at
from domain.alert import AlertKind, AlertState
from domain.alert_step import AlertAction
from domain.credit import CreditEvent, CreditSource
from domain.errors import FieldRefused, IllegalTransition
from domain.ids import MarketId, VendorId
from domain.promise import Promise, PromiseState
from domain.repair import Effort, RepairAction, RepairState
from tests.unit.credit.test_scoring import RULES, SANYA, event

_N = ConditionName
FIRST = datetime(2026, 10, 5, 4, 0, tzinfo=UTC)
TRAINED = Shown(effort=Effort.TRAINING, document_no="培-7", document="市场办培训")
A_DAY = timedelta(days=1)


def repair(points: int, of: int, *, event_id: int = 90, at: datetime = FIRST + 40 * A_DAY) -> CreditEvent:
    line = event(points, at, event_id=event_id, reason="repair")
    return replace(line, source=CreditSource.REPAIR, repairs=of, alert_id=None)


def subject(
    one: CreditEvent, *others: CreditEvent, alert: AlertFacts | None = None, promises: tuple[Promise, ...] = ()
) -> Subject:
    return Subject(event=one, ledger=[one, *others], promises=promises, alert=alert, timezone=SANYA)


def check(of: Subject, name: ConditionName, day: date, shown: Shown | None = TRAINED) -> Condition:
    return next(one for one in conditions_of(of, shown, rules=RULES, day=day) if one.name is name)


def alert_facts(state: AlertState, ordered: AlertAction | None) -> AlertFacts:
    return AlertFacts(
        alert_id=7, state=state, rectify_by=date(2026, 10, 20), ordered=ordered, confirmed_by=("manager",)
    )


def promise(state: PromiseState = PromiseState.MADE, *, days: int = 90, promise_id: int = 3) -> Promise:
    return Promise(
        promise_id=promise_id,
        market_id=MarketId("m"),
        vendor_id=VendorId("V-1"),
        alert_id=99,
        family="scale",
        scope=(AlertKind.SCALE_SILENT,),
        text_zh="诺",
        text_en="promised",
        term_days=days,
        factor=2,
        charges_waived=True,
        policy_version="1",
        offered_at=FIRST,
        offer_until=FIRST,
        occurred_at=FIRST,
        waived_kind=AlertKind.SCALE_SILENT,
        waived_points=-3,
        waived_rule="r",
        rules_version="1",
        state=state,
        made_at=FIRST,
        until=FIRST + days * A_DAY,
    )


def test_all_conditions_are_told_in_order_whether_met_or_not() -> None:
    told = conditions_of(subject(event(-6, FIRST)), None, rules=RULES, day=FIRST.date())
    assert [one.name for one in told] == list(ConditionName)
    assert {one.name for one in unmet(told)} == {_N.CLEAN_DAYS, _N.EFFORT}


@pytest.mark.parametrize(("days", "is_met"), [(29, False), (30, True)], ids=["a day short", "the 30th day"])
def test_clean_days_are_counted_from_the_day_after_the_last_deduction(days: int, is_met: bool) -> None:
    found = check(subject(event(-6, FIRST)), _N.CLEAN_DAYS, FIRST.date() + days * A_DAY)
    assert (found.is_met, found.from_day) == (is_met, None if is_met else date(2026, 11, 4))
    assert found.facts["day"] == date(2026, 11, 4)


def test_a_grave_deduction_takes_longer() -> None:
    found = check(subject(event(RULES.repair.grave_points, FIRST)), _N.CLEAN_DAYS, FIRST.date())
    assert found.from_day == FIRST.date() + RULES.repair.grave_clean_days * A_DAY


def test_the_days_begin_anew_with_each_standing_deduction_and_not_with_one_that_was_undone() -> None:
    later = event(-1, FIRST + 10 * A_DAY, event_id=2, reason="tare_abuse")
    undone = event(1, FIRST + 11 * A_DAY, event_id=3, reverses=2, reason="overturned")
    day = FIRST.date() + 30 * A_DAY
    assert check(subject(event(-6, FIRST), later), _N.CLEAN_DAYS, day).from_day == FIRST.date() + 40 * A_DAY
    assert check(subject(event(-6, FIRST), later, undone), _N.CLEAN_DAYS, day).is_met


def test_days_that_end_after_the_cycle_are_told_as_that() -> None:
    late = subject(event(-6, datetime(2026, 12, 5, tzinfo=UTC)))
    found = check(late, _N.CLEAN_DAYS, date(2026, 12, 6))
    assert (found.found, found.facts["end"]) == (Checked.NOT_IN_THIS_CYCLE, date(2026, 12, 31))


@pytest.mark.parametrize(
    ("state", "ordered", "found"),
    [
        (AlertState.CONFIRMED, None, Checked.NOTHING_ORDERED),
        (AlertState.RECTIFYING, AlertAction.ORDER_RECTIFICATION, Checked.TO_BE_RECTIFIED),
        (AlertState.RECTIFYING, AlertAction.SEND_BACK, Checked.TO_BE_RECTIFIED),
        (AlertState.ESCALATED, AlertAction.ORDER_RECTIFICATION, Checked.TO_BE_RECTIFIED),
        (AlertState.RECTIFIED, AlertAction.REPORT_RECTIFIED, Checked.TO_BE_CHECKED),
        (AlertState.CLOSED, AlertAction.REPORT_RECTIFIED, Checked.RECTIFIED),
    ],
)
def test_what_was_ordered_is_rectified_and_checked(
    state: AlertState, ordered: AlertAction | None, found: Checked
) -> None:
    told = check(subject(event(-6, FIRST), alert=alert_facts(state, ordered)), _N.RECTIFIED, FIRST.date())
    assert (told.found, told.is_met) == (found, found in (Checked.NOTHING_ORDERED, Checked.RECTIFIED))


def test_what_no_alert_stands_behind_has_nothing_to_rectify() -> None:
    assert check(subject(event(-2, FIRST)), _N.RECTIFIED, FIRST.date()).found is Checked.NOTHING_ORDERED


def test_a_veto_item_is_never_repaired() -> None:
    veto = replace(event(-30, FIRST), is_veto=True)
    assert not check(subject(veto), _N.NO_VETO, FIRST.date() + 80 * A_DAY).is_met


@pytest.mark.parametrize("day", [date(2026, 10, 4), date(2027, 1, 1)], ids=["before it", "in the next cycle"])
def test_only_what_counts_in_the_running_cycle_is_repaired(day: date) -> None:
    assert not check(subject(event(-6, FIRST)), _N.COUNTS, day).is_met


def test_what_was_given_back_or_is_no_deduction_or_stands_behind_a_worse_one_is_not_repaired() -> None:
    day = FIRST.date() + 40 * A_DAY
    gone = event(6, FIRST, event_id=2, reverses=1, reason="overturned")
    assert not check(subject(event(-6, FIRST), gone), _N.COUNTS, day).is_met
    assert not check(subject(event(6, FIRST, reason="award")), _N.COUNTS, day).is_met
    worse = event(-10, FIRST, event_id=2)
    assert not check(subject(event(-6, FIRST), worse), _N.COUNTS, day).is_met
    back = repair(3, 1)
    assert not check(subject(back, event(-6, FIRST)), _N.COUNTS, FIRST.date() + 50 * A_DAY).is_met


@pytest.mark.parametrize(
    ("shown", "found"),
    [
        (None, Checked.NO_EFFORT),
        (TRAINED, Checked.TRAINED),
        (replace(TRAINED, document=""), Checked.NO_EFFORT),
        (Shown(effort=Effort.PROMISE, promise_id=3), Checked.PROMISED),
        (Shown(effort=Effort.PROMISE, promise_id=4), Checked.PROMISE_NOT_KEPT),
        (Shown(effort=Effort.PROMISE), Checked.PROMISE_NOT_KEPT),
    ],
)
def test_an_effort_is_shown(shown: Shown | None, found: Checked) -> None:
    told = check(subject(event(-6, FIRST), promises=(promise(),)), _N.EFFORT, FIRST.date(), shown)
    assert (told.found, told.is_met) == (found, found in (Checked.TRAINED, Checked.PROMISED))


def test_an_effort_that_the_rules_do_not_take_is_none() -> None:
    rules = msgspec.structs.replace(RULES, repair=msgspec.structs.replace(RULES.repair, efforts=("promise",)))
    told = conditions_of(subject(event(-6, FIRST)), TRAINED, rules=rules, day=FIRST.date())
    assert told[-1].found is Checked.EFFORT_NOT_TAKEN


@pytest.mark.parametrize("state", PromiseState)
def test_only_a_promise_that_is_kept_so_far_shows_effort(state: PromiseState) -> None:
    shows = promises_that_show_effort(subject(event(-6, FIRST), promises=(promise(state),)))
    assert bool(shows) == (state in (PromiseState.MADE, PromiseState.KEPT))


def test_a_promise_that_was_over_before_the_deduction_shows_nothing() -> None:
    assert promises_that_show_effort(subject(event(-6, FIRST + 8 * A_DAY), promises=(promise(days=7),))) == []


@pytest.mark.parametrize(
    ("points", "given", "most"), [(-6, 0, 3), (-5, 0, 2), (-1, 0, 0), (-10, 3, 2), (-10, 5, 0), (-10, 9, 0)]
)
def test_at_most_what_the_rules_allow_comes_back_rounded_down_and_over_all_repairs(
    points: int, given: int, most: int
) -> None:
    one = event(points, FIRST)
    ledger = [one, repair(given, 1)] if given else [one]
    assert most_to_give(one, ledger, RULES) == most
    left = check(subject(*ledger), _N.SOMETHING_LEFT, FIRST.date())
    assert (left.is_met, left.facts["left"]) == (most > 0, most)


def test_what_was_taken_back_of_a_repair_may_be_given_again() -> None:
    one, back = event(-10, FIRST), repair(5, 1)
    taken = replace(event(-5, FIRST + 50 * A_DAY, event_id=95, reverses=90), source=CreditSource.REPAIR, alert_id=None)
    assert most_to_give(one, [one, back, taken], RULES) == 5


#: A ledger of some weeks: deductions of two kinds on few days, so that several fall on one; some of them vetoes.
_FACTS = st.lists(
    st.tuples(
        st.integers(-30, -1), st.integers(0, 80), st.sampled_from(["price_over_cap", "tare_abuse"]), st.booleans()
    ),
    min_size=1,
    max_size=8,
)


@given(_FACTS, st.data(), st.integers(0, 100))
def test_whatever_is_asked_never_more_than_allowed_never_a_veto_and_nobody_is_better_off_with_a_breach(
    facts: list[tuple[int, int, str, bool]], data: st.DataObject, percent: int
) -> None:
    rules = msgspec.structs.replace(RULES, repair=msgspec.structs.replace(RULES.repair, most_percent=percent))
    ledger = [
        replace(event(points, FIRST + day * A_DAY, event_id=n, reason=reason), is_veto=is_veto and points < -25)
        for n, (points, day, reason, is_veto) in enumerate(facts, start=1)
    ]
    deductions = list(ledger)
    today = FIRST.date() + 85 * A_DAY
    for n in range(data.draw(st.integers(1, 6))):
        one = data.draw(st.sampled_from(deductions))
        of = Subject(event=one, ledger=ledger, promises=(), alert=None, timezone=SANYA)
        told = conditions_of(of, TRAINED, rules=rules, day=today)
        most = most_to_give(one, ledger, rules)
        if [c for c in unmet(told) if c.name is not _N.CLEAN_DAYS]:
            continue
        assert not one.is_veto
        granted = data.draw(st.integers(1, most))
        ledger.append(repair(granted, one.event_id, event_id=100 + n, at=FIRST + 85 * A_DAY))
        # What comes later too: a breach of an earlier day that is confirmed after the repair.
        if data.draw(st.booleans()):
            points, day, reason, _ = data.draw(st.sampled_from(facts))
            late = event(points, FIRST + day * A_DAY, event_id=200 + n, reason=reason)
            deductions.append(late)
            ledger.append(late)
    for one in deductions:
        back = sum(line.points for line in ledger if line.repairs == one.event_id)
        assert back <= -one.points * percent // 100
        assert not (one.is_veto and back)
        without = [line for line in ledger if line is not one and line.repairs != one.event_id]
        assert score_at(ledger, rules, today, SANYA).unclamped <= score_at(without, rules, today, SANYA).unclamped
        undone = [
            event(-line.points, FIRST + 86 * A_DAY, event_id=300 + line.event_id, reverses=line.event_id)
            for line in ledger
            if line is one or line.repairs == one.event_id
        ]
        restored, never = (score_at(lines, rules, today, SANYA) for lines in ([*ledger, *undone], without))
        assert (restored.score, restored.unclamped, restored.tier) == (never.score, never.unclamped, never.tier)


@given(st.integers(-40, -1), st.integers(0, 100))
def test_a_repair_never_gives_more_than_the_line_took(points: int, percent: int) -> None:
    rules = msgspec.structs.replace(RULES, repair=msgspec.structs.replace(RULES.repair, most_percent=percent))
    one = event(points, FIRST)
    most = most_to_give(one, [one], rules)
    assume(most)
    assert 0 < most <= -points


@pytest.mark.parametrize(
    ("typed", "field", "problem"),
    [
        (Application(event_id=1, effort=""), "effort", Problem.MISSING),
        (Application(event_id=1, effort="wishes"), "effort", Problem.NO_SUCH_EFFORT),
        (Application(event_id=1, effort="training"), "document_no", Problem.MISSING),
        (Application(event_id=1, effort="training", document_no="7"), "document", Problem.MISSING),
        (Application(event_id=1, effort="training", document_no="7" * 201), "document_no", Problem.TOO_LONG),
        (Application(event_id=1, effort="promise"), "promise_id", Problem.MISSING),
        (Application(event_id=1, effort="promise", promise_id="x"), "promise_id", Problem.NOT_A_NUMBER),
    ],
)
def test_what_an_application_lacks_is_told_by_its_field(typed: Application, field: str, problem: Problem) -> None:
    with pytest.raises(FieldRefused) as error:
        shown_by(typed)
    assert (error.value.field, error.value.problem) == (field, problem)


@pytest.mark.parametrize("typed", ["0", "4", "-1", "x", "1.5", "９"])
def test_points_granted_are_from_one_to_what_may_be_given(typed: str) -> None:
    with pytest.raises(FieldRefused) as error:
        points_of(Verdict(action=RepairAction.GRANT, points=typed), 3)
    assert error.value.facts == {"value": typed, "most": "3"}
    assert [points_of(Verdict(action=RepairAction.GRANT, points=one), 3) for one in ("", "1", "+2", "3")] == [
        3,
        1,
        2,
        3,
    ]


def test_a_decision_has_a_reason_and_a_withdrawal_need_not() -> None:
    for action in (RepairAction.GRANT, RepairAction.REFUSE):
        with pytest.raises(FieldRefused):
            reason_of(Verdict(action=action, reason=" "))
    assert reason_of(Verdict(action=RepairAction.WITHDRAW)) == ""


def test_what_is_unmet_is_named_with_the_day_from_which_it_may_be() -> None:
    told = conditions_of(subject(event(-6, FIRST)), TRAINED, rules=RULES, day=FIRST.date())
    error = ConditionsUnmet(told)
    assert (error.field, error.problem, error.conditions) == ("event_id", Problem.UNMET, told)
    assert "clean_days: not_clean_yet" in str(error)
    assert "not before 2026-11-04" in str(error)
    only_effort = conditions_of(subject(event(-6, FIRST)), None, rules=RULES, day=FIRST.date() + 40 * A_DAY)
    assert ConditionsUnmet(only_effort).field == "effort"


@pytest.mark.parametrize("state", RepairState)
@pytest.mark.parametrize("action", RepairAction)
def test_the_table_of_states_says_what_is_possible(state: RepairState, action: RepairAction) -> None:
    if (state, action) in TRANSITIONS:
        assert next_state(state, action) is TRANSITIONS[state, action]
        assert action in actions_from(state)
    else:
        with pytest.raises(IllegalTransition):
            next_state(state, action)
