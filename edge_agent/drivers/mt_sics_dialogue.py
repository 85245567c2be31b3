"""Whose turn it is between the agent and an MT-SICS scale: one question at a time, each with its time. Pure."""

from collections import deque
from dataclasses import replace
from typing import Final

from edge_agent.drivers.mt_sics_lines import ERRORS, Answer
from edge_agent.drivers.mt_sics_questions import ASK_TARE, Profile, Question

_ASK_TARE_EVERY_S: Final = 1.0
_MAX_TARE_REFUSALS: Final = 3  # one may be noise on the line; a scale without TA refuses them all
_SILENT_AFTER: Final = 2


class Dialogue:
    """What is asked, what waits to be asked, and what is due: commands first, then the tare, then the weight."""

    def __init__(self, profile: Profile, *first: Question) -> None:
        self._profile = profile
        self._waiting = deque(first)
        self._asked: Question | None = None
        self._answer_until = 0.0
        self._may_come_late = ""
        self._tare_refusals = 0
        self._ask_tare_at: float | None = None
        self._weigh_at: float | None = None
        self._has_weighed = False
        self._silences = 0

    def enqueue(self, *questions: Question) -> None:
        """Have them asked. The newest of a kind stands for it: a hundred taps on one key are one command."""
        kinds = {_kind(question) for question in questions}
        self._waiting = deque([*(other for other in self._waiting if _kind(other) not in kinds), *questions])

    def ask_tare_now(self) -> None:
        """Have the tare asked before the next weight, not only when its second is over."""
        self._ask_tare_at = None

    def weigh_now(self) -> None:
        """Have the weight asked with the next question, not only when its time has come."""
        self._weigh_at, self._has_weighed = None, False

    def expire(self, now: float) -> Question | None:
        """Return the question whose time is over without an answer; where it has a try left, it is asked again."""
        if self._has_weighed and self._profile.is_stream:
            self._weigh_at = now + self._profile.every_s
        self._has_weighed = False
        missed = self._asked
        if missed is None or now < self._answer_until:
            return None
        self._asked, self._may_come_late = None, missed.name
        self._silences += missed.name == "S"
        self._tare_refusals += missed == ASK_TARE
        self.try_again(missed)
        return missed

    def next(self, now: float) -> bytes:
        """Return the next question, or nothing while one is not answered yet."""
        question = None if self._asked is not None else self._due(now)
        if question is None:
            return b""
        self._asked, self._answer_until = question, now + question.reply_s
        return question.frame

    def try_again(self, question: Question) -> None:
        """Ask it once more, where it has a try left."""
        if question.tries > 1:
            self._waiting.appendleft(replace(question, tries=question.tries - 1))

    def heard_weight(self) -> None:
        """Take a weight; it ends the waiting for one."""
        self._has_weighed = True
        if self._asked is not None and self._asked.name == "S":
            self._asked, self._may_come_late = None, ""

    def take(self, answer: Answer) -> Question | None:
        """Return the question that this answers; None for what was not asked."""
        asked = self._asked
        if asked is None or answer.name not in {asked.name, *ERRORS}:
            return None
        self._asked = None
        if self._may_come_late != asked.name:
            self._may_come_late = ""
        if asked == ASK_TARE and answer.name != "ET":
            self._tare_refusals = 0 if answer.status in {"A", "I"} else self._tare_refusals + 1
        return asked

    def take_unreadable(self, line: bytes) -> Question | None:
        """Return the question that this answers in a way nobody can use (a weight in pounds)."""
        asked = self._asked
        if asked is None or not line.startswith(asked.name.encode("ascii") + b" "):
            return None
        self._asked, self._silences = None, 0
        return asked

    def is_late(self, answer: Answer) -> bool:
        """Say whether it may be the answer to a question that was asked twice."""
        return answer.name == self._may_come_late

    def ends_a_silence(self) -> bool:
        """Say whether this answer is the first one after a silence; the tare may be told again."""
        was_silent, self._silences = self._silences >= _SILENT_AFTER, 0
        if was_silent:
            self._tare_refusals = 0
        return was_silent

    def _due(self, now: float) -> Question | None:
        if self._waiting:
            return self._waiting.popleft()
        may_ask_tare = self._tare_refusals < _MAX_TARE_REFUSALS
        if may_ask_tare and (self._ask_tare_at is None or now >= self._ask_tare_at):
            self._ask_tare_at = now + _ASK_TARE_EVERY_S
            return ASK_TARE
        if self._weigh_at is None or now >= self._weigh_at:
            self._weigh_at = now + self._profile.every_s
            return self._profile.weigh
        return None


def _kind(question: Question) -> tuple[str, bool]:
    return (question.name, question.line == "@")
