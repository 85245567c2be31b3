"""Connections to the database, and the one place where its absence is told from our own mistakes."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import Connection
from psycopg_pool import ConnectionPool, PoolTimeout

from db.queries import load
from domain.errors import TookTooLong, Unavailable

_SQL = load("pool")
#: Classes of SQLSTATE that pass by themselves (PostgreSQL, appendix A): connection, rollback (deadlock, serialization),
#: resources, object in use, operator intervention, system error.
#: psycopg raises OperationalError for others too, as 54 'program limit exceeded', which no waiting cures.
_PASSING_CLASSES = frozenset({"08", "40", "53", "55", "57", "58"})
#: Of class 25 (transaction state), which else is a mistake of ours: a standby in promotion, and a server that ended the
#: transaction of somebody who stopped in its middle.
_PASSING_STATES = frozenset({"25006", "25P03"})
#: Idle in transaction for too long; a statement that took too long.
_TOO_LONG = frozenset({"25P03", "57014"})
#: Its owner works a fraction of a second between two statements, or is frozen; a COPY waits for its owner, too.
_IDLE_MS = 3_000
_STATEMENT_MS = 20_000


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
        # A server that is gone without a word is noticed within a quarter of a minute; TCP by itself waits two hours.
        return psycopg.connect(
            url,
            connect_timeout=5,
            keepalives_idle=5,
            keepalives_interval=2,
            keepalives_count=3,
            tcp_user_timeout=15_000,
        )


def connect_to_store(url: str, *, patience: int = 1) -> Connection:
    """Open one connection whose locks others wait for: they are let go soon after its owner stops in the middle.

    A process that is frozen, or a machine that is cut off, would hold them as long as it lasts. `patience`: how many
    times the usual time to wait, for an owner who proved to be only slow. Raise Unavailable where the server cannot be
    reached.
    """
    conn = connect(url)
    with translate_absence(), conn.transaction():
        times = {"idle_ms": str(patience * _IDLE_MS), "statement_ms": str(patience * _STATEMENT_MS)}
        conn.execute(_SQL["let_go_in_time"], times)
    return conn


@contextmanager
def translate_absence() -> Iterator[None]:
    """Turn 'the database is away, or cannot do this just now' into Unavailable; everything else stays what it is.

    TookTooLong where the server ended what seemed to have stopped.
    """
    try:
        yield
    except (psycopg.OperationalError, psycopg.InterfaceError, psycopg.InternalError, PoolTimeout) as error:
        state = getattr(error, "sqlstate", None)
        if state is not None and state[:2] not in _PASSING_CLASSES and state not in _PASSING_STATES:
            raise
        kind = TookTooLong if state in _TOO_LONG else Unavailable
        raise kind(f"the database is away: {str(error).strip()}") from error
