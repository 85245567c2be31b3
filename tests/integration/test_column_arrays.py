"""Arrays of the server as numpy columns: what goes in comes out, in its type; what is no such column is told."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from db.column_arrays import column_cursor
from ingest.instants import datetimes, microseconds

MOMENTS = st.timedeltas(timedelta(), timedelta(days=80_000)).map(lambda since: datetime(1970, 1, 1, tzinfo=UTC) + since)


def read(conn: Connection, expression: str, values: object = None) -> object:
    with column_cursor(conn) as cursor:
        row = cursor.execute(f"SELECT {expression} AS it".encode(), None if values is None else {"values": values})
        found = row.fetchone()
    assert found is not None
    return found["it"]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    numbers=st.lists(st.integers(-(2**63), 2**63 - 1)),
    small=st.lists(st.integers(-(2**31), 2**31 - 1)),
    flags=st.lists(st.booleans()),
    moments=st.lists(MOMENTS),
)
def test_what_goes_in_comes_out(
    conn: Connection, numbers: list[int], small: list[int], flags: list[bool], moments: list[datetime]
) -> None:
    kinds = {"bigint": numbers, "integer": small, "boolean": flags, "timestamptz": moments}
    found = {kind: read(conn, f"%(values)s::{kind}[]", values) for kind, values in kinds.items()}
    assert all(isinstance(column, np.ndarray) for column in found.values())
    assert {kind: list(column) for kind, column in found.items()} == {  # type: ignore[call-overload]
        **kinds,
        "timestamptz": microseconds(moments).tolist(),
    }
    assert list(datetimes(microseconds(moments))) == moments


@pytest.mark.parametrize("expression", ["ARRAY[1, NULL]::bigint[]", "ARRAY[[1, 2], [3, 4]]::bigint[]"])
def test_what_is_no_column_is_told(conn: Connection, expression: str) -> None:
    with pytest.raises(ValueError, match="expected 1 without"):
        read(conn, expression)


def test_texts_stay_lists(conn: Connection) -> None:
    assert read(conn, "ARRAY['a', NULL]") == ["a", None]
