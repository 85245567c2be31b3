"""Migrations: numbered SQL files, applied in order by yoyo, the same on plain PostgreSQL and on TimescaleDB."""

import logging
import re
from importlib.resources import as_file, files

import psycopg
from yoyo import get_backend, read_migrations

from db import timescale
from db.pool import translate_absence

#: yoyo's own word for psycopg 3; plain `postgresql` would ask for psycopg 2.
_URL_SCHEME = re.compile(r"^postgres(ql)?://")


def migrate(url: str) -> timescale.Engine:
    """Bring the database at `url` (postgresql://…) to the newest schema; return what kind of database it is.

    Safe to run at once from several places (yoyo holds a lock) and again (nothing is left to apply). Raise
    Unavailable where no database can be reached.
    """
    logging.getLogger("yoyo").setLevel(logging.WARNING)
    with translate_absence():
        backend = get_backend(_URL_SCHEME.sub("postgresql+psycopg://", url))
        with as_file(files("db") / "migrations") as folder:
            migrations = read_migrations(str(folder))
            try:
                with backend.lock():
                    backend.apply_migrations(backend.to_apply(migrations))
            finally:
                backend.connection.close()
        with psycopg.connect(url, autocommit=True) as conn:
            return timescale.apply(conn)


def engine_of(url: str) -> timescale.Engine:
    """Say what kind of database is at `url`. Raise Unavailable where none can be reached."""
    with translate_absence(), psycopg.connect(url, autocommit=True, connect_timeout=5) as conn:
        return timescale.detect(conn)
