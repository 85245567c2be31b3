"""Whose each weighing of a batch was: the binding of its scale at the moment it was made (design, decision 4)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from psycopg import Connection

from db import registry, scale_facts
from db.quarantine import HeldMessage
from db.registry import Binding, BindingSpan
from domain.ids import MarketId, ScaleId
from domain.scale import ScaleFacts
from ingest.columns import Columns
from ingest.instants import microseconds
from pricing.rules_of_columns import Whole

_NOBODY: Final = Binding(None, None)
_INT64: Final = np.iinfo(np.int64)
_MAX_KEPT: Final = 100_000

Scale = tuple[MarketId, ScaleId]


class Holding(NamedTuple):
    """Whose each weighing was: `holders[of[n]]` of row n."""

    holders: Sequence[Binding]
    of: NDArray[np.int64]


class Span(NamedTuple):
    """A binding and when it holds, `[begins_us, ends_us)`, in microseconds since 1970."""

    binding: Binding
    begins_us: int
    ends_us: int


class RegistryKeeper:
    """Keeps whose the scales are, and asks anew when the registry's revision has moved."""

    def __init__(self) -> None:
        self._revision = -1
        self._spans: dict[Scale, tuple[Span, ...] | None] = {}
        self._facts: dict[Scale, ScaleFacts] = {}

    @property
    def facts(self) -> Mapping[Scale, ScaleFacts]:
        """What more is registered of the scales that `spans` was asked for; those of which nothing is are not in it."""
        return self._facts

    def spans(self, conn: Connection, scales: Sequence[Scale]) -> dict[Scale, tuple[Span, ...]]:
        """Return the bindings of those of the scales that are registered, as the caller's transaction sees them."""
        revision = registry.revision(conn)
        if revision != self._revision or len(self._spans) > _MAX_KEPT:
            self._spans, self._facts, self._revision = {}, {}, revision
        missing = [scale for scale in scales if scale not in self._spans]
        if missing:
            found = registry.bindings_of(conn, missing)
            self._spans.update({scale: _spans(found.get(scale)) for scale in missing})
            self._facts.update(scale_facts.of_scales(conn, missing))
        return {scale: spans for scale in scales if (spans := self._spans[scale]) is not None}


def scales_of(columns: Columns) -> list[Scale]:
    """Return the scales of a batch, each once."""
    return list(dict.fromkeys(source.scale for source in columns.sources))


def scales_named(held: Iterable[HeldMessage]) -> list[Scale]:
    """Return the scales that messages which were refused name, registered or not, each once."""
    return list(dict.fromkeys(scale for one in held if (scale := scale_of(one)) is not None))


def scale_of(held: HeldMessage) -> Scale | None:
    """Return the scale that a message which was refused names, registered or not."""
    return (MarketId(held.market_id), ScaleId(held.scale_id)) if held.market_id and held.scale_id else None


def holder_at(spans: Sequence[Span], moment: datetime) -> Binding:
    """Return whose a scale was at a moment, by its bindings; nobody's where none of them holds. Pure."""
    moment_us = int(microseconds([moment])[0])
    return next((one.binding for one in spans if one.begins_us <= moment_us < one.ends_us), _NOBODY)


def holding_of(columns: Columns, moments_us: Whole, spans: Mapping[Scale, tuple[Span, ...]]) -> Holding:
    """Find each weighing's binding among those of its scale, as of the moment that judges it. Pure."""
    holders = [_NOBODY]
    of = np.zeros(len(columns), np.int64)
    if not len(columns):
        return Holding(holders, of)
    scales = scales_of(columns)
    places = {scale: place for place, scale in enumerate(scales)}
    scale_of_row = np.array([places[source.scale] for source in columns.sources], np.int64)[columns.source]
    usual = np.zeros(len(scales), np.int64)
    several: list[tuple[int, tuple[Span, ...]]] = []
    first, last = int(moments_us.min()), int(moments_us.max())
    for place, scale in enumerate(scales):
        known = spans[scale]
        touching = tuple(span for span in known if span.begins_us <= last and first < span.ends_us)
        if len(touching) == 1 and touching[0].begins_us <= first and last < touching[0].ends_us:
            usual[place] = len(holders)
            holders.append(touching[0].binding)
        elif touching:
            several.append((place, touching))
    of[:] = usual[scale_of_row]
    for place, touching in several:
        rows = np.flatnonzero(scale_of_row == place)
        moments = moments_us[rows]
        for span in touching:
            of[rows[(moments >= span.begins_us) & (moments < span.ends_us)]] = len(holders)
            holders.append(span.binding)
    return Holding(holders, of)


def _spans(found: Sequence[BindingSpan] | None) -> tuple[Span, ...] | None:
    if found is None:
        return None
    return tuple(
        Span(
            one.binding,
            _INT64.min if one.begins is None else int(microseconds([one.begins])[0]),
            _INT64.max if one.ends is None else int(microseconds([one.ends])[0]),
        )
        for one in found
    )
