"""What is done about held messages. Each step stands in the audit trail with who took it; nothing is deleted."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from psycopg import Connection

from db.quarantine_pages import Where
from db.queries import load
from domain.quarantine import ReplayOutcome

_SQL = load("quarantine_steps")
_AT_A_TIME: Final = 1000


def request_replay(conn: Connection, quarantine_id: int, actor: str, now: datetime) -> bool:
    """Ask that a message be read again; return False where it may not be, or waits for it already."""
    return _took(conn, "request_replay", quarantine_id, actor, now)


def requested(conn: Connection, limit: int = _AT_A_TIME) -> list[tuple[int, str]]:
    """Return the messages that are to be read again, and who asked for each, in the order they were asked for."""
    return [(row[0], row[1]) for row in conn.execute(_SQL["requested"], {"limit": limit})]


def replayable(conn: Connection, where: Where) -> Iterator[int]:
    """Yield the messages that are held and may be read again, the oldest first; each that there was when asked."""
    after = 0
    parameters = where.parameters
    while True:
        rows = conn.execute(_SQL["replayable"], {**parameters, "after": after, "limit": _AT_A_TIME}).fetchall()
        yield from (row[0] for row in rows)
        if len(rows) < _AT_A_TIME:
            return
        after = rows[-1][0]


def end_replayed(conn: Connection, quarantine_id: int, outcome: ReplayOutcome, actor: str, now: datetime) -> bool:
    """Say that a message was read again and accepted; return False where it was not held any more."""
    return _took(conn, "end_replayed", quarantine_id, actor, now, outcome=outcome)


def end_replayed_together(
    conn: Connection, quarantine_ids: Sequence[int], outcome: ReplayOutcome, actor: str, now: datetime
) -> int:
    """Say that messages were read again and accepted; return how many of them were still held."""
    parameters = {"quarantine_ids": list(quarantine_ids), "outcome": outcome, "actor": actor, "now": now}
    return len(conn.execute(_SQL["end_replayed_together"], parameters).fetchall())


def refuse_again(
    conn: Connection, quarantine_id: int, reason: str, explanation: str, actor: str, now: datetime
) -> bool:
    """Say that a message was read again and refused; return False where it was not held any more."""
    return _took(conn, "refuse_again", quarantine_id, actor, now, reason=reason, explanation=explanation)


def settle(conn: Connection, quarantine_id: int, because: str, actor: str, now: datetime) -> bool:
    """Close a message for the reason a person gives; return False where it was not held any more."""
    return _took(conn, "settle", quarantine_id, actor, now, because=because)


def try_to_replay(conn: Connection) -> bool:
    """Take the place of who reads again if it is free, for as long as this connection lasts; say whether it is ours."""
    row = conn.execute(_SQL["try_to_replay"]).fetchone()
    return bool(row and row[0])


def _took(conn: Connection, step: str, quarantine_id: int, actor: str, now: datetime, **more: str) -> bool:
    parameters = {"quarantine_id": quarantine_id, "actor": actor, "now": now, **more}
    return conn.execute(_SQL[step], parameters).fetchone() is not None
