"""What was sent to destinations to try them out, and what they answered."""

from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import class_row

from db.queries import load

_SQL = load("export_trials")


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """A trial message. `sent_at` None: it waits; `answered_at` None: nobody knows whether it arrived."""

    trial_id: int
    destination_id: int
    idempotency_key: str
    asked_at: datetime
    asked_by: str
    sent_at: datetime | None
    answered_at: datetime | None
    status: int | None
    said: str
    error: str


def ask(conn: Connection, destination_id: int, *, key: str, by: str, now: datetime, since: datetime) -> int | None:
    """Have a trial message sent; return its id, None where one waits or was sent since then and is not answered."""
    values = {"destination_id": destination_id, "idempotency_key": key, "by": by, "now": now, "since": since}
    row = conn.execute(_SQL["ask"], values).fetchone()
    return None if row is None else int(row[0])


def take(conn: Connection, now: datetime) -> Trial | None:
    """Take the oldest that waits and write down that it is being sent; None where none waits."""
    with conn.cursor(row_factory=class_row(Trial)) as cursor:
        return cursor.execute(_SQL["take"], {"now": now}).fetchone()


def answer(conn: Connection, trial_id: int, *, status: int | None, said: str, error: str, now: datetime) -> None:
    """Write down what was answered."""
    values = {"trial_id": trial_id, "status": status, "said": said, "error": error, "now": now}
    conn.execute(_SQL["answer"], values)


def of_destination(conn: Connection, destination_id: int, limit: int = 5) -> list[Trial]:
    """Return the last trial messages of a destination, the newest first."""
    with conn.cursor(row_factory=class_row(Trial)) as cursor:
        return cursor.execute(_SQL["of_destination"], {"destination_id": destination_id, "limit": limit}).fetchall()
