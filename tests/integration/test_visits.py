"""Visits: opened from an alert, combined with the saving told, moved through their life by one person at a time."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from uuid import uuid4

import psycopg
import pytest
from psycopg import Connection, errors

from db import alerts, inspections, inspectors
from db.alerts import AlertOccurrence, NewAlert
from db.inspections import NewTask, NewVisit
from domain.alert import AlertKind
from domain.errors import IllegalTransition, NotFound, RuleViolation
from domain.ids import JournalId, MarketId, ScaleId, SpeciesCode, StallId, VendorId
from domain.inspection import AnswerOutcome, VisitAction, VisitState
from domain.supervision_item import AnswerKind
from domain.units import Fen
from domain.weighing import WeighingKey
from supervision.inspections import answering, asking, planning, sending, visiting
from supervision.inspections.answers import SentAnswer
from supervision.items import keeping
from tests.draw_acts import POLICY, put_inspectors
from tests.factories import MARKET, NOW, put_market
from tests.integration.test_items import published as publish_items

TODAY = date(2026, 11, 22)
ELSEWHERE = MarketId("elsewhere")
_numbers = count(1)


@pytest.fixture
def world(conn: Connection) -> Connection:
    put_market(conn, scales=3)
    publish_items(conn, at=NOW)
    put_inspectors(conn)
    put_inspectors(conn, 2, department="commerce")
    return conn


def an_alert(conn: Connection, kind: AlertKind = AlertKind.SHORT_WEIGHT, vendor: str | None = "V-1") -> int:
    key = WeighingKey(MARKET, ScaleId("S-1"), JournalId("j"), next(_numbers), NOW)
    new = NewAlert(
        market_id=MARKET,
        kind=kind,
        vendor_id=None if vendor is None else VendorId(vendor),
        stall_id=StallId("A-1"),
        scale_id=ScaleId("S-1"),
        species_code=SpeciesCode("F01"),
        business_day=TODAY,
        first_at=NOW,
        last_at=NOW,
        worst_excess_fen=0,
        worst_excess_permille=0,
        worst_cap_fen=None,
        worst_cap_unit=None,
        overcharge_fen=Fen(0),
        note="",
        occurrences=(AlertOccurrence(key=key, excess_fen=0, overcharge_fen=0),),
    )
    return alerts.raise_alert(conn, new, NOW)


def a_visit(
    conn: Connection,
    *codes: str,
    vendor: str = "V-1",
    department: str = "market",
    days: tuple[int, int] = (0, 10),
    sent: int = 2,
) -> int:
    catalogue = keeping.find(conn, "M01").catalogue.catalogue_id
    people = [one.user_id for one in inspectors.listed(conn) if one.department == department][:sent]
    alert_id = an_alert(conn, AlertKind.CLOCK_DRIFT, vendor)
    conn.execute("UPDATE alerts SET business_day = date '1990-01-01' + alert_id::int")
    visit = NewVisit(
        market_id=MARKET,
        vendor_id=VendorId(vendor),
        first_day=TODAY + timedelta(days=days[0]),
        last_day=TODAY + timedelta(days=days[1]),
        task=NewTask(department=department, catalogue_id=catalogue, items=codes, alert_id=alert_id),
        inspectors=tuple(people),
    )
    return planning.opened(conn, visit, note="a test", by="regulator", at=NOW)


def step(conn: Connection, visit: int, action: VisitAction, note: str = "", **more: date) -> VisitState:
    return visiting.act(
        conn, visit, action, actor="regulator", market_id=None, policy=POLICY, now=NOW, note=note, **more
    ).state


def send(conn: Connection, visit: int, *people: int) -> None:
    sending.send(conn, visit, people, by="regulator", market_id=None, each=2, at=NOW)


def recuse(conn: Connection, visit: int, who: int, because: str = "a cousin") -> None:
    sending.recuse(conn, visit, who, because=because, by="regulator", market_id=None, at=NOW)


def test_an_alert_opens_one_key_inspection_of_its_item(world: Connection) -> None:
    alert_id = an_alert(world)
    visit = visiting.open_for_alert(world, alert_id, by="regulator", at=NOW)
    assert visiting.open_for_alert(world, alert_id, by="another", at=NOW) == visit
    found = visiting.seen(world, visit, None)
    assert (found.vendor_id, found.first_day, found.last_day) == ("V-1", TODAY, TODAY + visiting.KEY_WINDOW)
    (task,) = inspections.tasks_of(world, visit)
    assert (task.alert_id, task.department, task.items) == (alert_id, "market", ["M03"])
    with pytest.raises(RuleViolation, match="nobody is sent"):
        step(world, visit, VisitAction.BEGIN)
    people = [one.user_id for one in inspectors.listed(world) if one.department == "market"]
    with pytest.raises(RuleViolation, match="1 inspectors are named; expected 2"):
        send(world, visit, people[0], people[0])
    send(world, visit, *people[:2])
    with pytest.raises(IllegalTransition, match="has its inspectors"):
        send(world, visit, *people[2:4])
    assert step(world, visit, VisitAction.BEGIN) is VisitState.VISITING
    assert visiting.seen(world, visit, None).planned_on == TODAY, "the day it began, where none was set before"


def test_an_alert_without_a_vendor_or_an_item_opens_nothing(world: Connection) -> None:
    with pytest.raises(RuleViolation, match="nobody to visit"):
        visiting.open_for_alert(world, an_alert(world, vendor=None), by="r", at=NOW)
    with pytest.raises(RuleViolation, match="no supervision item has alerts of the kind cap_list_missing"):
        visiting.open_for_alert(world, an_alert(world, AlertKind.CAP_LIST_MISSING), by="r", at=NOW)
    with pytest.raises(NotFound):
        visiting.open_for_alert(world, 999, by="r", at=NOW)


def test_a_visit_that_finds_something_is_put_right_looked_at_again_and_closed(world: Connection) -> None:
    visit = a_visit(world, "M01")
    step(world, visit, VisitAction.NOTIFY)
    step(world, visit, VisitAction.BEGIN)
    with pytest.raises(RuleViolation, match="say in the note"):
        step(world, visit, VisitAction.ORDER)
    with pytest.raises(RuleViolation, match="rectify_by is 2026-11-21; expected a day from 2026-11-22 to 2027-02-20"):
        step(world, visit, VisitAction.ORDER, "no certificate", rectify_by=TODAY - timedelta(days=1))
    with pytest.raises(RuleViolation, match="expected a day from"):
        step(world, visit, VisitAction.ORDER, "no certificate", rectify_by=TODAY + timedelta(days=91))
    assert step(world, visit, VisitAction.ORDER, "no certificate") is VisitState.RECTIFICATION
    found = visiting.seen(world, visit, MARKET)
    assert (found.rectify_by, found.revisit_by) == (TODAY + timedelta(days=15), TODAY + timedelta(days=45))
    assert step(world, visit, VisitAction.REPORT, "verified on the 25th") is VisitState.RECTIFIED
    with pytest.raises(RuleViolation, match="rectify_by is 2026-11-22; expected a day from 2026-12-07"):
        step(world, visit, VisitAction.EXTEND, "the wrong scale", rectify_by=TODAY)
    assert step(world, visit, VisitAction.EXTEND, "the wrong scale") is VisitState.RECTIFICATION
    assert visiting.seen(world, visit, MARKET).rectify_by == TODAY + timedelta(days=30)
    assert step(world, visit, VisitAction.ACCEPT) is VisitState.CLOSED
    trail = inspections.events_of(world, visit)
    assert [one.action for one in trail] == ["open", "notify", "begin", "order", "report", "extend", "accept"]
    assert trail[3].note == "no certificate [2026-12-07 → 2027-01-06]"
    with pytest.raises(IllegalTransition, match="possible: nothing more"):
        step(world, visit, VisitAction.CLOSE)


def test_visits_of_two_departments_become_one_and_the_saving_is_told(world: Connection) -> None:
    first = a_visit(world, "M01", "R01", days=(0, 10))
    second = a_visit(world, "C01", department="commerce", days=(5, 20))
    other = a_visit(world, "M01", vendor="V-2")
    later = a_visit(world, "C01", department="commerce", days=(15, 20))
    (found,) = [one for one in visiting.suggestions(world).found if one.combined.kept == first]
    assert found.combined.others == (second,)
    # R01 and C01 both ask whether the scale is on line: once.
    assert (found.saving.questions_before, found.saving.questions_after) == (5, 4)
    saving = visiting.combine_visits(world, [second, first], by="regulator", at=NOW)
    assert (saving.visits_before, saving.visits_after) == (2, 1)
    whole = visiting.seen(world, first, None)
    assert (whole.departments, len(whole.inspectors)) == (["commerce", "market"], 4)
    assert (whole.first_day, whole.last_day) == (TODAY + timedelta(days=5), TODAY + timedelta(days=10))
    asked = asking.checklist(world, first)
    assert (asked.before, asked.after) == (5, 4)
    (both,) = [one for one in asked.questions if len(one.departments) == 2]
    assert both.question.text == "秤是否联网并按时上传"
    gone = visiting.seen(world, second, None)
    assert (gone.state, gone.combined_into) == (VisitState.COMBINED, first)
    assert inspections.events_of(world, second)[-1].note == f"part of visit {first}"
    assert "5 → 4 questions" in inspections.events_of(world, first)[-1].note
    with pytest.raises(IllegalTransition, match="is combined"):
        visiting.combine_visits(world, [first, second], by="r", at=NOW)
    for ids in ([first, other], [first, later], [first]):
        with pytest.raises(RuleViolation, match="cannot be one"):
            visiting.combine_visits(world, ids, by="r", at=NOW)
    with pytest.raises(NotFound):
        visiting.combine_visits(world, [first, 999], by="r", at=NOW)


def test_a_visit_that_was_told_of_and_one_that_was_not_stay_two(world: Connection) -> None:
    hidden, told = a_visit(world, "M01"), a_visit(world, "C01", department="commerce")
    step(world, told, VisitAction.NOTIFY)
    assert visiting.suggestions(world).found == ()
    with pytest.raises(RuleViolation, match="was told of and another one was not"):
        visiting.combine_visits(world, [hidden, told], by="r", at=NOW)
    step(world, hidden, VisitAction.NOTIFY)
    visiting.combine_visits(world, [hidden, told], by="r", at=NOW)
    assert visiting.seen(world, hidden, MARKET).state is VisitState.NOTIFIED


def test_a_catalogue_published_while_a_visit_takes_place_takes_no_answer_off_its_list(world: Connection) -> None:
    visit, waiting = a_visit(world, "M01", "M03"), a_visit(world, "M03", vendor="V-2")
    step(world, visit, VisitAction.BEGIN)
    before = asking.checklist(world, visit)
    asked = next(one for one in before.questions if one.item_code == "M03")
    one = SentAnswer(
        answer_id=uuid4(),
        item_code="M03",
        question_code=asked.question.code,
        value="no" if asked.question.answer is AnswerKind.COMPLIES else "1",
        note="",
        answered_at=NOW,
        known=None,
    )

    def sent(answer: SentAnswer) -> AnswerOutcome:
        (verdict,) = answering.take(world, visit, [answer], by="market-1", market_id=None, now=NOW)
        return verdict.outcome

    assert sent(one) is AnswerOutcome.KEPT
    draft = keeping.draft_from_force(world, "2", by="a", at=NOW)
    keeping.merge(world, draft, "M03", "M01", reason="the same", by="a", at=NOW)
    keeping.publish(world, draft, by="b", at=NOW + timedelta(days=1))
    assert asking.checklist(world, visit) == before
    assert sent(replace(one, answer_id=uuid4(), note="again")) is AnswerOutcome.KEPT
    assert {found.item_code for found in asking.checklist(world, waiting).questions} == {"M01"}
    with pytest.raises(errors.RestrictViolation):
        world.execute("UPDATE inspection_checklists SET asked = '{}'")


def test_a_visit_asks_merged_items_as_what_they_became(world: Connection) -> None:
    visit, only = a_visit(world, "R03", "R02"), a_visit(world, "R03", vendor="V-2")
    draft = keeping.draft_from_force(world, "2", by="a", at=NOW)
    keeping.merge(world, draft, "R02", "R03", reason="one visit", by="a", at=NOW)
    keeping.publish(world, draft, by="b", at=NOW + timedelta(days=1))
    texts = [one.question.text for one in asking.checklist(world, visit).questions]
    assert texts == ["入场合同是否载明计量责任", "红黄牌公示栏是否更新"]
    # Who planned R03 alone gets R03 as it was: nothing is added behind the plan's back.
    assert asking.checklist(world, only).after == 1


def test_a_market_sees_its_own_visits_and_only_once_it_was_told(world: Connection) -> None:
    visit = a_visit(world, "M01")
    with pytest.raises(NotFound):
        visiting.seen(world, visit, MARKET)
    step(world, visit, VisitAction.NOTIFY)
    assert visiting.seen(world, visit, MARKET).state is VisitState.NOTIFIED
    with pytest.raises(NotFound):
        visiting.seen(world, visit, ELSEWHERE)


def test_the_day_of_a_visit_lies_in_its_window(world: Connection) -> None:
    visit = a_visit(world, "M01")
    with pytest.raises(RuleViolation, match="expected a day from 2026-11-22 to 2026-12-02"):
        visiting.set_day(world, visit, TODAY + timedelta(days=11), market_id=None, now=NOW)
    visiting.set_day(world, visit, TODAY, market_id=None, now=NOW)
    assert visiting.seen(world, visit, None).planned_on == TODAY
    step(world, visit, VisitAction.BEGIN)
    with pytest.raises(IllegalTransition, match="before it begins"):
        visiting.set_day(world, visit, TODAY, market_id=None, now=NOW)


def test_of_two_people_at_once_the_second_meets_what_the_first_left(world: Connection, database_url: str) -> None:
    visit = a_visit(world, "M01")
    world.commit()
    step(world, visit, VisitAction.BEGIN)
    with psycopg.connect(database_url) as other:
        other.execute("SET lock_timeout = '200ms'")
        with pytest.raises(errors.LockNotAvailable):
            step(other, visit, VisitAction.BEGIN)
        other.rollback()
        world.commit()
        with pytest.raises(IllegalTransition, match="cannot begin a visit that is visiting; possible: pass, order"):
            step(other, visit, VisitAction.BEGIN)


@pytest.mark.parametrize("statement", ["UPDATE inspection_events SET note = ''", "DELETE FROM inspection_events"])
def test_the_trail_is_append_only(world: Connection, statement: str) -> None:
    a_visit(world, "M01")
    with pytest.raises(errors.RestrictViolation):
        world.execute(statement)
