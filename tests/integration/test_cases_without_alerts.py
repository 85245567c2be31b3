"""Cases that no alert opens: on what a visit found, and for a regulator's own reason; decided, published, frozen."""

import io
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import psycopg
import pytest
from psycopg import Connection

from credit.cases import decide, revoke
from db import case_findings, case_lists, cases, inspections
from db.publicity import entries_changed_since
from domain.alert import AlertKind, AlertState
from domain.alert_step import AlertAction
from domain.case import Case, CaseAction, CaseCause, CaseState
from domain.errors import FieldRefused, NotAllowed, NotFound
from domain.ids import VendorId
from domain.inspection import VisitAction, VisitState
from domain.publicity import TakenOffWhy
from domain.supervision_item import AnswerKind
from supervision.alerts.handling import Actor
from supervision.cases.freezing import freeze
from supervision.cases.starting import (
    act_on_visit,
    findings_of,
    open_for_reason,
    open_on_findings,
)
from supervision.cases.verifying import verify
from supervision.inspections import answering, asking
from supervision.inspections.answers import SentAnswer
from tests.alert_acts import MANAGER, POLICIES, REGULATOR, act, someone
from tests.case_acts import BASES, case_of, decision_of, step
from tests.draw_acts import POLICY
from tests.factories import MARKET, NOW
from tests.integration import test_visits as visits
from tests.integration.test_alert_life import PENALTY, raised
from tests.integration.test_publicity import LATER, publish

world = visits.world
REASON = "线索来自媒体报道"


def found_wrong(conn: Connection, *, value: str = "no") -> int:
    """A visit that takes place, with every question that may be answered so."""
    visit = visits.a_visit(conn, "M01", "M03")
    visits.step(conn, visit, VisitAction.BEGIN)
    sent = [
        SentAnswer(
            answer_id=uuid4(),
            item_code=one.item_code,
            question_code=one.question.code,
            value=value,
            note="秤盘下有磁铁",
            answered_at=NOW,
            known=None,
        )
        for one in asking.checklist(conn, visit).questions
        if one.question.answer is AnswerKind.COMPLIES
    ]
    answering.take(conn, visit, sent, by="market-1", market_id=None, now=NOW)
    conn.commit()
    return visit


def on_findings(conn: Connection, visit: int, *, by: Actor = REGULATOR, most: int | None = None) -> int:
    wanted = [one.question for one in findings_of(conn, visit)][:most]
    case_id = open_on_findings(conn, visit, wanted, reason="作弊", by=by, now=NOW)
    conn.commit()
    return case_id


def for_reason(conn: Connection, reason: str = REASON, *, by: Actor = REGULATOR) -> int:
    case_id = open_for_reason(conn, MARKET, VendorId("V-1"), reason=reason, by=by, now=NOW)
    conn.commit()
    return case_id


def the_case(conn: Connection, case_id: int) -> Case:
    case = cases.by_id(conn, case_id)
    assert case is not None
    return case


def penalise(conn: Connection, case_id: int, **more: Any) -> None:
    step(conn, case_id, CaseAction.INVESTIGATE, CaseAction.NOTIFY)
    said = decision_of(PENALTY, **more)
    decide(conn, case_id, said, by=someone("another"), now=NOW, policies=POLICIES, bases=BASES)
    conn.commit()


def test_findings_open_a_case_by_the_answers_that_say_so(world: Connection) -> None:
    visit = found_wrong(world)
    case_id = on_findings(world, visit)
    case = the_case(world, case_id)
    assert (case.cause, case.state, case.vendor_id) == (CaseCause.FINDING, CaseState.OPENED, "V-1")
    rests_on = case_findings.of_case(world, case_id)
    assert [one.note for one in rests_on] == ["秤盘下有磁铁"] * len(rests_on) != []
    assert {one.answer_id for one in rests_on} == {one.answer.answer_id for one in findings_of(world, visit)}
    assert [(one.action, one.inspection_id) for one in cases.steps_of(world, case_id)] == [
        (CaseAction.OPEN, None),
        (CaseAction.ADD_FINDING, visit),
    ]


def test_what_complies_and_what_the_visit_did_not_ask_opens_none(world: Connection) -> None:
    fine = found_wrong(world, value="yes")
    assert findings_of(world, fine) == []
    for wanted in ([("M03", "q1")], [], [("M03", "nothing")]):
        with pytest.raises(FieldRefused) as caught:
            open_on_findings(world, fine, wanted, reason="作弊", by=REGULATOR, now=NOW)
        assert caught.value.problem == "no_finding"


def test_a_button_that_is_pressed_twice_opens_one_case(world: Connection) -> None:
    visit = found_wrong(world)
    assert on_findings(world, visit) == on_findings(world, visit)
    assert for_reason(world) == for_reason(world)
    assert for_reason(world, "another") != for_reason(world)


