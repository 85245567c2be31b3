"""Which list judges when: lists laid over one another into one line of time without overlap. Pure."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from itertools import zip_longest
from typing import NamedTuple

from domain.price_cap import CapList


class Stretch(NamedTuple):
    """A time in which one list judges, `[since, until)`; `until` None: for good, as far as is known."""

    since: datetime
    until: datetime | None
    cap_list: CapList


Timeline = tuple[Stretch, ...]


def layered(layers: Sequence[Sequence[CapList]]) -> Timeline:
    """Lay lists over one another: at each moment the first layer that has a list in force decides.

    Within a layer no two lists may be in force at once (`cap_lists_one_in_force` in the database).
    """
    lists = [one for layer in layers for one in layer]
    ends = {one.effective_to for one in lists if one.effective_to is not None}
    moments = sorted({one.effective_from for one in lists} | ends)
    line: list[Stretch] = []
    for moment, until in zip_longest(moments, moments[1:]):
        judging = next((one for layer in layers for one in layer if one.in_force_at(moment)), None)
        if judging is None:
            continue
        if line and line[-1].cap_list is judging and line[-1].until == moment:
            line[-1] = line[-1]._replace(until=until)
        else:
            line.append(Stretch(moment, until, judging))
    return tuple(line)


def at(timeline: Timeline, moment: datetime) -> CapList | None:
    """Return the list that judges at `moment`, or None."""
    place = bisect_right(timeline, moment, key=lambda stretch: stretch.since) - 1
    if place < 0:
        return None
    until = timeline[place].until
    return timeline[place].cap_list if until is None or moment < until else None
