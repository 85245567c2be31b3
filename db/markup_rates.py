"""The dated markup rates of an area's categories."""

from collections.abc import Sequence
from datetime import date, datetime

from psycopg import Connection, errors
from psycopg.rows import class_row

from db.queries import load
from domain.errors import RuleViolation
from domain.wholesale import MarkupRate

_SQL = load("daily_caps")


def insert(conn: Connection, area: str, rates: Sequence[MarkupRate], *, by: str, at: datetime) -> None:
    """Keep new rates. Raise RuleViolation where the days of one are taken; the transaction is over then."""
    rows = [
        {
            "area": area,
            **{name: getattr(one, name) for name in MarkupRate.__slots__},
            "entered_by": by,
            "entered_at": at,
        }
        for one in rates
    ]
    try:
        with conn.cursor() as cursor:
            cursor.executemany(_SQL["insert_rate"], rows)
    except (errors.ExclusionViolation, errors.UniqueViolation) as error:
        if error.diag.constraint_name not in {"markup_rates_one_at_a_time", "markup_rates_pkey"}:
            raise
        raise RuleViolation(
            "a category has one rate a day: these days are taken by a rate entered before", problem="rate_taken"
        ) from None


def rates(conn: Connection, area: str) -> list[MarkupRate]:
    """Return every rate of an area, category by category, the newest first."""
    with conn.cursor(row_factory=class_row(MarkupRate)) as cursor:
        return cursor.execute(_SQL["rates"], {"area": area}).fetchall()


def end(conn: Connection, area: str, category: str, ends: date) -> date | None:
    """End the rate that holds on the day before `ends`; return its first day, or None where none could be ended so."""
    row = conn.execute(_SQL["end_rate"], {"area": area, "category": category, "ends": ends}).fetchone()
    return None if row is None else row[0]
