"""How plans are looked at: a database with tables of years, and how many rows a query reads of what grows."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import Connection

from db.migrate import migrate
from db.queries import load
from tests.databases import copies
from tests.databases.server import url_of_database


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A query, its parameters, and how many rows it may read at most."""

    subject: str
    name: str
    parameters: dict[str, Any] = field(default_factory=dict)
    most: int

    def __str__(self) -> str:
        return f"{self.subject}-{self.name}"


@contextmanager
def filled_with(server_url: str, statements: Iterable[str]) -> Iterator[Connection]:
    """A migrated database of its own after these statements, with the planner's figures of it."""
    with copies.database(server_url, copies.new_name("plans")) as name:
        url = url_of_database(server_url, name)
        migrate(url)
        with psycopg.connect(url, autocommit=True) as conn:
            for statement in statements:
                conn.execute(statement.encode())
            conn.execute(b"VACUUM ANALYZE")
            yield conn


def read(conn: Connection, asked: Asked, growing: Collection[str]) -> tuple[set[str], int]:
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
        if "Scan" in node["Node Type"] and node.get("Relation Name") in growing:
            if node["Node Type"] == "Seq Scan":
                whole.add(node["Relation Name"])
            rows += round((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"])
        waiting += node.get("Plans", ())
    return whole, rows
