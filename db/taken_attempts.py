"""What was let through of what is limited."""

from datetime import datetime

from psycopg import Connection

from db.queries import load

_SQL = load("taken_attempts")


def lock(conn: Connection, purpose: str, by_what: str, key: bytes) -> None:
    """Hold a key for the length of the transaction. Whoever holds several takes them in their order."""
    conn.execute(_SQL["lock"], {"what": f"steelyard/attempts/{purpose}/{by_what}/{key.hex()}"})


def in_the_way(
    conn: Connection, purpose: str, by_what: str, key: bytes, *, since: datetime, most: int
) -> datetime | None:
    """Return when the `most`-th newest since a moment was let through; None where there were fewer."""
    parameters = {"purpose": purpose, "by_what": by_what, "key": key, "since": since, "most": most}
    row = conn.execute(_SQL["in_the_way"], parameters).fetchone()
    return None if row is None else row[0]


def take(conn: Connection, purpose: str, by_what: str, key: bytes, at: datetime) -> None:
    """Note that one was let through."""
    conn.execute(_SQL["take"], {"purpose": purpose, "by_what": by_what, "key": key, "at": at})


def forget(conn: Connection, before: datetime) -> int:
    """Forget what no window reaches any more; return how many that were."""
    return conn.execute(_SQL["forget"], {"before": before}).rowcount
