"""Which database a demo runs on: the one it is told, a local TimescaleDB made for it, or the embedded PostgreSQL."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from db.migrate import engine_of
from domain.errors import Unavailable
from steelyard.embedded.postgres import EmbeddedPostgres
from steelyard.settings import PREFIX, read_settings

#: A database of this name on the local server is the owner's word that it is for us; no other is ever touched.
_LOCAL = "postgresql:///steelyard"


@contextmanager
def demo_database(state: Path) -> Iterator[tuple[str, str]]:
    """Yield the URL of a database that answers, and one line that says which it is; stop it if it was ours."""
    if f"{PREFIX}DATABASE_URL" in os.environ:
        url = read_settings().database_url_with_password
        yield url, f"{engine_of(url)} (from {PREFIX}DATABASE_URL)"
        return
    local = _local_timescale()
    if local is not None:
        yield _LOCAL, f"{local} (the local database 'steelyard')"
        return
    server = EmbeddedPostgres.at(state)
    server.start()
    try:
        yield server.url(), f"embedded {engine_of(server.url())}"
    finally:
        server.stop()


def _local_timescale() -> str | None:
    try:
        engine = engine_of(_LOCAL)
    except Unavailable:
        return None
    return None if engine.timescale_version is None else str(engine)
