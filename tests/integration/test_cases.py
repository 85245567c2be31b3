"""Cases: opened by escalation, decided once in the document's words, their alerts following; and what two people do."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import psycopg
import pytest
from psycopg import Connection

from credit.cases import revoke
from db import accounts, cases, letters, publicity
from db.letters import Line
from db.publicity import entries_changed_since
from domain.alert import AlertKind, AlertState
from domain.alert_step import AlertAction
from domain.case import CaseAction, CaseDecision, CaseOutcome, CaseState
from domain.errors import FieldRefused, NotAllowed
from domain.notice import NoticeKind
from domain.publicity import PenaltyKind, TakenOffWhy
from domain.units import Fen
from supervision.alerts.needs import Problem
from supervision.cases.handling import CaseChangedMeanwhile, Move
from supervision.cases.handling import act as act_on_case
from supervision.cases.opening import join
from supervision.cases.states import StepNotPossible
from supervision.notices.webhook_body import body_of
from tests.alert_acts import MANAGER, POLICIES, REGULATOR, act, someone
from tests.case_acts import case_of, penalise, step
from tests.case_decisions import DECISION, decided, escalated, state_of, told, went_on
from tests.factories import NOW, put_market
from tests.integration.test_alert_life import PENALTY, TODAY
from tests.integration.test_publicity import LATER, SHIPPED, publish
from tests.notice_rig import letters_of, prefer, work


@pytest.fixture
def market(conn: Connection) -> Connection:
    put_market(conn)
    conn.commit()
    return conn


def problem(conn: Connection, case_id: int, decision: CaseDecision, **more: Any) -> str:
    with pytest.raises(FieldRefused) as caught:
        decided(conn, case_id, decision, **more)
    conn.rollback()
    return caught.value.problem


def test_an_escalation_opens_a_case_and_another_one_joins_it(market: Connection) -> None:
    first = escalated(market)
    second = escalated(market, AlertKind.TARE_ABUSE)
    case = case_of(market, first)
    assert cases.alerts_of(market, case.case_id) == [first, second]
    assert [one.action for one in cases.steps_of(market, case.case_id)] == [
        *(CaseAction.OPEN, CaseAction.ADD_ALERT, CaseAction.ADD_ALERT)
    ]


def test_a_decided_case_takes_no_more_alerts_and_the_next_escalation_opens_another(market: Connection) -> None:
    case_id, _ = told(market)
    decided(market, case_id)
    later = escalated(market, AlertKind.TARE_ABUSE)
    assert case_of(market, later).case_id != case_id
    with pytest.raises(FieldRefused):
        join(market, case_id, later, by=REGULATOR, note="", at=NOW)


def test_an_alert_that_is_handed_over_again_comes_to_another_case(market: Connection) -> None:
    first, alert_id = told(market)
    decided(market, first)
    went_on(market, alert_id, "upheld and escalated")
    second = case_of(market, alert_id)
    assert (second.case_id != first, second.state) == (True, CaseState.OPENED)
    assert cases.alerts_of(market, first) == cases.alerts_of(market, second.case_id) == [alert_id]
    another = replace(PENALTY, document_no="琼三市监处罚〔2026〕19号")
    assert penalise(market, alert_id, another) == second.case_id
    assert publish(market) == 2
    revoke(market, second.case_id, "by a court", by=REGULATOR, now=LATER, policies=POLICIES)
    assert {one.taken_off_why for one in entries_changed_since(market, 0, 10)} == {TakenOffWhy.REVOKED}


def test_an_alert_in_an_undecided_case_joins_no_other(market: Connection) -> None:
    first, alert_id = told(market)
    second = case_of(market, escalated(market, AlertKind.TARE_ABUSE)).case_id
    assert second != first
    with pytest.raises(FieldRefused) as caught:
        join(market, second, alert_id, by=REGULATOR, note="", at=NOW)
    assert caught.value.problem == "in_another_case"
    with pytest.raises(NotAllowed):
        join(market, second, alert_id, by=MANAGER, note="", at=NOW)


def test_a_penalty_takes_the_alerts_and_goes_on_the_list_with_its_case(market: Connection) -> None:
    case_id, alert_id = told(market)
    decided(market, case_id)
    assert state_of(market, alert_id) is AlertState.PENALISED
    (kept,) = cases.decisions_of(market, case_id)
    assert kept.basis == "《价格违法行为行政处罚规定》第九条"
    assert publish(market) == 1
    (entry,) = entries_changed_since(market, 0, 10)
    assert (entry.case_id, entry.kind, entry.amount_fen) == (case_id, PenaltyKind.FINE, 500_000)


@pytest.mark.parametrize("more", [{"kind": PenaltyKind.WARNING}, {"is_simple": True}])
def test_warnings_and_the_simple_procedure_are_not_published(market: Connection, more: dict[str, Any]) -> None:
    case_id, _ = told(market)
    decided(market, case_id, replace(DECISION, **more))
    assert publish(market) == 0
    assert publicity.waiting(market, not_published=SHIPPED.not_published, after=0, limit=10) == []


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (CaseOutcome.NO_PENALTY, AlertState.CLOSED),
        (CaseOutcome.TRANSFERRED, AlertState.CLOSED),
        (CaseOutcome.DROPPED, AlertState.OVERTURNED),
    ],
)
def test_what_is_decided_otherwise_ends_the_alert(market: Connection, outcome: CaseOutcome, state: AlertState) -> None:
    alert_id = escalated(market)
    without = replace(DECISION, outcome=outcome, kind=PenaltyKind.UNSTATED, amount_fen=None)
    decided(market, case_of(market, alert_id).case_id, without)
    assert state_of(market, alert_id) is state


def test_no_penalty_before_the_vendor_was_told(market: Connection) -> None:
    case_id = case_of(market, escalated(market)).case_id
    assert problem(market, case_id, DECISION) == "not_notified"


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"document_no": " "}, "missing"),
        ({"decision": "x" * 2001}, "too_long"),
        ({"decided_on": PENALTY.decided_on + timedelta(days=400)}, "not_decided_yet"),
        ({"delivered_on": PENALTY.decided_on - timedelta(days=1)}, "not_a_day"),
        ({"basis_code": "nowhere"}, "no_such_basis"),
        ({"basis_code": "", "basis": "价格法第四十二条"}, "missing"),
        ({"kind": PenaltyKind.UNSTATED}, "missing"),
        ({"amount_fen": Fen(-1)}, "not_taken"),
        ({"together_with": "nobody"}, "no_such_person"),
    ],
)
def test_a_decision_that_does_not_say_what_its_document_says(
    market: Connection, wrong: dict[str, Any], why: str
) -> None:
    case_id, alert_id = told(market)
    assert problem(market, case_id, replace(DECISION, **wrong)) == why
    assert state_of(market, alert_id) is AlertState.ESCALATED


def test_who_confirmed_the_alert_does_not_decide_alone(market: Connection) -> None:
    case_id, _ = told(market, by=REGULATOR)
    assert problem(market, case_id, DECISION) == "own_decision"
    decided(market, case_id, by=someone("another"))


def test_who_is_named_on_a_decision_is_told_of_it_and_nobody_else(market: Connection) -> None:
    for name in ("another", "a_third"):
        accounts.put_user(market, username=name, display_name=name, password_hash="", role="regulator", market_id=None)
    case_id, _ = told(market, by=REGULATOR)
    prefer(market, "another", NOW, quiet=None)
    decided(market, case_id, decision=replace(DECISION, together_with="another"), by=REGULATOR)
    work(market, NOW)
    news = {
        name: [one for one in _lines_told(market, name) if one.kind is NoticeKind.CASE_DECIDED_WITH]
        for name in ("another", "a_third")
    }
    [line] = news["another"]
    assert news["a_third"] == []
    assert (line.case_id, line.case_state, line.note) == (case_id, CaseState.DECIDED, DECISION.document_no)
    [told_of] = [
        one["case"] for one in msgspec.json.decode(body_of("msg_1", NOW, [line], "https://console.example"))["notices"]
    ]
    assert (told_of["url"], told_of["market_name"] != "", told_of["vendor_name"] != "") == (
        *(f"https://console.example/cases/{case_id}", True, True),
    )


def _lines_told(conn: Connection, username: str) -> list[Line]:
    return letters.lines(conn, [one.letter_id for one in letters_of(conn, username)], 20)


def test_who_decided_together_does_not_decide_on_the_appeal_either(market: Connection) -> None:
    for name in ("another", "a_third"):
        accounts.put_user(market, username=name, display_name=name, password_hash="", role="regulator", market_id=None)
    case_id, alert_id = told(market, by=REGULATOR)
    decided(market, case_id, decision=replace(DECISION, together_with="another"), by=REGULATOR)
    act(market, alert_id, AlertAction.APPEAL, note="称重有误")
    for who, step_of in ((REGULATOR, AlertAction.UPHOLD), (someone("another"), AlertAction.UPHOLD)):
        with pytest.raises(FieldRefused) as refused:
            act(market, alert_id, step_of, by=who, note="记录准确")
        assert refused.value.problem == Problem.OWN_DECISION
        market.rollback()
    with pytest.raises(FieldRefused):
        act(market, alert_id, AlertAction.OVERTURN, by=someone("another"), note="更正")
    market.rollback()
    act(market, alert_id, AlertAction.UPHOLD, by=someone("a_third"), note="记录准确")
    assert state_of(market, alert_id) is AlertState.UPHELD


def test_no_penalty_is_recorded_beside_the_case_that_decides_on_it(market: Connection) -> None:
    case_id, alert_id = told(market, by=REGULATOR)
    with pytest.raises(
        FieldRefused, match=f"expected the decision of case {case_id}, which alert {alert_id}"
    ) as caught:
        act(market, alert_id, AlertAction.RECORD_PENALTY, by=REGULATOR, penalty=PENALTY)
    market.rollback()
    assert caught.value.problem == Problem.DECIDED_IN_A_CASE
    assert state_of(market, alert_id) is AlertState.ESCALATED
    decided(market, case_id, by=someone("another"))
    assert state_of(market, alert_id) is AlertState.PENALISED


@pytest.mark.parametrize("is_upheld", [False, True])
@pytest.mark.parametrize(
    ("action", "more"),
    [
        (AlertAction.CLOSE, {}),
        (AlertAction.OVERTURN, {}),
        (AlertAction.ORDER_RECTIFICATION, {"due_on": TODAY + timedelta(days=5)}),
    ],
)
def test_what_is_left_to_a_case_is_not_done_beside_it(
    market: Connection, action: AlertAction, more: dict[str, Any], is_upheld: bool
) -> None:
    case_id, alert_id = told(market)
    if is_upheld:
        act(market, alert_id, AlertAction.APPEAL, note="the list was another")
        act(market, alert_id, AlertAction.UPHOLD, by=someone("another"), note="it was that list")
    before = state_of(market, alert_id)
    with pytest.raises(FieldRefused, match=f"expected the decision of case {case_id}") as caught:
        act(market, alert_id, action, by=REGULATOR, note="settled", **more)
    market.rollback()
    assert (caught.value.problem, state_of(market, alert_id)) == (Problem.DECIDED_IN_A_CASE, before)
    without = replace(DECISION, outcome=CaseOutcome.NO_PENALTY, kind=PenaltyKind.UNSTATED, amount_fen=None)
    decided(market, case_id, without)
    assert state_of(market, alert_id) is AlertState.CLOSED


def test_an_appeal_that_succeeds_takes_an_alert_out_of_the_hands_of_its_case_and_the_case_says_so(
    market: Connection,
) -> None:
    case_id, alert_id = told(market)
    act(market, alert_id, AlertAction.APPEAL, note="the list was another")
    act(market, alert_id, AlertAction.OVERTURN, by=someone("another"), note="it was")
    assert cases.steps_of(market, case_id)[-1].action is CaseAction.ALERT_OVERTURNED
    assert problem(market, case_id, DECISION) == "no_alert"


def test_a_step_that_does_not_follow_says_what_does(market: Connection) -> None:
    case_id = case_of(market, escalated(market)).case_id
    with pytest.raises(StepNotPossible, match="cannot close a case that is opened; possible: investigate, decide"):
        step(market, case_id, CaseAction.CLOSE)
    market.rollback()
    with pytest.raises(FieldRefused) as caught:
        step(market, case_id, CaseAction.DECIDE)
    assert caught.value.problem == "needs_document"


def test_a_manager_does_not_act_on_a_case(market: Connection) -> None:
    case_id = case_of(market, escalated(market)).case_id
    with pytest.raises(NotAllowed):
        act_on_case(market, case_id, Move(action=CaseAction.INVESTIGATE), by=MANAGER, now=NOW)


def test_the_second_of_two_meets_what_the_first_did(market: Connection) -> None:
    case_id, _ = told(market)
    seen = cases.by_id(market, case_id)
    assert seen is not None
    step(market, case_id, CaseAction.HEAR)
    with pytest.raises(CaseChangedMeanwhile):
        decided(market, case_id, revision=seen.revision)
    market.rollback()
    decided(market, case_id, revision=seen.revision + 1)


def test_the_same_document_is_not_recorded_twice(market: Connection) -> None:
    case_id, _ = told(market)
    decided(market, case_id)
    other, _ = told(market, kind=AlertKind.TARE_ABUSE)
    assert problem(market, other, DECISION) == "known_already"


def test_steps_and_decisions_are_not_changed(market: Connection) -> None:
    case_id, _ = told(market)
    decided(market, case_id)
    for table in ("case_steps", "case_decisions", "case_alerts", "cases"):
        with pytest.raises(psycopg.errors.RestrictViolation), market.transaction():
            market.execute(f"DELETE FROM {table}".encode())
