"""Migrations: numbered SQL files, applied in order by yoyo, the same on plain PostgreSQL and on TimescaleDB."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files

import psycopg

from db import keeping, timescale
from db.pool import translate_absence
from db.queries import load
from db.register import vendors

#: yoyo's own word for psycopg 3; plain `postgresql` would ask for psycopg 2.
_URL_SCHEME = re.compile(r"^postgres(ql)?://")

_SQL = load("migrate")


def migrate(url: str, *, plain: bool = False) -> timescale.Engine:
    """Bring the database at `url` (postgresql://…) to the newest schema; return what kind of database it is.

    `plain`: leave it plain PostgreSQL, even where the server offers TimescaleDB (to measure one against the other).

    Safe to run at once from several places (one after the other), again (nothing is left to apply), and after one
    that was killed. Raise Unavailable where no database can be reached.
    """
    logging.getLogger("yoyo").setLevel(logging.WARNING)
    with translate_absence(), _one_at_a_time(url):
        _apply_files(url)
        with psycopg.connect(url, autocommit=True) as conn:
            vendors.learn_sounds(conn)
            engine = timescale.detect(conn) if plain else timescale.apply(conn)
            if engine.has_licence:
                timescale.apply_licensed(conn, keeping.read(conn).compress_after)
            return engine


@contextmanager
def _one_at_a_time(url: str) -> Iterator[None]:
    """Hold the lock of all migrations of this database for the length of the block."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(_SQL["hold_migration_lock"])
        yield


def _apply_files(url: str) -> None:
    # Here, since a service asks this module what its database is, and never migrates.
    from yoyo import get_backend

    from db.whole_files import read_whole

    backend = get_backend(_URL_SCHEME.sub("postgresql+psycopg://", url))
    try:
        # yoyo's own lock is a row, which outlives a migration that is killed. Ours is held, so no row can be in use.
        backend.break_lock()
        with as_file(files("db") / "migrations") as folder:
            backend.apply_migrations(backend.to_apply(read_whole(folder)))
    finally:
        backend.connection.close()


def engine_of(url: str) -> timescale.Engine:
    """Say what kind of database is at `url`. Raise Unavailable where none can be reached."""
    with translate_absence(), psycopg.connect(url, autocommit=True, connect_timeout=5) as conn:
        return timescale.detect(conn)
