"""How alerts are handled, by market and person, with what a regulator should look at marked: pure.

Whoever runs a market earns from its vendors, and says whether their sales were breaches: that conflict of interest is
watched, not judged. A mark is a reason to look, never a finding.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from db.deadlines import HandledByPerson
from domain.ids import MarketId
from supervision.policy import WatchPolicy

_WHOLE: Final = 100


class Mark(StrEnum):
    """What is out of the ordinary."""

    MANY_DISMISSED = "many_dismissed"
    CLOSED_WITHOUT_EVIDENCE = "closed_without_evidence"
    MANY_MISSED = "many_missed"


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonWatched:
    """A person's handling. Shares in percent, rounded down; None where there is nothing to take a share of."""

    handled: HandledByPerson
    dismissed_percent: int | None
    without_evidence_percent: int | None
    marks: tuple[Mark, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class MarketWatched:
    """A market's handling: its people, what was opened, and how many deadlines were missed of which kind."""

    market_id: MarketId
    name: str
    opened: int
    missed: Mapping[str, int]
    missed_percent: int | None
    people: tuple[PersonWatched, ...]
    marks: tuple[Mark, ...]

    @property
    def missed_in_all(self) -> int:
        """How many deadlines were missed."""
        return sum(self.missed.values())


def watched(
    markets: Sequence[tuple[MarketId, str, int]],
    people: Sequence[HandledByPerson],
    missed: Mapping[tuple[MarketId, str], int],
    policy: WatchPolicy,
) -> list[MarketWatched]:
    """Return how the alerts of each market were handled; those with marks, and of them the most missed, first."""
    found = [_market(market_id, name, opened, people, missed, policy) for market_id, name, opened in markets]
    return sorted(found, key=lambda one: (-len(one.marks), -one.missed_in_all, one.market_id))


def _market(
    market_id: MarketId,
    name: str,
    opened: int,
    people: Sequence[HandledByPerson],
    missed: Mapping[tuple[MarketId, str], int],
    policy: WatchPolicy,
) -> MarketWatched:
    own = {deadline: count for (where, deadline), count in missed.items() if where == market_id}
    percent = _percent(sum(own.values()), opened)
    theirs = tuple(_person(one, policy) for one in people if one.market_id == market_id)
    marks = {mark for person in theirs for mark in person.marks}
    if percent is not None and opened >= policy.fewest_decisions and percent >= policy.missed_percent:
        marks.add(Mark.MANY_MISSED)
    return MarketWatched(
        market_id=market_id,
        name=name,
        opened=opened,
        missed=own,
        missed_percent=percent,
        people=theirs,
        marks=tuple(mark for mark in Mark if mark in marks),
    )


def _person(one: HandledByPerson, policy: WatchPolicy) -> PersonWatched:
    decided = one.confirmed + one.dismissed
    dismissed = _percent(one.dismissed, decided)
    without = _percent(one.without_evidence, one.closed)
    marks = []
    if dismissed is not None and decided >= policy.fewest_decisions and dismissed >= policy.dismissed_percent:
        marks.append(Mark.MANY_DISMISSED)
    if (
        without is not None
        and one.closed >= policy.fewest_decisions
        and without >= policy.closed_without_evidence_percent
    ):
        marks.append(Mark.CLOSED_WITHOUT_EVIDENCE)
    return PersonWatched(handled=one, dismissed_percent=dismissed, without_evidence_percent=without, marks=tuple(marks))


def _percent(part: int, whole: int) -> int | None:
    return None if whole == 0 else part * _WHOLE // whole
