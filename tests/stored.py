"""Rows of weighings that a test wants stored, as it likes to write them: one mapping a row."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
from psycopg import Connection

from db import weighings
from db.weighing_columns import GOODS, HOLDER, NULLABLES, NUMBERS, ORIGIN, OUTCOME, Shared, WeighingColumns
from domain.weighing import WeighingKey
from ingest.instants import microseconds

Row = Mapping[str, Any]


def store_rows(conn: Connection, rows: Sequence[Row]) -> set[WeighingKey]:
    """Store rows and return the keys of those that were new."""
    new = weighings.store(conn, columns_of_rows(rows), np.arange(len(rows)))
    return {key_of(row) for row in rows} if new is None else new


def key_of(row: Row) -> WeighingKey:
    return WeighingKey(*(row[name] for name in WeighingKey._fields))


def columns_of_rows(rows: Sequence[Row]) -> WeighingColumns:
    """What is left out is NULL where it may be, 0 or empty elsewhere."""
    return WeighingColumns(
        origin=_shared(rows, ORIGIN),
        holder=_shared(rows, HOLDER),
        goods=_shared(rows, GOODS),
        outcome=_shared(rows, OUTCOME),
        numbers={name: np.array([_number(row.get(name, 0)) for row in rows], np.int64) for name in NUMBERS},
        nullables={
            name: (
                np.array([int(row.get(name) or 0) for row in rows], np.int64),
                np.array([row.get(name) is not None for row in rows], np.bool_),
            )
            for name in NULLABLES
        },
        ticket_no=[row.get("ticket_no", "") for row in rows],
        digest=[row["digest"] for row in rows],
        body=[row["body"] for row in rows],
    )


def _shared(rows: Sequence[Row], names: Sequence[str]) -> Shared:
    return Shared(rows=[tuple(row.get(name) for name in names) for row in rows], of=np.arange(len(rows)))


def _number(value: int | datetime | date) -> int:
    if isinstance(value, datetime):
        return int(microseconds([value])[0])
    return (value - date(1970, 1, 1)).days if isinstance(value, date) else int(value)
