"""Visits for programs, and where phones send the answers of a checklist."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, Field

from db import inspection_answers, inspection_lists
from db.inspection_lists import Which
from domain.ids import MarketId
from domain.inspection import Answer, AnswerOutcome, Visit, VisitAction, VisitState
from supervision.cases.starting import act_on_visit
from supervision.inspections import answering, visiting
from supervision.inspections.answers import SentAnswer, standing_answers
from supervision.inspections.revisiting import plan_revisit
from web.access import Permission
from web.api.models import Body, Model
from web.pages.inspections.visits import permission_for
from web.signed_in import Inspects, SeesInspections
from web.state import Db, Now, Running
from web.texts import Text

router = APIRouter(tags=["inspections"])


class VisitSeen(Model):
    """A visit. Days are those of its market; `revisit_of`: the visits at whose orders it looks again."""

    inspection_id: int
    market_id: str
    vendor_id: str
    vendor_name: str
    first_day: date
    last_day: date
    planned_on: date | None
    state: VisitState
    rectify_by: date | None
    revisit_by: date | None
    combined_into: int | None
    revisit_of: list[int]
    inspectors: list[str]
    departments: list[str]
    updated_at: datetime


class AnswerSeen(Model):
    """An answer of a checklist; `conflicts_with`: it stands beside that one, which holds."""

    answer_id: UUID
    item_code: str
    question_code: str
    value: str
    note: str
    answered_by: str
    answered_at: datetime
    received_at: datetime
    conflicts_with: UUID | None


class NewAnswer(Body):
    """An answer with an id made by who sends it; sent again it is kept once.

    `known`: the last kept answer to this question that the sender had seen, whether it stands or stands beside.
    """

    answer_id: UUID
    item_code: Annotated[Text, Field(max_length=64)]
    question_code: Annotated[Text, Field(max_length=100)]
    value: Annotated[Text, Field(max_length=4000)]
    note: Annotated[Text, Field(max_length=4000)] = ""
    answered_at: AwareDatetime
    known: UUID | None = None


class NewAnswers(Body):
    """What a phone kept since it was last heard of."""

    answers: Annotated[list[NewAnswer], Field(max_length=200)]


class AnswerTaken(Model):
    """What became of an answer: `standing` is the one that holds for its question, `problem` why it was refused.

    `beside`: in a conflict, the first answer that its sender had not seen; who saw it sends it as `known` next.
    """

    answer_id: UUID
    outcome: AnswerOutcome
    problem: str
    standing: AnswerSeen | None
    beside: AnswerSeen | None


class Step(Body):
    """A step: words where it changes something for the subject, the day where it sets one."""

    note: Text = ""
    rectify_by: date | None = None


@router.get("/inspections")
def visits(
    conn: Db,
    viewer: SeesInspections,
    market: Annotated[str | None, Query(max_length=64)] = None,
    state: Annotated[list[VisitState] | None, Query()] = None,
    since: date | None = None,
    until: date | None = None,
    after: Annotated[int | None, Query(description="inspection_id: only those after this one")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[VisitSeen]:
    """Visits by the last day of their window; a market's manager sees its own, once it was told."""
    scope = viewer.narrow(None if market is None else MarketId(market))
    states = set(state or VisitState) - (set() if viewer.may(Permission.INSPECT) else {VisitState.DRAWN})
    which = Which(market_id=scope, states=states)
    found = inspection_lists.listed(conn, which, since=since, until=until, after=after, limit=limit)
    return [_seen(one) for one in found]


@router.get("/inspections/{inspection_id}")
def visit(conn: Db, viewer: SeesInspections, inspection_id: int) -> VisitSeen:
    """One visit."""
    return _seen(visiting.seen(conn, inspection_id, viewer.scope))


@router.get("/inspections/{inspection_id}/answers")
def answers(conn: Db, viewer: SeesInspections, inspection_id: int) -> list[AnswerSeen]:
    """Every answer of a visit in the order they were kept."""
    visiting.seen(conn, inspection_id, viewer.scope)
    return [AnswerSeen.model_validate(one) for one in inspection_answers.of_inspection(conn, inspection_id)]


@router.post("/inspections/{inspection_id}/answers")
def answer(conn: Db, now: Now, viewer: Inspects, inspection_id: int, new: NewAnswers) -> list[AnswerTaken]:
    """Keep answers, each for itself: one that is refused or meets another's does not hold the others up."""
    sent = [
        SentAnswer(
            answer_id=one.answer_id,
            item_code=one.item_code,
            question_code=one.question_code,
            value=one.value,
            note=one.note,
            answered_at=one.answered_at,
            known=one.known,
        )
        for one in new.answers
    ]
    verdicts = answering.take(conn, inspection_id, sent, by=viewer.username, market_id=viewer.scope, now=now)
    standing = standing_answers(inspection_answers.of_inspection(conn, inspection_id))
    return [
        AnswerTaken(
            answer_id=one.answer_id,
            outcome=verdict.outcome,
            problem=verdict.problem,
            standing=_answer(standing.get((one.item_code, one.question_code))),
            beside=_answer(verdict.beside),
        )
        for one, verdict in zip(sent, verdicts, strict=True)
    ]


@router.post("/inspections/{inspection_id}/revisit")
def revisit(conn: Db, now: Now, viewer: Inspects, inspection_id: int) -> VisitSeen:
    """Plan the revisit of a visit that ordered something to be put right; planned already, it is that one."""
    number = plan_revisit(conn, inspection_id, by=viewer.username, market_id=viewer.scope, at=now)
    return _seen(visiting.seen(conn, number, viewer.scope))


@router.post("/inspections/{inspection_id}/act/{action}")
def act(
    conn: Db, now: Now, running: Running, viewer: SeesInspections, inspection_id: int, action: VisitAction, step: Step
) -> VisitSeen:
    """Take one step with a visit."""
    viewer.require(permission_for(action))
    return _seen(
        act_on_visit(
            conn,
            inspection_id,
            action,
            by=viewer.actor,
            policy=running.config.inspection_policy,
            now=now,
            note=step.note,
            rectify_by=step.rectify_by,
        )
    )


def _seen(one: Visit) -> VisitSeen:
    return VisitSeen.model_validate(one)


def _answer(one: Answer | None) -> AnswerSeen | None:
    return None if one is None else AnswerSeen.model_validate(one)
