"""What a revisit comes to is what becomes of the visit before it: put right, or the revisit goes on with it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from psycopg import Connection

from db import inspections
from domain.errors import IllegalTransition
from domain.inspection import Visit, VisitAction, VisitEvent
from supervision.inspections.visit_states import OF_THE_PRODUCT, OF_THE_REVISIT, ORDERED, TO_COME, TRANSITIONS

#: What a step with the revisit is for the visit before it.
_BEFORE: Final[Mapping[VisitAction, VisitAction]] = {
    VisitAction.PASS: VisitAction.ACCEPT,
    VisitAction.ORDER: VisitAction.FOLLOW,
}


def revisit_to_come(conn: Connection, inspection_id: int) -> Visit | None:
    """Return the revisit of a visit that is planned or takes place, or None."""
    return next((one for one in inspections.revisits_of(conn, inspection_id) if one.state in TO_COME), None)


def require_no_revisit(conn: Connection, inspection_id: int, action: VisitAction) -> None:
    """Refuse what a planned revisit decides. Raise IllegalTransition."""
    coming = revisit_to_come(conn, inspection_id) if action in OF_THE_REVISIT else None
    if coming is not None:
        raise IllegalTransition(
            f"cannot {action}: revisit {coming.inspection_id} is planned and says what became of it; cancel it first"
        )


def tell_visit_before(conn: Connection, inspection_id: int, action: VisitAction, *, by: str, at: datetime) -> None:
    """Close the visits at whose orders a revisit looked again, within the caller's transaction, who holds the revisit.

    What became of them otherwise meanwhile stands.
    """
    then = _BEFORE.get(action)
    if then is None:
        return
    before = {one.revisit_of for one in inspections.tasks_of(conn, inspection_id)}
    for number in sorted(one for one in before if one is not None):
        inspections.lock(conn, [number])
        visit = inspections.one(conn, number)
        if visit is None or visit.state not in ORDERED:
            continue
        to_state = {**TRANSITIONS, **OF_THE_PRODUCT}[visit.state, then]
        inspections.move(conn, number, to_state, at=at)
        note = f"revisit {inspection_id}"
        event = VisitEvent(at=at, actor=by, action=then, from_state=visit.state, to_state=to_state, note=note)
        inspections.append_event(conn, number, event)
