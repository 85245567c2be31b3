"""Spans of time to look in, so that a hypertable opens the chunks that can hold what is asked for, and no others."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

#: Moments nearer to each other than this are looked for together: chunks are a few days long.
_NEAR: Final = timedelta(days=7)
EVER: Final = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


class Span(NamedTuple):
    """The places, in the sequence given, of moments from `first` to `last`, both among them."""

    first: datetime
    last: datetime
    places: list[int]


def spans_of(moments: Sequence[datetime]) -> list[Span]:
    """Put moments that lie near each other together, the earliest first. A single wrong clock widens no other span."""
    spans: list[Span] = []
    for place in sorted(range(len(moments)), key=moments.__getitem__):
        moment = moments[place]
        if spans and moment - spans[-1].last <= _NEAR:
            spans[-1] = Span(spans[-1].first, moment, spans[-1].places)
            spans[-1].places.append(place)
        else:
            spans.append(Span(moment, moment, [place]))
    return spans
