"""Answers of checklists: appended as they come, never changed."""

from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from db.queries import load
from domain.inspection import Answer

_SQL = load("inspection_answers")


def insert(conn: Connection, answer: Answer) -> None:
    """Keep an answer."""
    conn.execute(_SQL["insert"], {name: getattr(answer, name) for name in Answer.__slots__})


def of_inspection(conn: Connection, inspection_id: int) -> list[Answer]:
    """Return every answer of a visit, in the order they were kept."""
    with conn.cursor(row_factory=class_row(Answer)) as cursor:
        return cursor.execute(_SQL["of_inspection"], {"inspection_id": inspection_id}).fetchall()


def one(conn: Connection, answer_id: UUID) -> Answer | None:
    """Return an answer by its id, whatever visit it is of, or None."""
    with conn.cursor(row_factory=class_row(Answer)) as cursor:
        return cursor.execute(_SQL["one"], {"answer_id": answer_id}).fetchone()
