"""What a visit comes to is the result of the check that it was made for: passed, it conforms; else it deviates."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from psycopg import Connection

from db import inspections
from db.approvals import checks
from domain.approval import Check, CheckAction, CheckResult, CheckState
from domain.inspection import VisitAction
from supervision.approvals.states import LONGEST_NOTE, UNFINISHED, Move, moved

#: What a step with a visit says of the approval. A visit that is given up says nothing: the check goes on.
RESULTS: Final[Mapping[VisitAction, CheckResult]] = {
    VisitAction.PASS: CheckResult.CONFORMS,
    VisitAction.ORDER: CheckResult.DEVIATES,
}


def take_result(conn: Connection, inspection_id: int, action: VisitAction, note: str, *, by: str, at: datetime) -> None:
    """Enter what a visit came to as the result of its checks that are not done yet, within the caller's transaction.

    A check that was done, or withdrawn, meanwhile keeps what a person entered.
    """
    result = RESULTS.get(action)
    if result is None:
        return
    said = f"visit {inspection_id}: {note.strip()}".rstrip(": ")[:LONGEST_NOTE]
    asked = {
        number for one in inspections.tasks_of(conn, inspection_id) if (number := one.approval_check_id) is not None
    }
    for check_id in sorted(asked):
        check = checks.by_id_locked(conn, check_id)
        if check is None or check.state not in UNFINISHED:
            continue
        origin = f"visit {inspection_id}"
        if check.state is CheckState.OPEN:
            check = _step(conn, check, Move(action=CheckAction.TAKE_UP, origin=origin), by=by, at=at)
        _step(conn, check, Move(action=CheckAction.CHECK, result=result, note=said, origin=origin), by=by, at=at)


def _step(conn: Connection, check: Check, move: Move, *, by: str, at: datetime) -> Check:
    after, step = moved(check, move, actor=by, now=at)
    checks.move(conn, after)
    checks.append_step(conn, check.check_id, step)
    return after