def test_findings_join_the_case_that_takes_more_and_alerts_join_theirs(world: Connection) -> None:
    visit = found_wrong(world)
    first = on_findings(world, visit, most=1)
    assert on_findings(world, visit) == first
    assert len(case_findings.of_case(world, first)) == len(findings_of(world, visit)) > 1
    alert_id = raised(world, AlertKind.PRICE_OVER_CAP)
    act(world, alert_id, AlertAction.CONFIRM)
    act(world, alert_id, AlertAction.ESCALATE, note="again above the cap")
    assert case_of(world, alert_id).case_id == first


def test_a_finding_that_was_decided_on_comes_to_another_case(world: Connection) -> None:
    visit = found_wrong(world)
    first = on_findings(world, visit)
    penalise(world, first)
    assert on_findings(world, visit) != first


@pytest.mark.parametrize("reason", ["", "  ", "x" * 2001])
def test_a_case_needs_a_reason(world: Connection, reason: str) -> None:
    with pytest.raises(FieldRefused) as caught:
        for_reason(world, reason)
    assert caught.value.field == "reason"


def test_only_regulators_open_a_case_and_about_somebody_who_is_there(world: Connection) -> None:
    visit = found_wrong(world)
    with pytest.raises(NotAllowed):
        on_findings(world, visit, by=MANAGER)
    with pytest.raises(NotAllowed):
        for_reason(world, by=MANAGER)
    with pytest.raises(NotFound):
        open_for_reason(world, MARKET, VendorId("nobody"), reason=REASON, by=REGULATOR, now=NOW)
    with pytest.raises(NotFound):
        open_on_findings(world, visit + 9, [("M03", "q")], reason="x", by=REGULATOR, now=NOW)


def test_who_had_a_part_in_what_it_rests_on_does_not_decide_alone(world: Connection) -> None:
    on_visit, by_reason = on_findings(world, found_wrong(world)), for_reason(world)
    for case_id, who in ((on_visit, someone("market-1")), (by_reason, REGULATOR)):
        step(world, case_id, CaseAction.INVESTIGATE, CaseAction.NOTIFY)
        with pytest.raises(FieldRefused) as caught:
            decide(world, case_id, decision_of(PENALTY), by=who, now=NOW, policies=POLICIES, bases=BASES)
        world.rollback()
        assert caught.value.problem == "own_decision"


@pytest.mark.parametrize("opened", ["finding", "reason"])
def test_its_penalty_is_published_once_it_is_final_and_comes_off_when_revoked(world: Connection, opened: str) -> None:
    case_id = for_reason(world) if opened == "reason" else on_findings(world, found_wrong(world))
    penalise(world, case_id)
    assert publish(world, NOW) == 0
    assert publish(world) == 1
    assert publish(world) == 0
    (entry,) = entries_changed_since(world, 0, 10)
    assert (entry.case_id, entry.alert_id, entry.document_no) == (case_id, None, PENALTY.document_no)
    revoke(world, case_id, "by a court", by=REGULATOR, now=LATER, policies=POLICIES)
    assert [one.taken_off_why for one in entries_changed_since(world, 0, 10)] == [TakenOffWhy.REVOKED]


def test_revoked_before_it_is_final_it_is_never_published(world: Connection) -> None:
    case_id = for_reason(world)
    penalise(world, case_id)
    revoke(world, case_id, "by a court", by=REGULATOR, now=NOW, policies=POLICIES)
    step(world, case_id, CaseAction.CLOSE)
    assert publish(world) == 0


@pytest.mark.parametrize("more", [{"is_simple": True}])
def test_the_simple_procedure_is_not_published(world: Connection, more: dict[str, Any]) -> None:
    case_id = for_reason(world)
    penalise(world, case_id, **more)
    assert publish(world) == 0


def test_a_document_over_an_alert_and_a_finding_stands_when_the_alert_falls(world: Connection) -> None:
    case_id = on_findings(world, found_wrong(world))
    alert_id = raised(world, AlertKind.PRICE_OVER_CAP)
    act(world, alert_id, AlertAction.CONFIRM)
    act(world, alert_id, AlertAction.ESCALATE, note="again above the cap")
    penalise(world, case_id)
    act(world, alert_id, AlertAction.APPEAL, note="the list was another")
    assert publish(world) == 0, "what is appealed is not final"
    act(world, alert_id, AlertAction.OVERTURN, by=someone("a third"), note="it was", now=NOW + timedelta(days=1))
    assert publish(world) == 1
    assert [one.taken_off_why for one in entries_changed_since(world, 0, 10)] == [None]
    assert cases.steps_of(world, case_id)[-1].action is CaseAction.ALERT_OVERTURNED


