"""The versions of the rules of credit: proposed, and put in force or withdrawn; appended, never changed."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from psycopg import Connection
from psycopg.rows import class_row

from db.queries import load

_SQL: Final = load("credit_rules")


@dataclass(frozen=True, kw_only=True, slots=True)
class RulesVersion:
    """A version as it was proposed (`content`: the file), and what became of it. `is_in_force` None: undecided."""

    rules_id: int
    version: str
    in_force_from: date
    content: str
    note: str
    proposed_by: str
    proposed_at: datetime
    is_in_force: bool | None
    decision_note: str | None
    decided_by: str | None
    decided_at: datetime | None


def versions(conn: Connection) -> list[RulesVersion]:
    """Return every version that was proposed, the oldest first."""
    with conn.cursor(row_factory=class_row(RulesVersion)) as cursor:
        return cursor.execute(_SQL["all"]).fetchall()


def version(conn: Connection, name: str) -> RulesVersion | None:
    """Return a version by its name, or None."""
    with conn.cursor(row_factory=class_row(RulesVersion)) as cursor:
        return cursor.execute(_SQL["one"], {"version": name}).fetchone()


def in_force(conn: Connection) -> list[tuple[date, str, str]]:
    """Return from which day on which version is in force, and its content, by the day."""
    return conn.execute(_SQL["in_force"]).fetchall()


def hold(conn: Connection) -> None:
    """Be the only one who proposes or decides, for the length of the transaction."""
    conn.execute(_SQL["hold"])


def propose(
    conn: Connection, *, version: str, in_force_from: date, content: str, note: str, by: str, at: datetime
) -> int | None:
    """Keep a proposal; return its number, or None where there is a version of this name."""
    values = {
        "version": version,
        "in_force_from": in_force_from,
        "content": content,
        "note": note,
        "by": by,
        "at": at,
    }
    row = conn.execute(_SQL["propose"], values).fetchone()
    return None if row is None else int(row[0])


def decide(conn: Connection, rules_id: int, *, is_in_force: bool, note: str, by: str, at: datetime) -> None:
    """Record what became of a proposal."""
    values = {"rules_id": rules_id, "is_in_force": is_in_force, "note": note, "by": by, "at": at}
    conn.execute(_SQL["decide"], values)
