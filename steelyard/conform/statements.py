"""The wire contract as numbered statements, each with what proves or breaks it (after the habit of Sparkplug's TCK).

Pure: a statement is judged on a transcript. `docs/wire-contract.md` lists them, number and text; a test compares.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from steelyard.conform.transcript import Transcript


class Outcome(StrEnum):
    """What is known of a statement. UNSEEN: nothing happened that it is about. UNDECIDED: watched too shortly."""

    KEPT = "kept"
    BROKEN = "broken"
    UNDECIDED = "undecided"
    UNSEEN = "unseen"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What a transcript says of a statement; `evidence` names the place where it is broken, or what was looked at."""

    outcome: Outcome
    evidence: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """One sentence of the contract. `is_must` false: a device may do without, and is told what it lacks."""

    number: str
    text: str
    is_must: bool = True
    judge: Callable[[Transcript], Finding]


def kept(evidence: str) -> Finding:
    """The statement was put to the test and holds."""
    return Finding(outcome=Outcome.KEPT, evidence=evidence)


def broken(evidence: str) -> Finding:
    """The statement does not hold."""
    return Finding(outcome=Outcome.BROKEN, evidence=evidence)


def unseen(evidence: str) -> Finding:
    """Nothing was seen that the statement is about."""
    return Finding(outcome=Outcome.UNSEEN, evidence=evidence)


def not_in_time(transcript: Transcript, lacking: str, *, since: float, until: float) -> Finding:
    """What a device should have done of itself did not come: broken where it had the time it has for it, else not told.

    `since` and `until`: from when to when it was watched for, on the monotonic clock.
    """
    watched_s = max(0.0, until - since)
    if watched_s >= transcript.due_within_s:
        return broken(f"{lacking} within {watched_s:.0f} s")
    says = f"{lacking}, but it was watched for {watched_s:.0f} s only: cannot be told in less than"
    return Finding(outcome=Outcome.UNDECIDED, evidence=f"{says} {transcript.due_within_s:.0f} s")


def no_breach(breaches: Iterator[str], looked_at: Sequence[object], what: str) -> Finding:
    """Broken with the first breach and how many there are; kept where there is none among what was looked at."""
    if not looked_at:
        return unseen(f"no {what} seen")
    found = list(breaches)
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        return broken(found[0] + more)
    return kept(f"{len(looked_at)} {what} looked at")
