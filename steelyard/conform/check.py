"""The course of a check: hear, withhold receipts, say what means nothing, cut the line, give receipts, and judge."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from steelyard.conform.delivery_statements import DELIVERY_STATEMENTS, GRACE_S
from steelyard.conform.observer import Observer
from steelyard.conform.proof_statements import PROOF_STATEMENTS
from steelyard.conform.proxy import CuttingProxy
from steelyard.conform.statements import Finding, Outcome, Statement
from steelyard.conform.transcript import Act, Line, Transcript
from steelyard.conform.weighing_statements import WEIGHING_STATEMENTS

STATEMENTS: Final[tuple[Statement, ...]] = (*WEIGHING_STATEMENTS, *DELIVERY_STATEMENTS, *PROOF_STATEMENTS)
_LOOK_EVERY_S: Final = 0.1
_RETAINED_COMES_WITHIN_S: Final = 2.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    """How long a check is. `weighings`: heard with receipts before anything is withheld; `waiting`: without."""

    weighings: int = 10
    waiting: int = 5
    patience_s: float = 120.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """A statement with what was found."""

    statement: Statement
    finding: Finding

    @property
    def is_failure(self) -> bool:
        """A thing a device must do, that it does not."""
        return self.statement.is_must and self.finding.outcome is Outcome.BROKEN


def run_check(
    observer: Observer,
    proxy: CuttingProxy | None,
    course: Course,
    stop: threading.Event,
    say: Callable[[str], None],
) -> list[Verdict]:
    """Run the whole course with a device that weighs meanwhile, and judge. Steps that time out leave things unseen."""
    steps = _Steps(observer, course, stop, say)
    steps.until(f"hear {course.weighings} weighings", lambda seen: len(seen.first_lines) >= course.weighings)
    observer.withhold_receipts()
    steps.until(
        f"withhold receipts: {course.waiting} more weighings, and one of them again",
        lambda seen: len(_unreceipted(seen)) >= course.waiting and _has_repeats(seen, since=0.0),
    )
    for act in (Act.FOREIGN_RECEIPT, Act.RECEIPT_AHEAD, Act.BROKEN_RECEIPT):
        since = time.monotonic()
        observer.do(act)
        steps.until(f"{act.replace('_', ' ')}: what waits comes again", lambda seen: _has_repeats(seen, since=since))  # noqa: B023 - used at once
    if proxy is not None:
        _cut(observer, proxy, steps)
    observer.give_receipts()
    steps.pause("give receipts: nothing comes again", GRACE_S + 1)
    observer.ask_what_is_retained(_RETAINED_COMES_WITHIN_S)
    return judge(observer.transcript())


def judge(transcript: Transcript) -> list[Verdict]:
    """Hold every statement against a transcript."""
    return [Verdict(statement=statement, finding=statement.judge(transcript)) for statement in STATEMENTS]


class _Steps:
    def __init__(self, observer: Observer, course: Course, stop: threading.Event, say: Callable[[str], None]) -> None:
        self._observer, self._course, self._stop, self._say = observer, course, stop, say

    def until(self, what: str, done: Callable[[Transcript], bool]) -> None:
        self._say(what)
        deadline = time.monotonic() + self._course.patience_s
        while not done(self._observer.transcript()):
            if time.monotonic() >= deadline:
                self._say(f"{what}: not seen in {self._course.patience_s:.0f} s")
                return
            if self._stop.wait(_LOOK_EVERY_S):
                return

    def pause(self, what: str, seconds: float) -> None:
        self._say(what)
        self._stop.wait(seconds)


def _cut(observer: Observer, proxy: CuttingProxy, steps: _Steps) -> None:
    waiting = {line.body for line in _unreceipted(observer.transcript())}
    since = time.monotonic()
    observer.do(Act.CUT)
    proxy.cut()
    steps.until(
        "cut the connection: it comes back, and what waits comes again",
        lambda seen: waiting <= {line.body for line in seen.lines if line.at > since},
    )


def _unreceipted(transcript: Transcript) -> list[Line]:
    return [
        line
        for (journal_id, seq), line in transcript.first_lines.items()
        if seq > transcript.committed_at(journal_id, float("inf"))
    ]


def _has_repeats(transcript: Transcript, since: float) -> bool:
    waiting = {line.body for line in _unreceipted(transcript)}
    first = {id(line) for line in transcript.first_lines.values()}
    return any(line.body in waiting and line.at > since and id(line) not in first for line in transcript.lines)
