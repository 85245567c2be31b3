"""Connections to the database, and the one place where its absence is told from our own mistakes."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import Connection
from psycopg_pool import ConnectionPool, PoolTimeout

from domain.errors import Unavailable

#: Classes of SQLSTATE that pass by themselves (PostgreSQL, appendix A): connection, transaction state (a standby in
#: promotion), rollback (deadlock, serialization), resources, object in use, operator intervention, system error.
#: psycopg raises OperationalError for others too, as 54 'program limit exceeded', which no waiting cures.
_PASSING_CLASSES = frozenset({"08", "25", "40", "53", "55", "57", "58"})


def open_pool(url: str, *, max_size: int = 10, timeout_s: float = 10.0) -> ConnectionPool:
    """Open a pool on the database at `url`. Connections are checked before they are handed out."""
    return ConnectionPool(
        url,
        min_size=1,
        max_size=max_size,
        timeout=timeout_s,
        check=ConnectionPool.check_connection,
        open=True,
        name="steelyard",
    )


def connect(url: str) -> Connection:
    """Open one connection that its owner keeps. Raise Unavailable where the server cannot be reached."""
    with translate_absence():
        return psycopg.connect(url, connect_timeout=5)


@contextmanager
def translate_absence() -> Iterator[None]:
    """Turn 'the database is away, or cannot do this just now' into Unavailable; everything else stays what it is."""
    try:
        yield
    except (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout) as error:
        state = getattr(error, "sqlstate", None)
        if state is not None and state[:2] not in _PASSING_CLASSES:
            raise
        raise Unavailable(f"the database is away: {str(error).strip()}") from error
