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
    """An answer as a phone sends it. `known`: the answer to the question that the phone had seen; None: none."""

    answer_id: UUID
    item_code: str
    question_code: str
    value: str
    note: str
    answered_at: datetime
    known: UUID | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What becomes of a sent answer; `standing` is the answer that it meets, `problem` why it is refused."""

    outcome: AnswerOutcome
    standing: Answer | None = None
    problem: str = ""


def standing_answers(answers: Iterable[Answer]) -> dict[tuple[str, str], Answer]:
    """Return the answer that stands for each question: the last one that conflicted with none."""
    return {(one.item_code, one.question_code): one for one in answers if one.conflicts_with is None}


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
    standing: Answer | None,
    asked: Iterable[Asked],
) -> Verdict:
    """Decide about an answer. `same_id` is what was kept under its id, `standing` what stands for its question.

    The same answer again is done already; another one under its id is refused, never taken for it. Where somebody
    answered otherwise and the phone had not seen it, both are kept and the first one stands.
    """
    if same_id is not None:
        return _again(sent, by, inspection_id, same_id)
    problem = _problem(sent, asked)
    if problem:
        return Verdict(outcome=AnswerOutcome.REFUSED, problem=problem)
    if standing is None or standing.answer_id == sent.known or standing.answered_by == by:
        return Verdict(outcome=AnswerOutcome.KEPT, standing=standing)
    if (standing.value, standing.note) == (sent.value, sent.note):
        return Verdict(outcome=AnswerOutcome.KEPT, standing=standing)
    return Verdict(outcome=AnswerOutcome.CONFLICT, standing=standing)


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
