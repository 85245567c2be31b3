"""The plans of what offices ask, pinned: nothing that grows is read whole, and a market reads its own."""

from collections.abc import Iterator
from datetime import date

import psycopg
import pytest
from psycopg import Connection

from db.migrate import migrate
from db.queries import load
from tests.databases import copies
from tests.databases.server import url_of_database
from tests.integration.office_queries import GROWING, HOT, Asked
from tests.integration.office_tables import FILLING


@pytest.fixture(scope="module")
def filled(database_server: str) -> Iterator[Connection]:
    with copies.database(database_server, copies.new_name("plans")) as name:
        url = url_of_database(database_server, name)
        migrate(url)
        with psycopg.connect(url, autocommit=True) as conn:
            for statement in FILLING:
                conn.execute(statement.encode())
            conn.execute(b"VACUUM ANALYZE")
            yield conn


def read(conn: Connection, asked: Asked) -> tuple[set[str], int]:
    """Return what is read from end to end, and how many rows are read of what grows."""
    with conn.transaction(force_rollback=True):
        row = conn.execute(
            b"EXPLAIN (ANALYZE, FORMAT JSON) " + load(asked.subject)[asked.name], asked.parameters
        ).fetchone()
    assert row is not None
    whole: set[str] = set()
    rows, waiting = 0, [row[0][0]["Plan"]]
    while waiting:
        node = waiting.pop()
        if "Scan" in node["Node Type"] and node.get("Relation Name") in GROWING:
            if node["Node Type"] == "Seq Scan":
                whole.add(node["Relation Name"])
            rows += round((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"])
        waiting += node.get("Plans", ())
    return whole, rows


@pytest.mark.parametrize("asked", HOT, ids=str)
def test_what_is_asked_goes_by_an_index_and_reads_little(filled: Connection, asked: Asked) -> None:
    whole, rows = read(filled, asked)
    assert whole == set()
    assert rows <= asked.most


def test_a_read_of_everything_would_be_noticed(filled: Connection) -> None:
    counts = Asked(subject="approval_checks", name="counts", parameters={"today": date(2026, 12, 1)}, most=100)
    assert read(filled, counts)[1] > counts.most
