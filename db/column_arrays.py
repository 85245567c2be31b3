"""Columns that the server lays out as arrays (`array_agg`), read straight into numpy instead of an object a value.

The binary form is PostgreSQL's (`array_send` in src/backend/utils/adt/arrayfuncs.c): number of dimensions, whether
NULLs are there, type of the elements, for each dimension its length and where it begins; then each element, with its
length before it.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from psycopg import Connection, Cursor
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format
from psycopg.rows import dict_row

#: PostgreSQL counts time from 2000-01-01 (UTC), in microseconds.
EPOCH_US: Final = 946_684_800_000_000

#: Of an array of one dimension: the five numbers named above, four bytes each.
_HEADER_SIZE: Final = 20


class _Column(Loader):
    """An array of one dimension without NULLs, whose elements are as wide as `_kind`."""

    format = Format.BINARY
    _kind = ">i8"
    _as: type = np.int64

    def load(self, data: Buffer) -> NDArray[Any]:
        head = np.frombuffer(data, ">i4", 2)
        if head[0] == 0:
            return np.zeros(0, self._as)
        if head[0] != 1 or head[1]:
            raise ValueError(f"an array of {head[0]} dimensions{' with NULLs' if head[1] else ''}, expected 1 without")
        elements = np.frombuffer(data, np.dtype([("length", ">i4"), ("value", self._kind)]), offset=_HEADER_SIZE)
        return elements["value"].astype(self._as)


class _Integers(_Column):
    _kind = ">i4"


class _Booleans(_Column):
    _kind = ">i1"
    _as = np.bool_


class _Moments(_Column):
    """Microseconds since 1970 (UTC)."""

    def load(self, data: Buffer) -> NDArray[np.int64]:
        return super().load(data) + EPOCH_US


_LOADERS: Final[dict[str, type[_Column]]] = {
    "int8": _Column,
    "int4": _Integers,
    "bool": _Booleans,
    "timestamptz": _Moments,
}


def column_cursor(conn: Connection) -> Cursor[dict[str, Any]]:
    """Return a cursor whose rows are dictionaries, with arrays of whole numbers, booleans and moments as numpy columns.

    Moments are microseconds since 1970 (UTC). Its `fetchone` raises ValueError where an array of those holds a NULL.
    """
    cursor = conn.cursor(binary=True, row_factory=dict_row)
    for name, loader in _LOADERS.items():
        cursor.adapters.register_loader(conn.adapters.types[name].array_oid, loader)
    return cursor
