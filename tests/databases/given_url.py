"""The server that the caller names in STEELYARD_TEST_DATABASE_URL."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from tests.databases.server import Server

VARIABLE = "STEELYARD_TEST_DATABASE_URL"


def find() -> Server | None:
    url = os.environ.get(VARIABLE)
    if not url:
        return None

    @contextmanager
    def run() -> Iterator[str]:
        yield url

    with psycopg.connect(url, connect_timeout=10) as conn:
        version = str(conn.info.parameter_status("server_version"))
        return Server(kind=VARIABLE, version=version, timescale=timescale_of(conn), run=run)


def timescale_of(conn: psycopg.Connection) -> str | None:
    """The extension can only be created where the server has also loaded it at start."""
    row = conn.execute(
        "SELECT default_version, current_setting('timescaledb.license', true)"
        " FROM pg_available_extensions WHERE name = 'timescaledb'"
    ).fetchone()
    if row is None or row[1] is None:
        return None
    return f"TimescaleDB {row[0]} ({row[1]} licence)"
