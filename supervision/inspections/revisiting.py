"""A revisit: a visit of its own to look at what was to be put right, within the days of the policy."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from psycopg import Connection

from db import inspections
from db.inspections import NewTask, NewVisit
from domain.errors import IllegalTransition
from domain.ids import MarketId
from domain.inspection import Visit, VisitAction, VisitEvent, VisitState
from supervision.inspections.following import revisit_to_come
from supervision.inspections.planning import opened
from supervision.inspections.visit_states import ORDERED
from supervision.inspections.visiting import locked


def plan_revisit(conn: Connection, inspection_id: int, *, by: str, market_id: MarketId | None, at: datetime) -> int:
    """Open the revisit of a visit that ordered something to be put right; return its inspection_id.

    It asks what that visit asked, is gone to by whoever is named for it, and has answers of its own. Asked again, it is
    the same one until it came to something or was given up. Raise NotFound, IllegalTransition.
    """
    first = locked(conn, inspection_id, market_id)
    if first.state not in ORDERED:
        raise IllegalTransition(f"visit {inspection_id} is {first.state}; a revisit follows an order to put right")
    known = revisit_to_come(conn, inspection_id)
    if known is not None:
        return known.inspection_id
    first_day, last_day = days_of_revisit(first, at.astimezone(ZoneInfo(first.timezone)).date())
    task, *others = (
        NewTask(
            department=one.department,
            catalogue_id=one.catalogue_id,
            items=tuple(one.items),
            revisit_of=inspection_id,
        )
        for one in inspections.tasks_of(conn, inspection_id)
    )
    visit = NewVisit(
        market_id=first.market_id,
        vendor_id=first.vendor_id,
        first_day=first_day,
        last_day=last_day,
        task=task,
        others=tuple(others),
        inspectors=(),
    )
    revisit_id = opened(conn, visit, note=f"revisit of visit {inspection_id}", by=by, at=at)
    note = f"revisit {revisit_id} [{first_day} → {last_day}]"
    event = VisitEvent(
        at=at, actor=by, action=VisitAction.REVISIT, from_state=first.state, to_state=first.state, note=note
    )
    inspections.append_event(conn, inspection_id, event)
    return revisit_id


def days_of_revisit(first: Visit, today: date) -> tuple[date, date]:
    """Return the window of a revisit: once the subject said that it was put right, or had its days for it.

    It ends with the day that the policy gave the order; where that has gone, today is the last one. Pure.
    """
    had_until = first.rectify_by if first.state is VisitState.RECTIFICATION and first.rectify_by else today
    first_day = max(today, had_until)
    return first_day, max(first_day, first.revisit_by or first_day)
