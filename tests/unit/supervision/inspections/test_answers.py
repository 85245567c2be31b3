"""Answers as phones send them: late, twice, beside another's; each is kept once, and a conflict is told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.inspection import Answer, AnswerOutcome
from domain.supervision_item import AnswerKind, Question
from supervision.inspections.answers import SentAnswer, Verdict, judge, last_to_see, open_conflicts, standing_answers
from supervision.inspections.checklist import Asked

NOW = datetime(2026, 11, 27, 4, 0, tzinfo=UTC)


def asked(code: str, kind: AnswerKind) -> Asked:
    question = Question(code=code, text=code, text_en=code, answer=kind)
    return Asked(item_code="M01", item_name="m", item_name_en="m", question=question, departments=("market",))


ASKED = (asked("q", AnswerKind.COMPLIES), asked("n", AnswerKind.NUMBER), asked("t", AnswerKind.TEXT))


def sent(value: str = "yes", *, code: str = "q", known: UUID | None = None, note: str = "") -> SentAnswer:
    return SentAnswer(
        answer_id=uuid4(),
        item_code="M01",
        question_code=code,
        value=value,
        note=note,
        answered_at=NOW,
        known=known,
    )


def kept(one: SentAnswer, by: str = "a", conflicts_with: UUID | None = None) -> Answer:
    return Answer(
        answer_id=one.answer_id,
        inspection_id=1,
        item_code=one.item_code,
        question_code=one.question_code,
        value=one.value,
        note=one.note,
        answered_by=by,
        answered_at=one.answered_at,
        received_at=NOW,
        conflicts_with=conflicts_with,
    )


def judged(one: SentAnswer, by: str, *history: Answer, same_id: Answer | None = None) -> Verdict:
    return judge(one, by=by, inspection_id=1, same_id=same_id, history=history, asked=ASKED)


def test_sent_again_it_is_done_already_and_another_one_under_its_id_is_refused() -> None:
    one = sent()
    assert judged(one, "a", same_id=kept(one)).outcome is AnswerOutcome.ALREADY
    for other in (replace(one, value="no"), replace(one, note="x"), replace(one, question_code="t")):
        assert judged(other, "a", same_id=kept(one)).outcome is AnswerOutcome.REFUSED
    assert judged(one, "b", same_id=kept(one)).outcome is AnswerOutcome.REFUSED


def test_another_s_answer_that_was_not_seen_stands_and_both_are_kept() -> None:
    first, second = sent("yes"), sent("no")
    assert judged(second, "b", kept(first)).outcome is AnswerOutcome.CONFLICT
    assert judged(sent("yes"), "b", kept(first)).outcome is AnswerOutcome.KEPT
    assert judged(second, "a", kept(first)).outcome is AnswerOutcome.KEPT
    assert judged(replace(second, known=first.answer_id), "b", kept(first)).outcome is AnswerOutcome.KEPT


def test_a_conflict_is_open_until_somebody_who_saw_it_answers_again() -> None:
    first, second = sent("yes"), sent("no")
    answers = [kept(first), kept(second, "b", first.answer_id)]
    assert standing_answers(answers)["M01", "q"].answer_id == first.answer_id
    assert [one.answer_id for one in open_conflicts(answers)] == [second.answer_id]
    answers.append(kept(sent("no", known=first.answer_id), "b"))
    assert open_conflicts(answers) == []
    assert standing_answers(answers)["M01", "q"].value == "no"


def test_a_conflict_is_not_closed_by_who_had_not_seen_it() -> None:
    first, other = kept(sent("yes")), sent("no")
    beside = kept(other, "b", first.answer_id)
    edited = sent("yes", note="scale 2 as well", known=first.answer_id)
    verdict = judged(edited, "a", first, beside)
    assert (verdict.outcome, verdict.standing, verdict.beside) == (AnswerOutcome.CONFLICT, first, beside)
    answers = [first, beside, kept(edited, "a", first.answer_id)]
    assert [one.answer_id for one in open_conflicts(answers)] == [other.answer_id, edited.answer_id]
    # A third one who says what another says has seen neither; who was told of the last one has seen them all.
    assert judged(sent("no", known=first.answer_id), "c", *answers).outcome is AnswerOutcome.CONFLICT
    assert judged(sent("yes"), "c", *answers).outcome is AnswerOutcome.CONFLICT
    assert last_to_see(answers)["M01", "q"].answer_id == edited.answer_id
    assert judged(sent("no", known=edited.answer_id), "a", *answers).outcome is AnswerOutcome.KEPT


def test_an_older_answer_from_a_second_device_decides_nothing() -> None:
    newer = kept(sent("no"))
    late = replace(sent("yes"), answered_at=NOW - timedelta(hours=1))
    verdict = judged(late, "a", newer)
    assert (verdict.outcome, verdict.beside) == (AnswerOutcome.CONFLICT, newer)
    assert judged(replace(late, known=newer.answer_id), "a", newer).outcome is AnswerOutcome.KEPT
    assert judged(replace(late, value="no"), "a", newer).outcome is AnswerOutcome.KEPT


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (sent("maybe"), "value is 'maybe'; expected yes, no, na"),
        (sent("1,5", code="n"), "expected a number like 12 or -0.5"),
        (sent("٣", code="n"), "expected a number"),
        (sent(" ", code="t"), "value is empty"),
        (sent("x" * 2001, code="t"), "longer than 2000"),
        (sent(note="x" * 2001), "longer than 2000"),
        (sent(code="other"), "question_code is 'other' of item 'M01'; expected a question of the visit"),
    ],
)
def test_what_is_no_answer_is_refused_with_the_reason(one: SentAnswer, said: str) -> None:
    verdict = judged(one, "a")
    assert (verdict.outcome, said in verdict.problem) == (AnswerOutcome.REFUSED, True)


@pytest.mark.parametrize("value", ["0", "-0.5", "12", "3.125"])
def test_numbers_are_taken(value: str) -> None:
    assert judged(sent(value, code="n"), "a").outcome is AnswerOutcome.KEPT


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["yes", "no", "na"]), st.booleans()), max_size=12))
def test_whatever_two_phones_send_nothing_is_lost_and_what_stands_was_seen(
    steps: list[tuple[str, str, bool]],
) -> None:
    """Each step: who answers, what, and whether that phone has just seen what stands."""
    answers: list[Answer] = []
    seen: dict[str, UUID | None] = {"a": None, "b": None}
    for who, value, looks in steps:
        standing, open_before = standing_answers(answers).get(("M01", "q")), open_conflicts(answers)
        if looks and standing is not None:
            seen[who] = last_to_see(answers)["M01", "q"].answer_id
        one = sent(value, known=seen[who])
        verdict = judged(one, who, *answers)
        assert verdict.outcome in {AnswerOutcome.KEPT, AnswerOutcome.CONFLICT}
        beside = standing.answer_id if verdict.outcome is AnswerOutcome.CONFLICT and standing else None
        answers.append(kept(one, who, beside))
        if beside is None and standing is not None and standing.value != value:
            order = [one.answer_id for one in answers]
            seen_to = -1 if (known := seen[who]) is None else order.index(known)
            live = [standing, *open_before]
            assert all(one.answered_by == who or order.index(one.answer_id) <= seen_to for one in live)
        if beside is not None:
            assert len(open_conflicts(answers)) == len(open_before) + 1
    assert len(answers) == len(steps)
