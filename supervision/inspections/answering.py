"""Keep the answers of a visit's checklist, within the caller's transaction."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from psycopg import Connection

from db import inspection_answers, inspections
from domain.errors import IllegalTransition
from domain.ids import MarketId
from domain.inspection import Answer, AnswerOutcome, VisitState
from supervision.inspections import asking, visiting
from supervision.inspections.answers import SentAnswer, Verdict, judge

#: While somebody is there, or goes again to see whether it was put right.
ANSWERED_IN: Final = frozenset({VisitState.VISITING, VisitState.RECTIFICATION, VisitState.RECTIFIED})


def take(
    conn: Connection,
    inspection_id: int,
    sent: Sequence[SentAnswer],
    *,
    by: str,
    market_id: MarketId | None,
    now: datetime,
) -> list[Verdict]:
    """Keep what a phone sends, each answer for itself; return what became of each, in their order.

    Raise NotFound for a visit that this person may not see; IllegalTransition where it has not begun or is over and
    something is sent that is not kept yet.
    """
    inspections.lock(conn, [inspection_id])
    visit = visiting.seen(conn, inspection_id, market_id)
    asked = asking.checklist(conn, inspection_id).questions
    if visit.state in ANSWERED_IN:
        asking.fix(conn, inspection_id, now)
    history = defaultdict[tuple[str, str], list[Answer]](list)
    for kept in inspection_answers.of_inspection(conn, inspection_id):
        history[kept.item_code, kept.question_code].append(kept)
    verdicts = []
    for one in sent:
        question = (one.item_code, one.question_code)
        same_id = inspection_answers.one(conn, one.answer_id)
        if same_id is None and visit.state not in ANSWERED_IN:
            raise IllegalTransition(f"visit {inspection_id} is {visit.state}; it is answered while it takes place")
        verdict = judge(
            one, by=by, inspection_id=inspection_id, same_id=same_id, history=history[question], asked=asked
        )
        verdicts.append(verdict)
        if verdict.outcome in {AnswerOutcome.KEPT, AnswerOutcome.CONFLICT}:
            conflicts_with = verdict.standing if verdict.outcome is AnswerOutcome.CONFLICT else None
            answer = Answer(
                answer_id=one.answer_id,
                inspection_id=inspection_id,
                item_code=one.item_code,
                question_code=one.question_code,
                value=one.value,
                note=one.note,
                answered_by=by,
                answered_at=one.answered_at,
                received_at=now,
                conflicts_with=None if conflicts_with is None else conflicts_with.answer_id,
            )
            inspection_answers.insert(conn, answer)
            history[question].append(answer)
    return verdicts
