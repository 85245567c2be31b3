"""What a letter comes to: how many of what, the worst of them by name. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from db.letters import Count, Line
from domain.alert import AlertKind, Severity
from domain.notice import NoticeKind

_RANKS = tuple(Severity)


class Headed(Protocol):
    """A letter, as a list has it or as a courier does."""

    @property
    def letter_id(self) -> int:
        """Its number."""
        ...

    @property
    def purpose(self) -> str:
        """`notices`, or `test`."""
        ...

    @property
    def at(self) -> datetime:
        """When it was begun."""
        ...

    @property
    def items(self) -> int:
        """Of how much it tells."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Sort:
    """So many of one kind of news about one kind of alert (None: about none), by severity."""

    kind: NoticeKind
    alert_kind: AlertKind | None
    by_severity: Mapping[Severity, int]

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(self.by_severity.values())

    @property
    def worst(self) -> Severity:
        """The gravest there is."""
        return max(self.by_severity, key=_RANKS.index)


@dataclass(frozen=True, kw_only=True, slots=True)
class Digest:
    """A letter to be put into words. `sorts` and `named`: the gravest first; `unnamed`: how many are only counted."""

    letter_id: int
    is_test: bool
    at: datetime
    total: int
    by_severity: Mapping[Severity, int]
    sorts: tuple[Sort, ...]
    named: tuple[Line, ...]

    @property
    def unnamed(self) -> int:
        """How many are not named."""
        return self.total - len(self.named)

    @property
    def worst(self) -> Severity | None:
        """The gravest of all; None where it tells of nothing."""
        return max(self.by_severity, key=_RANKS.index, default=None)


def digest_of(counts: Sequence[Count], lines: Sequence[Line], letter: Headed, named: int) -> Digest:
    """Return what a letter comes to, with `named` of its `lines`, each alert, check and promise once.

    What is of other letters is left out. Whoever asks for the lines of a letter asks for `lines_needed(named)`.
    """
    sorts: dict[tuple[NoticeKind, AlertKind | None], Counter[Severity]] = {}
    for one in counts:
        if one.letter_id == letter.letter_id:
            sorts.setdefault((one.kind, one.alert_kind), Counter())[one.severity] += one.n
    by_severity = sum(sorts.values(), Counter[Severity]())
    found = [Sort(kind=kind, alert_kind=alert_kind, by_severity=n) for (kind, alert_kind), n in sorts.items()]
    found.sort(key=lambda one: (-_RANKS.index(one.worst), -one.total, one.kind, one.alert_kind or ""))
    return Digest(
        letter_id=letter.letter_id,
        is_test=letter.purpose == "test",
        at=letter.at,
        total=letter.items,
        by_severity={severity: by_severity[severity] for severity in reversed(_RANKS) if by_severity[severity]},
        sorts=tuple(found),
        named=_each_once([line for line in lines if line.letter_id == letter.letter_id])[:named],
    )


def lines_needed(named: int) -> int:
    """Return how many lines of a letter name so many alerts: one may have opened and become graver in the same."""
    return 3 * named


def _each_once(lines: Sequence[Line]) -> tuple[Line, ...]:
    first: dict[object, Line] = {}
    for line in lines:
        first.setdefault(_about(line), line)
    return tuple(first.values())


def _about(line: Line) -> tuple[str, int]:
    """Return what a line is about; what became of a promise is told beside the alert that it came of."""
    if line.promise_id is not None:
        return "promise", line.promise_id
    if line.check_id is not None:
        return "check", line.check_id
    return ("happening", line.happening_id) if line.alert_id is None else ("alert", line.alert_id)