def test_a_listed_document_over_both_stays_when_the_alert_falls_later(world: Connection) -> None:
    case_id = on_findings(world, found_wrong(world))
    alert_id = raised(world, AlertKind.PRICE_OVER_CAP)
    act(world, alert_id, AlertAction.CONFIRM)
    act(world, alert_id, AlertAction.ESCALATE, note="again above the cap")
    penalise(world, case_id)
    assert publish(world) == 1
    act(world, alert_id, AlertAction.OVERTURN, by=someone("a third"), note="it was", now=LATER)
    assert [one.taken_off_why for one in entries_changed_since(world, 0, 10)] == [None]
    revoke(world, case_id, "by a court", by=REGULATOR, now=LATER, policies=POLICIES)
    assert [one.taken_off_why for one in entries_changed_since(world, 0, 10)] == [TakenOffWhy.REVOKED]


@pytest.mark.parametrize("value", ["no", "yes"])
def test_a_visit_that_is_handed_to_enforcement_comes_to_a_case(world: Connection, value: str) -> None:
    visit = found_wrong(world, value=value)
    visits.step(world, visit, VisitAction.ORDER, "磁铁取下")
    gone = act_on_visit(world, visit, VisitAction.ESCALATE, by=REGULATOR, policy=POLICY, now=NOW, note="屡教不改")
    assert gone.state is VisitState.ESCALATED
    (case,) = case_lists.listed(world)
    assert case.cause is (CaseCause.FINDING if value == "no" else CaseCause.REASON)
    assert len(case_findings.of_case(world, case.case_id)) == len(findings_of(world, visit))
    assert cases.steps_of(world, case.case_id)[0].note.startswith("屡教不改")


def frozen(conn: Connection, case_id: int) -> dict[str, Any]:
    conn.commit()
    bundle_id = freeze(conn, case_id, versions={}, by=REGULATOR, now=NOW)
    content = cases.take_bundle(conn, case_id, bundle_id, by="regulator", origin="", at=NOW)
    assert content is not None
    assert verify(content, "b.zip").problems == ()
    with ZipFile(io.BytesIO(content)) as archive:
        return {name: json.loads(archive.read(name)) for name in archive.namelist() if name.endswith(".json")}


def test_a_bundle_holds_the_visit_with_its_answers(world: Connection) -> None:
    visit = found_wrong(world)
    files = frozen(world, on_findings(world, visit))
    assert files["manifest.json"]["cause"] == "finding"
    answers = files[f"visits/{visit}/answers.json"]
    assert {one["answer_id"] for one in files["findings.json"]} <= {one["answer_id"] for one in answers}
    assert files[f"visits/{visit}/visit.json"]["vendor_id"] == "V-1"
    assert [one["action"] for one in files[f"visits/{visit}/events.json"]] == ["open", "begin"]
    assert files[f"visits/{visit}/inspectors.json"] == ["market-1", "market-2"]
    assert files[f"visits/{visit}/checklist.json"]["asked"]["questions"]


def test_a_bundle_holds_the_visit_that_an_alert_of_the_case_called_for(world: Connection) -> None:
    visit = visits.a_visit(world, "M01")
    (task,) = inspections.tasks_of(world, visit)
    assert task.alert_id is not None
    act(world, task.alert_id, AlertAction.CONFIRM)
    act(world, task.alert_id, AlertAction.ESCALATE, note="again")
    files = frozen(world, case_of(world, task.alert_id).case_id)
    assert files[f"visits/{visit}/tasks.json"][0]["alert_id"] == task.alert_id
    assert files["findings.json"] == []


def test_findings_of_a_case_are_not_changed(world: Connection) -> None:
    on_findings(world, found_wrong(world))
    for statement in ("UPDATE case_findings SET item_code = 'x'", "DELETE FROM case_findings"):
        with pytest.raises(psycopg.errors.RestrictViolation), world.transaction():
            world.execute(statement.encode())


def test_an_alert_of_such_a_case_follows_its_decision(world: Connection) -> None:
    case_id = for_reason(world)
    alert_id = raised(world, AlertKind.PRICE_OVER_CAP)
    act(world, alert_id, AlertAction.CONFIRM)
    act(world, alert_id, AlertAction.ESCALATE, note="again above the cap")
    assert case_of(world, alert_id).case_id == case_id
    penalise(world, case_id)
    row = world.execute("SELECT state FROM alerts WHERE alert_id = %s", [alert_id]).fetchone()
    assert row is not None
    assert row[0] == AlertState.PENALISED


def test_its_document_is_recorded_once(world: Connection) -> None:
    penalise(world, for_reason(world))
    other = for_reason(world, "another")
    with pytest.raises(FieldRefused) as caught:
        penalise(world, other)
    world.rollback()
    assert caught.value.problem == "known_already"
    penalise_again = replace(PENALTY, document_no="琼三市监处罚〔2026〕19号")
    decide(
        world,
        other,
        decision_of(penalise_again),
        by=someone("another"),
        now=NOW,
        policies=POLICIES,
        bases=BASES,
    )
