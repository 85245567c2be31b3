"""Whose each weighing of a batch was: the binding of its scale at the moment it was made (design, decision 4)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray
from psycopg import Connection

from db import registry
from db.registry import Binding, BindingSpan
from domain.ids import MarketId, ScaleId
from ingest.columns import Columns, microseconds
from ingest.judging import Holding

#: Place of a scale that nobody registered.
UNKNOWN: Final = -1
_NOBODY: Final = Binding(None, None)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Scale = tuple[MarketId, ScaleId]


def find_holding(conn: Connection, columns: Columns) -> Holding:
    """Ask the registry about the scales of a batch. Rows of scales that nobody registered are at UNKNOWN."""
    if not len(columns):
        return Holding([_NOBODY], np.zeros(0, np.int64))
    scales = list(dict.fromkeys((one.journal.market_id, one.journal.scale_id) for one in columns.sources))
    first, last = _moment(columns.weighed_us.min()), _moment(columns.weighed_us.max())
    return holding_of(columns, scales, registry.bindings_between(conn, scales, first, last))


def holding_of(columns: Columns, scales: Sequence[Scale], known: Mapping[Scale, Sequence[BindingSpan]]) -> Holding:
    """Find each weighing's binding among those of its scale that touch the batch's time. Pure."""
    holders = [_NOBODY]
    places = {scale: place for place, scale in enumerate(scales)}
    scale_of = np.array([places[one.journal.market_id, one.journal.scale_id] for one in columns.sources], np.int64)
    scale_of_row = scale_of[columns.source]
    usual = np.zeros(len(scales), np.int64)
    of = np.empty(len(columns), np.int64)
    several: list[tuple[int, Sequence[BindingSpan]]] = []
    first, last = int(columns.weighed_us.min()), int(columns.weighed_us.max())
    for place, scale in enumerate(scales):
        spans = known.get(scale)
        if spans is None:
            usual[place] = UNKNOWN
        elif len(spans) == 1 and _begin(spans[0]) <= first and last < _end(spans[0]):
            usual[place] = len(holders)
            holders.append(spans[0].binding)
        elif spans:
            several.append((place, spans))
    of[:] = usual[scale_of_row]
    for place, spans in several:
        _place_by_time(of, np.flatnonzero(scale_of_row == place), columns, spans, holders)
    return Holding(holders, of)


def _place_by_time(
    of: NDArray[np.int64],
    rows: NDArray[np.int64],
    columns: Columns,
    spans: Sequence[BindingSpan],
    holders: list[Binding],
) -> None:
    moments = columns.weighed_us[rows]
    for span in spans:
        of[rows[(moments >= _begin(span)) & (moments < _end(span))]] = len(holders)
        holders.append(span.binding)


def _moment(us: np.int64) -> datetime:
    return _EPOCH + timedelta(microseconds=int(us))


def _begin(span: BindingSpan) -> int:
    return np.iinfo(np.int64).min if span.begins is None else int(microseconds([span.begins])[0])


def _end(span: BindingSpan) -> int:
    return np.iinfo(np.int64).max if span.ends is None else int(microseconds([span.ends])[0])
