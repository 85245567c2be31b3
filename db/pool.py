"""Connections to the database, and the one place where its absence is told from our own mistakes."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import Connection
from psycopg_pool import ConnectionPool, PoolTimeout

from domain.errors import Unavailable

#: What a server that restarts, is killed or is out of reach raises; all of it passes by itself.
_AWAY = (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout)


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
    """Turn 'the database is away' into Unavailable; everything else stays what it is."""
    try:
        yield
    except _AWAY as error:
        raise Unavailable(f"the database is away: {str(error).strip()}") from error
