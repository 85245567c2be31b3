"""Which visits become one (综合查一次): the same subject, and a day that all their windows share. Pure."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True, slots=True)
class Combinable:
    """A visit that has not begun."""

    inspection_id: int
    subject: Hashable
    first_day: date
    last_day: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Combined:
    """Visits that become one, within the days all of them share. `kept` is the oldest; `others` become part of it."""

    kept: int
    others: tuple[int, ...]
    first_day: date
    last_day: date


def combine(visits: Sequence[Combinable]) -> list[Combined]:
    """Return what can be combined, so that as few visits as possible remain; each visit in one of them at most.

    By their last days: the visit that must be over first takes in all that have begun their window by its last day.
    """
    found = []
    for subject in dict.fromkeys(one.subject for one in visits):
        left = sorted(
            (one for one in visits if one.subject == subject), key=lambda one: (one.last_day, one.inspection_id)
        )
        while left:
            until = left[0].last_day
            group = [one for one in left if one.first_day <= until]
            left = [one for one in left if one.first_day > until]
            if len(group) > 1:
                found.append(_combined(group))
    return found


def _combined(group: Sequence[Combinable]) -> Combined:
    kept, *others = sorted(one.inspection_id for one in group)
    return Combined(
        kept=kept,
        others=tuple(others),
        first_day=max(one.first_day for one in group),
        last_day=min(one.last_day for one in group),
    )
