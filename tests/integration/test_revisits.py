"""A revisit is a visit of its own: within the policy's days, with its people and answers, linked to the first."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from psycopg import Connection, errors

from db import inspection_answers, inspections, inspectors
from domain.errors import IllegalTransition, NotFound
from domain.inspection import VisitAction, VisitState
from supervision.inspections import answering, asking, visiting
from supervision.inspections.answers import SentAnswer
from supervision.inspections.revisiting import plan_revisit
from tests.factories import MARKET, NOW
from tests.integration.test_visits import ELSEWHERE, TODAY, a_visit, send, step, world

__all__ = ["world"]
_A, _S = VisitAction, VisitState
DAY = timedelta(days=1)


def ordered(conn: Connection, *codes: str, **more: object) -> int:
    """A visit that found something, to be put right in 15 days."""
    visit = a_visit(conn, *(codes or ("M01", "M03")), **more)  # type: ignore[arg-type]
    step(conn, visit, _A.BEGIN)
    step(conn, visit, _A.ORDER, "no certificate")
    return visit


def planned(conn: Connection, visit: int, *, at: datetime = NOW) -> int:
    return plan_revisit(conn, visit, by="regulator", market_id=None, at=at)


def people(conn: Connection, department: str = "market") -> list[int]:
    return [one.user_id for one in inspectors.listed(conn) if one.department == department]


def state(conn: Connection, visit: int) -> VisitState:
    return visiting.seen(conn, visit, None).state


def begun(conn: Connection, first: int) -> int:
    """A revisit that takes place, by two who were not there before."""
    revisit = planned(conn, first)
    send(conn, revisit, *people(conn)[2:4])
    step(conn, revisit, _A.BEGIN)
    return revisit


def test_a_revisit_has_its_days_people_and_answers_and_closes_the_first_where_nothing_is_found(
    world: Connection,
) -> None:
    first = ordered(world)
    revisit = planned(world, first)
    assert planned(world, first) == revisit, "it is planned once"
    found = visiting.seen(world, revisit, None)
    assert (found.state, found.revisit_of, found.inspectors) == (_S.DRAWN, [first], [])
    # The subject has its 15 days; then it is looked at within the policy's 30.
    assert (found.first_day, found.last_day) == (TODAY + 15 * DAY, TODAY + 45 * DAY)
    send(world, revisit, *people(world)[2:4])
    assert set(visiting.seen(world, first, None).inspector_ids).isdisjoint(
        visiting.seen(world, revisit, None).inspector_ids
    )
    step(world, revisit, _A.BEGIN)
    asked = asking.checklist(world, revisit).questions
    assert [one.question.code for one in asked] == [
        one.question.code for one in asking.checklist(world, first).questions
    ]
    sent = SentAnswer(
        answer_id=uuid4(),
        item_code=asked[0].item_code,
        question_code=asked[0].question.code,
        value="yes",
        note="a new certificate",
        answered_at=NOW,
        known=None,
    )
    answering.take(world, revisit, [sent], by="market-3", market_id=None, now=NOW)
    assert inspection_answers.of_inspection(world, first) == []
    assert len(inspection_answers.of_inspection(world, revisit)) == 1
    assert step(world, revisit, _A.PASS) is _S.PASSED
    assert state(world, first) is _S.CLOSED
    trail = inspections.events_of(world, first)[-2:]
    assert [(one.action, one.note) for one in trail] == [
        (_A.REVISIT, f"revisit {revisit} [{TODAY + 15 * DAY} → {TODAY + 45 * DAY}]"),
        (_A.ACCEPT, f"revisit {revisit}"),
    ]


def test_what_was_not_put_right_goes_on_in_the_revisit_which_is_revisited_itself(world: Connection) -> None:
    first = ordered(world)
    revisit = begun(world, first)
    assert step(world, revisit, _A.ORDER, "still none") is _S.RECTIFICATION
    assert state(world, first) is _S.CLOSED
    assert inspections.events_of(world, first)[-1].action is _A.FOLLOW
    again = planned(world, revisit)
    assert visiting.seen(world, again, None).revisit_of == [revisit]
    assert step(world, again, _A.CANCEL, "the stall is closed") is _S.CANCELLED
    assert step(world, revisit, _A.ESCALATE, "it is never put right") is _S.ESCALATED


def test_who_says_that_it_was_put_right_is_revisited_from_that_day_on(world: Connection) -> None:
    first = ordered(world)
    step(world, first, _A.REPORT, "verified")
    found = visiting.seen(world, planned(world, first), None)
    assert (found.first_day, found.last_day) == (TODAY, TODAY + 45 * DAY)


def test_a_revisit_whose_days_have_gone_is_due_today(world: Connection) -> None:
    late = NOW + timedelta(days=100)
    found = visiting.seen(world, planned(world, ordered(world), at=late), None)
    assert found.first_day == found.last_day == date(2027, 3, 2)


@pytest.mark.parametrize("action", [_A.ACCEPT, _A.EXTEND, _A.ESCALATE])
def test_what_a_planned_revisit_decides_nobody_decides_without_it(world: Connection, action: VisitAction) -> None:
    first = ordered(world)
    revisit = planned(world, first)
    with pytest.raises(IllegalTransition, match=f"revisit {revisit} is planned"):
        step(world, first, action, "x")
    assert step(world, first, _A.REPORT, "put right") is _S.RECTIFIED, "the subject may say so all the same"
    step(world, revisit, _A.CANCEL, "seen by the documents")
    assert step(world, first, action, "x") is not _S.RECTIFIED
    assert inspections.revisits_of(world, first)[0].state is _S.CANCELLED


def test_one_that_was_given_up_lets_another_be_planned(world: Connection) -> None:
    first = ordered(world)
    revisit = planned(world, first)
    step(world, revisit, _A.CANCEL, "a typhoon")
    assert planned(world, first) != revisit
    assert [one.state for one in inspections.revisits_of(world, first)] == [_S.CANCELLED, _S.DRAWN]


def test_only_an_order_is_revisited_and_only_by_who_sees_it(world: Connection) -> None:
    visit = a_visit(world, "M01")
    with pytest.raises(IllegalTransition, match="is drawn; a revisit follows an order"):
        planned(world, visit)
    step(world, visit, _A.BEGIN)
    step(world, visit, _A.PASS)
    with pytest.raises(IllegalTransition, match="is passed"):
        planned(world, visit)
    with pytest.raises(NotFound):
        plan_revisit(world, ordered(world), by="r", market_id=ELSEWHERE, at=NOW)
    with pytest.raises(NotFound):
        planned(world, 999)


def test_a_revisit_that_became_part_of_another_visit_decides_all_the_same(world: Connection) -> None:
    first = ordered(world, "M01")
    step(world, first, _A.REPORT, "verified")
    revisit, other = planned(world, first), a_visit(world, "M05", days=(0, 10))
    visiting.combine_visits(world, [revisit, other], by="regulator", at=NOW)
    kept = min(revisit, other)
    assert [one.inspection_id for one in inspections.revisits_of(world, first)] == [kept]
    assert visiting.seen(world, kept, None).revisit_of == [first]
    step(world, kept, _A.BEGIN)
    step(world, kept, _A.PASS)
    assert state(world, first) is _S.CLOSED


def test_a_visit_of_two_departments_is_revisited_by_both(world: Connection) -> None:
    one = a_visit(world, "M01")
    two = a_visit(world, "C01", department="commerce")
    visiting.combine_visits(world, [one, two], by="regulator", at=NOW)
    step(world, one, _A.BEGIN)
    step(world, one, _A.ORDER, "two things")
    revisit = planned(world, one)
    assert visiting.seen(world, revisit, None).departments == ["commerce", "market"]
    assert len(inspections.tasks_of(world, revisit)) == 2


def test_of_two_who_plan_at_once_both_get_the_same(world: Connection, database_url: str) -> None:
    first = ordered(world)
    world.commit()
    revisit = planned(world, first)
    with psycopg.connect(database_url) as other:
        other.execute("SET lock_timeout = '200ms'")
        with pytest.raises(errors.LockNotAvailable):
            planned(other, first)
        other.rollback()
        world.commit()
        assert planned(other, first) == revisit


def test_a_market_sees_a_revisit_once_it_was_told(world: Connection) -> None:
    first = ordered(world)
    revisit = planned(world, first)
    with pytest.raises(NotFound):
        visiting.seen(world, revisit, MARKET)
    step(world, revisit, _A.NOTIFY)
    assert visiting.seen(world, revisit, MARKET).revisit_of == [first]


def test_the_database_wants_one_cause_and_no_visit_revisits_itself(world: Connection) -> None:
    first = ordered(world)
    for revisit_of, alert_id in ((first, 1), (None, None)):
        with pytest.raises(errors.CheckViolation), world.transaction():
            world.execute(
                "INSERT INTO inspection_tasks (inspection_id, made_for, department, catalogue_id, items, revisit_of,"
                " alert_id) SELECT inspection_id, made_for, department, catalogue_id, items, %s, %s"
                " FROM inspection_tasks WHERE inspection_id = %s",
                [revisit_of, alert_id, first],
            )
