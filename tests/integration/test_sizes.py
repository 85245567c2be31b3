"""How much disk one weighing takes, on a hypertable and on a plain table."""

import json
import subprocess
import sys
from datetime import timedelta

import pytest
from psycopg import Connection, connect

from db.sizes import WEIGHINGS, TableSize, sizes
from tests.factories import NOW
from tests.integration.test_schema import row
from tests.stored import store_rows


def of_weighings(conn: Connection) -> TableSize:
    return next(one for one in sizes(conn) if one.name == WEIGHINGS)


def test_an_empty_table_has_no_mean(conn: Connection) -> None:
    assert of_weighings(conn).bytes_a_row is None


def test_a_weighing_takes_its_row_and_its_share_of_the_indexes(plain_database_url: str) -> None:
    with connect(plain_database_url) as conn:
        rows = [{**row(1), "seq": seq, "weighed_at": NOW + timedelta(seconds=seq)} for seq in range(1, 2001)]
        store_rows(conn, rows)
        size = of_weighings(conn)
    assert size.rows == 2000
    # A row of this test: some 290 bytes of values, and four entries in indexes.
    assert 300 < (size.bytes_a_row or 0) < 1000
    assert size.chunks is None


def test_every_table_is_counted_also_where_the_statistics_never_saw_it(plain_database_url: str) -> None:
    with connect(plain_database_url) as conn:
        store_rows(conn, [row(1)])
        journal = "INSERT INTO journals (market_id, scale_id, journal_id, first_seen_at, last_seen_at)"
        conn.execute(f"{journal} VALUES ('m', 's', 'j', now(), now())")
        assert {one.name: one.rows for one in sizes(conn)}["journals"] == 1


@pytest.mark.timescale
def test_a_hypertable_is_its_chunks(conn: Connection) -> None:
    store_rows(conn, [row(seq) for seq in range(1, 6)])
    size = of_weighings(conn)
    assert (size.rows, size.chunks, size.compressed_chunks) == (5, 5, 0)
    assert size.table_bytes > 0
    assert size.index_bytes > 0


def test_the_command_tells_it(plain_database_url: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "steelyard", "db", "size", "--json"],
        env={"STEELYARD_DATABASE_URL": plain_database_url, "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert found["bytes_a_weighing"] is None
    assert found["tables"][0]["name"] == WEIGHINGS
