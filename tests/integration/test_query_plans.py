"""The plans of the hot queries, pinned: by an index, into few chunks; on a hypertable and on a plain table."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from db import bench
from db.migrate import migrate
from db.queries import load
from domain.ids import MarketId
from tests.databases import copies
from tests.databases.server import url_of_database
from tests.factories import MARKET, NOW, put_market
from tests.integration.hot_queries import HOT
from tests.integration.hot_query import A_DAY, BY_LINE, CHUNKS_OWN, LARGE, SCALES, WEEKS, Asked
from tests.integration.traded_tables import BESIDE_THE_WEIGHINGS


@pytest.fixture(scope="module")
def traded(database_server: str) -> Iterator[Connection]:
    with copies.database(database_server, copies.new_name("plans")) as name:
        yield from _traded(url_of_database(database_server, name))


@pytest.fixture(scope="module")
def traded_plain(plain_server: str) -> Iterator[Connection]:
    with copies.database(plain_server, copies.new_name("plans")) as name:
        yield from _traded(url_of_database(plain_server, name))


def _traded(url: str) -> Iterator[Connection]:
    migrate(url)
    with psycopg.connect(url, autocommit=True) as conn:
        put_market(conn)
        put_market(conn, market_id=MarketId("silent"), scales=1)
        first_day = NOW - timedelta(weeks=WEEKS)
        bench.fill_weighings(conn, MARKET, first_day=first_day, days=WEEKS * 7, a_day=A_DAY, scales=SCALES)
        for statement in BESIDE_THE_WEIGHINGS:
            conn.execute(statement)
        conn.execute("ANALYZE")
        yield conn


@dataclass(frozen=True, slots=True)
class Scan:
    """One read of a table (or chunk), and whether it was done at all."""

    node: str
    table: str
    index: str
    happened: bool


def scans_of(conn: Connection, asked: Asked) -> list[Scan]:
    """Run a query, within a transaction that is rolled back, and tell what it read."""
    with conn.transaction(force_rollback=True):
        row = conn.execute(
            b"EXPLAIN (ANALYZE, FORMAT JSON) " + load(asked.subject)[asked.name], asked.parameters
        ).fetchone()
    assert row is not None
    found: list[Scan] = []
    _walk(row[0][0]["Plan"], found, _Ancestor(table=""))
    return found


@dataclass(frozen=True, slots=True)
class _Ancestor:
    """A bitmap's index is named below its table."""

    table: str


def _walk(node: dict[str, Any], found: list[Scan], above: _Ancestor) -> None:
    table = str(node.get("Relation Name", above.table))
    name = "weighings" if "_hyper_" in table else table
    if "Scan" in node["Node Type"] and node["Node Type"] != "Custom Scan" and name in LARGE:
        index = CHUNKS_OWN.sub("", str(node.get("Index Name", "")))
        found.append(Scan(node["Node Type"], table, index, node["Actual Loops"] > 0))
    for child in node.get("Plans", ()):
        _walk(child, found, _Ancestor(table))


def hold_against(conn: Connection, asked: Asked, chunks_there: int | None) -> None:
    scans = scans_of(conn, asked)
    assert scans, "nothing large is read: the query is not what this test is about"
    read_whole = {one.table for one in scans if one.node == "Seq Scan"}
    allowed = {table for table in read_whole if "_hyper_" in table} if asked.whole_chunks else set()
    assert read_whole - allowed == set(), "Seq Scan"
    assert {one.index for one in scans if one.index} <= asked.indexes
    if chunks_there is not None and asked.chunks is not None:
        looked_into = {one.table for one in scans if one.happened and "_hyper_" in one.table}
        assert len(looked_into) <= asked.chunks < chunks_there


@pytest.mark.timescale
@pytest.mark.parametrize("asked", HOT, ids=str)
def test_on_a_hypertable_a_hot_query_goes_by_its_index_into_few_chunks(traded: Connection, asked: Asked) -> None:
    chunks = traded.execute("SELECT count(*) FROM show_chunks('weighings')").fetchone()
    assert chunks is not None
    assert chunks[0] >= WEEKS
    hold_against(traded, asked, chunks[0])


@pytest.mark.parametrize("asked", HOT, ids=str)
def test_on_a_plain_table_a_hot_query_goes_by_its_index(traded_plain: Connection, asked: Asked) -> None:
    hold_against(traded_plain, asked, None)


def test_storing_looks_only_at_what_it_stores(traded_plain: Connection) -> None:
    """The insert of staged rows reads the staging table, and finds what is there already by the key."""
    traded_plain.execute(load("weighings")["create_staging"])
    row = traded_plain.execute(b"EXPLAIN (FORMAT JSON) " + load("weighings")["store_staged"]).fetchone()
    assert row is not None
    plan = row[0][0]["Plan"]
    assert plan["Conflict Arbiter Indexes"] == [BY_LINE]
    assert [one["Relation Name"] for one in plan["Plans"]] == ["staged_weighings"]


def test_a_read_of_everything_would_be_noticed(traded_plain: Connection) -> None:
    # No index holds what it counts: one that does may be read instead, as soon as the table is vacuumed.
    everything = Asked(subject="bench", name="over_cap", parameters={}, indexes=set())
    with pytest.raises(AssertionError, match="Seq Scan"):
        hold_against(traded_plain, everything, None)
