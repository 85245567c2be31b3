"""What becomes of an answer that comes from a phone, perhaps late, perhaps twice, perhaps beside another's. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from domain.errors import show_value
from domain.inspection import Answer, AnswerOutcome
from domain.supervision_item import AnswerKind
from supervision.inspections.checklist import Asked

COMPLIES: Final = ("yes", "no", "na")
LONGEST: Final = 2000
_NUMBER: Final = re.compile(r"-?\d{1,12}([.]\d{1,6})?", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class SentAnswer:
    """An answer as a phone sends it. `known`: the last kept answer to the question that was seen there; None: none."""

    answer_id: UUID
    item_code: str
    question_code: str
    value: str
    note: str
    answered_at: datetime
    known: UUID | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What becomes of a sent answer; `problem`: why it is refused.

    `standing`: the answer that stood before; `beside`: the first one that its sender had not seen, where they conflict.
    """

    outcome: AnswerOutcome
    standing: Answer | None = None
    beside: Answer | None = None
    problem: str = ""


def standing_answers(answers: Iterable[Answer]) -> dict[tuple[str, str], Answer]:
    """Return the answer that stands for each question: the last one that conflicted with none."""
    return {(one.item_code, one.question_code): one for one in answers if one.conflicts_with is None}


def last_to_see(answers: Sequence[Answer]) -> dict[tuple[str, str], Answer]:
    """Return for each question the last answer that a page shows: who answers next has seen those up to it."""
    standing = standing_answers(answers)
    return standing | {(one.item_code, one.question_code): one for one in open_conflicts(answers)}


def open_conflicts(answers: Sequence[Answer]) -> list[Answer]:
    """Return answers that stand beside another one, while nobody answered again having seen it."""
    standing = standing_answers(answers)
    return [
        one
        for one in answers
        if one.conflicts_with is not None and standing[one.item_code, one.question_code].answer_id == one.conflicts_with
    ]


def judge(
    sent: SentAnswer,
    *,
    by: str,
    inspection_id: int,
    same_id: Answer | None,
    history: Sequence[Answer],
    asked: Iterable[Asked],
) -> Verdict:
    """Decide about an answer. `same_id`: what was kept under its id; `history`: all of its question, in their order.

    The same answer again is done already; another one under its id is refused, never taken for it. An answer decides
    where its sender had seen what stands and whatever stands beside it: the answers up to `known`, and the own ones
    that are not younger (what comes late from a second phone decides nothing). Else both are kept and the first
    one stands.
    """
    question = (sent.item_code, sent.question_code)
    standing = standing_answers(history).get(question)
    if same_id is not None:
        return _again(sent, by, inspection_id, same_id)
    problem = _problem(sent, asked)
    if problem:
        return Verdict(outcome=AnswerOutcome.REFUSED, problem=problem)
    if standing is None:
        return Verdict(outcome=AnswerOutcome.KEPT)
    conflicts = open_conflicts(history)
    unseen = _unseen(sent, by, history, [standing, *conflicts])
    says_the_same = not conflicts and (standing.value, standing.note) == (sent.value, sent.note)
    if not unseen or says_the_same:
        return Verdict(outcome=AnswerOutcome.KEPT, standing=standing)
    return Verdict(outcome=AnswerOutcome.CONFLICT, standing=standing, beside=unseen[0])


def _unseen(sent: SentAnswer, by: str, history: Sequence[Answer], live: Iterable[Answer]) -> list[Answer]:
    places = {one.answer_id: place for place, one in enumerate(history)}
    seen_to = -1 if sent.known is None else places.get(sent.known, -1)

    def is_seen(one: Answer) -> bool:
        is_own = one.answered_by == by and one.answered_at <= sent.answered_at
        return is_own or places[one.answer_id] <= seen_to

    return [one for one in live if not is_seen(one)]


def _again(sent: SentAnswer, by: str, inspection_id: int, kept: Answer) -> Verdict:
    was = (kept.inspection_id, kept.answered_by, kept.item_code, kept.question_code, kept.value, kept.note)
    if was == (inspection_id, by, sent.item_code, sent.question_code, sent.value, sent.note):
        return Verdict(outcome=AnswerOutcome.ALREADY, standing=kept)
    return Verdict(
        outcome=AnswerOutcome.REFUSED, problem="answer_id is that of another answer; expected one of its own"
    )


def _problem(sent: SentAnswer, asked: Iterable[Asked]) -> str:
    question = next(
        (one.question for one in asked if (one.item_code, one.question.code) == (sent.item_code, sent.question_code)),
        None,
    )
    if question is None:
        asked_for = f"{show_value(sent.question_code)} of item {show_value(sent.item_code)}"
        return f"question_code is {asked_for}; expected a question of the visit"
    if len(sent.value) > LONGEST or len(sent.note) > LONGEST:
        return f"value or note is longer than {LONGEST} signs"
    if question.answer is AnswerKind.COMPLIES and sent.value not in COMPLIES:
        return f"value is {show_value(sent.value)}; expected {', '.join(COMPLIES)}"
    if question.answer is AnswerKind.NUMBER and not _NUMBER.fullmatch(sent.value):
        return f"value is {show_value(sent.value)}; expected a number like 12 or -0.5"
    if question.answer is AnswerKind.TEXT and not sent.value.strip():
        return "value is empty; expected words"
    return ""
