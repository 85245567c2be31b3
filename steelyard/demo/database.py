"""Which database a demo runs on: the one it is told, a local TimescaleDB made for it, or the embedded PostgreSQL."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from db.migrate import engine_of
from domain.errors import RuleViolation, Unavailable
from steelyard.embedded.postgres import EmbeddedPostgres
from steelyard.settings import PREFIX, read_settings

_VARIABLE = f"{PREFIX}DATABASE_URL"
#: A database of this name on the local server is the owner's word that it is for demos; no other is ever touched.
#: It is never the name that the services use when they are told none.
_LOCAL_NAME = "steelyard_demo"
_LOCAL = f"postgresql:///{_LOCAL_NAME}"


@contextmanager
def demo_database(state: Path, stop: threading.Event) -> Iterator[tuple[str, str]]:
    """Yield the URL of a database that answers, and one line that says which it is; stop it if it was ours.

    Raise Unavailable where there is none to be had, Stopped as soon as `stop` is set.
    """
    if _VARIABLE in os.environ:
        url = read_settings().database_url_with_password
        yield url, f"{engine_of(url)} (from {_VARIABLE})"
        return
    local = _local_timescale()
    if local is not None:
        yield _LOCAL, f"{local} (the local database {_LOCAL_NAME!r})"
        return
    with _embedded(state, stop) as url:
        yield url, f"embedded {engine_of(url)}"


def require_embedded() -> None:
    """Raise RuleViolation where a demo would use a database that is not the embedded one: no other is ever deleted."""
    other = f"the one that {_VARIABLE} names" if _VARIABLE in os.environ else None
    if other is None and _local_timescale() is not None:
        other = f"the local database {_LOCAL_NAME!r}"
    if other is not None:
        raise RuleViolation(
            f"--fresh deletes only the embedded database, and this demo would use {other}: empty that by hand"
        )


@contextmanager
def _embedded(state: Path, stop: threading.Event) -> Iterator[str]:
    server = _laid_out(state)
    try:
        _start(server, stop)
        yield server.url()
    finally:
        server.stop()


def _laid_out(state: Path) -> EmbeddedPostgres:
    try:
        return EmbeddedPostgres.at(state)
    except OSError as error:
        raise Unavailable(f"PostgreSQL's programs cannot be put where it may run them: {error}") from None


def _start(server: EmbeddedPostgres, stop: threading.Event) -> None:
    try:
        server.start(stop)
    except OSError as error:
        raise Unavailable(f"the embedded PostgreSQL cannot be started: {error}") from None


def _local_timescale() -> str | None:
    try:
        engine = engine_of(_LOCAL)
    except Unavailable:
        return None
    return None if engine.timescale_version is None else str(engine)
