"""What a case rests on beside alerts: findings of visits, each by the answer that says so; and a regulator's reason."""

from datetime import datetime
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from db.queries import load
from domain.case import CaseFinding, CaseState
from domain.ids import MarketId, VendorId

_SQL = load("case_findings")


def add(
    conn: Connection,
    case_id: int,
    inspection_id: int,
    question: tuple[str, str],
    answer_id: UUID,
    *,
    by: str,
    at: datetime,
) -> None:
    """Add a finding to a case, once. `question`: the codes of its item and of itself."""
    codes = {"item_code": question[0], "question_code": question[1], "answer_id": answer_id}
    conn.execute(_SQL["add"], {"case_id": case_id, "inspection_id": inspection_id, **codes, "by": by, "at": at})


def of_case(conn: Connection, case_id: int) -> list[CaseFinding]:
    """Return the findings of a case, by visit and item."""
    with conn.cursor(row_factory=class_row(CaseFinding)) as cursor:
        return cursor.execute(_SQL["of_case"], {"case_id": case_id}).fetchall()


def cases_of_visit(conn: Connection, inspection_id: int) -> dict[tuple[str, str], tuple[int, CaseState]]:
    """Return the case that each finding of a visit is in, and its state, by the codes of item and question."""
    found = conn.execute(_SQL["cases_of_visit"], {"inspection_id": inspection_id})
    return {(row[0], row[1]): (row[2], CaseState(row[3])) for row in found}


def opened_for_reason(conn: Connection, market_id: MarketId, vendor_id: VendorId, reason: str) -> int | None:
    """Return an undecided case about a vendor that was opened in these words, or None."""
    asked = {"market_id": market_id, "vendor_id": vendor_id, "reason": reason}
    row = conn.execute(_SQL["opened_for_reason"], asked).fetchone()
    return None if row is None else int(row[0])
