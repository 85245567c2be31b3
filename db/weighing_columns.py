"""Weighings by the batch, as columns, and as the binary COPY data PostgreSQL takes (COPY, "Binary Format").

Nothing is done row by row that can be done for all: whole numbers are laid out by numpy, texts that many rows share
are written once and referred to, and a row is put together from some ten pieces that are ready.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from db.column_arrays import EPOCH_US

#: How the columns stand in the COPY data: see `copy_weighings` in db/sql/weighings.sql.
ORIGIN: Final = ("market_id", "scale_id", "journal_id")
HOLDER: Final = ("stall_id", "vendor_id")
GOODS: Final = ("species_code", "grade", "plu", "name")
OUTCOME: Final = ("price_unit", "verdict", "paid_verdict", "cap_list_id", "cap_unit", "cap_fen")
NUMBERS: Final = {
    "seq": ">i8",
    "weighed_at": ">i8",
    "received_at": ">i8",
    "business_day": ">i4",
    "net_g": ">i4",
    "clock_synced": ">i1",
    "judged_at_arrival": ">i1",
    "unit_price_fen": ">i8",
    "amount_fen": ">i8",
    "discount_fen": ">i8",
    "paid_fen": ">i8",
    "fee_fen": ">i8",
    "excess_fen": ">i8",
    "overcharge_fen": ">i8",
}
NULLABLES: Final = {
    "gross_g": ">i4",
    "tare_g": ">i4",
    "zero_offset_g": ">i4",
    "pieces": ">i4",
    "stable": ">i1",
    "unit_price_fen_per_kg": ">i8",
    "voids_seq": ">i8",
}
#: How the columns of a judgement stand: see `copy_changes` in db/sql/rejudging.sql.
_JUDGEMENT: Final = ("seq", "weighed_at", "excess_fen", "overcharge_fen")
COPY_COLUMNS: Final = (*ORIGIN, *HOLDER, *GOODS, *OUTCOME, *NUMBERS, *NULLABLES, "ticket_no", "digest", "body")
#: PostgreSQL counts time from 2000-01-01 (UTC), in microseconds and days.
_EPOCH_DAYS: Final = 10_957

_SIGNATURE: Final = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_END: Final = b"\xff\xff"
_NULL: Final = b"\xff\xff\xff\xff"
_FIELD_COUNT: Final = len(COPY_COLUMNS).to_bytes(2, "big")
_JUDGEMENT_FIELD_COUNT: Final = (len(ORIGIN) + len(HOLDER) + 1 + len(OUTCOME[1:]) + len(_JUDGEMENT)).to_bytes(2, "big")


@dataclass(frozen=True, kw_only=True, slots=True)
class Shared:
    """Values that many rows share: `rows[of[n]]` are those of row n. None is NULL."""

    rows: Sequence[tuple[str | int | None, ...]]
    of: NDArray[np.int64]

    def fields(self, which: slice) -> "Shared":
        """Return some fields of the values."""
        return Shared(rows=[row[which] for row in self.rows], of=self.of)


@dataclass(frozen=True, kw_only=True, slots=True)
class WeighingColumns:
    """Rows of `weighings`. `numbers` and `nullables` by column; of the latter the second array says which are there.

    Moments are microseconds since 1970 (UTC), days since 1970-01-01, booleans 0 and 1.
    """

    origin: Shared
    holder: Shared
    goods: Shared
    outcome: Shared
    numbers: Mapping[str, NDArray[Any]]
    nullables: Mapping[str, tuple[NDArray[Any], NDArray[np.bool_]]]
    ticket_no: Sequence[str]
    digest: Sequence[bytes]
    body: Sequence[bytes]

    def __len__(self) -> int:
        return len(self.body)


def copy_data(columns: WeighingColumns, rows: NDArray[np.int64]) -> bytes:
    """Return the chosen rows as COPY data."""
    pieces = zip(
        _pick(columns.origin, rows, before=_FIELD_COUNT),
        _pick(columns.holder, rows),
        _pick(columns.goods, rows),
        _pick(columns.outcome, rows),
        _numbers(columns, rows, NUMBERS),
        _nullables(columns, rows),
        _texts([columns.ticket_no[row] for row in rows]),
        repeat(b"\x00\x00\x00\x20"),  # a digest is 32 bytes
        (columns.digest[row] for row in rows),
        *_with_length([columns.body[row] for row in rows]),
        strict=False,  # `repeat` has no end
    )
    return b"".join(chain((_SIGNATURE,), chain.from_iterable(pieces), (_END,)))


def judgement_data(columns: WeighingColumns, rows: NDArray[np.int64]) -> bytes:
    """Return what the chosen rows were judged to, with whose and of which species they are, as COPY data."""
    pieces = zip(
        _pick(columns.origin, rows, before=_JUDGEMENT_FIELD_COUNT),
        _pick(columns.holder, rows),
        _pick(columns.goods.fields(slice(1)), rows),
        _pick(columns.outcome.fields(slice(1, None)), rows),
        _numbers(columns, rows, _JUDGEMENT),
        strict=True,
    )
    return b"".join(chain((_SIGNATURE,), chain.from_iterable(pieces), (_END,)))


def _pick(shared: Shared, rows: NDArray[np.int64], before: bytes = b"") -> Iterator[bytes]:
    ready = [before + b"".join(map(_field, values)) for values in shared.rows]
    return map(ready.__getitem__, shared.of[rows].tolist())


def _field(value: str | int | None) -> bytes:
    if value is None:
        return _NULL
    if isinstance(value, int):
        return b"\x00\x00\x00\x08" + value.to_bytes(8, "big", signed=True)
    text = value.encode()
    return len(text).to_bytes(4, "big") + text


def _texts(texts: Sequence[str]) -> Iterable[bytes]:
    return map({text: _field(text) for text in set(texts)}.__getitem__, texts)


def _with_length(values: Sequence[bytes]) -> tuple[Iterable[bytes], Iterable[bytes]]:
    lengths = np.fromiter(map(len, values), np.dtype(">i4"), len(values)).tobytes()
    return _cut(lengths, 4), values


def _numbers(columns: WeighingColumns, rows: NDArray[np.int64], names: Iterable[str]) -> Iterable[bytes]:
    table = np.empty(len(rows), _record({name: NUMBERS[name] for name in names}))
    for name in names:
        _put(table, name, columns.numbers[name][rows])
    return _cut(table.tobytes(), table.itemsize)


def _nullables(columns: WeighingColumns, rows: NDArray[np.int64]) -> Iterable[bytes]:
    """A field that is not there has a length and no value, so rows with the same fields are laid out together."""
    there = np.stack([columns.nullables[name][1][rows] for name in NULLABLES])
    patterns = np.zeros(len(rows), np.int64)
    for bit, column in enumerate(there):
        patterns |= column.astype(np.int64) << bit
    laid_out: list[bytes] = [b""] * len(rows)
    for pattern in np.unique(patterns).tolist():
        places = np.flatnonzero(patterns == pattern)
        is_there = {name: bool(pattern >> bit & 1) for bit, name in enumerate(NULLABLES)}
        table = np.empty(len(places), _record({name: NULLABLES[name] if is_there[name] else "" for name in NULLABLES}))
        for name in NULLABLES:
            if is_there[name]:
                _put(table, name, columns.nullables[name][0][rows[places]])
            else:
                table[f"{name} length"] = -1
        for place, record in zip(places.tolist(), _cut(table.tobytes(), table.itemsize), strict=True):
            laid_out[place] = record
    return laid_out


def _record(columns: Mapping[str, str]) -> np.dtype[np.void]:
    fields: list[tuple[str, str]] = []
    for name, kind in columns.items():
        fields.append((f"{name} length", ">i4"))
        if kind:
            fields.append((name, kind))
    return np.dtype(fields)


def _put(table: NDArray[np.void], name: str, values: NDArray[Any]) -> None:
    if name in ("weighed_at", "received_at"):
        values = values - EPOCH_US
    elif name == "business_day":
        values = values - _EPOCH_DAYS
    table[name] = values
    table[f"{name} length"] = table.dtype[name].itemsize


def _cut(data: bytes, size: int) -> Iterable[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]
