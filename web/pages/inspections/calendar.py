"""The calendar of visits: a week or a month, of everybody or of one inspector."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from psycopg import Connection

from db import inspections, inspectors, registry
from domain.errors import RuleViolation
from domain.ids import MarketId
from domain.inspection import Visit, VisitState
from web.access import Permission, Viewer
from web.price_scopes import optional_day
from web.signed_in import SeesInspections
from web.state import Db, Now, Running

router = APIRouter(include_in_schema=False)

_ZONE: Final = ZoneInfo("Asia/Shanghai")
_MOST: Final = 2000
_DAY: Final = timedelta(days=1)
_NOT_SHOWN: Final = frozenset({VisitState.COMBINED, VisitState.CANCELLED})
#: What asks for somebody once its day has gone.
_OPEN: Final = frozenset({VisitState.DRAWN, VisitState.NOTIFIED, VisitState.RECTIFICATION, VisitState.RECTIFIED})


@dataclass(frozen=True, kw_only=True, slots=True)
class CalendarDay:
    """A day and its visits; `is_outside`: of the month before or after."""

    day: date
    is_outside: bool
    visits: tuple[Visit, ...]


@router.get("/inspections")
def visits(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: SeesInspections,
    day: Annotated[str, Query(max_length=10)] = "",
    view: Annotated[str, Query(pattern="^(week|month)$")] = "month",
    inspector: Annotated[str, Query(max_length=20, pattern="^[0-9]*$")] = "",
    market: Annotated[str, Query(max_length=64)] = "",
) -> HTMLResponse:
    """Visits by the day they are planned for, or the last one of their window."""
    today = now.astimezone(_ZONE).date()
    around = optional_day(day) or today
    if not date(2000, 1, 1) <= around <= date(2200, 1, 1):
        raise RuleViolation(f"day is {around}; expected one between 2000 and 2200")
    scope = viewer.narrow(MarketId(market) if market else None)
    user_id = int(inspector) if inspector else None
    days = _days(around, view)
    found = _shown(conn, viewer, scope, user_id, days[0], days[-1])
    late = [one for one in _shown(conn, viewer, scope, user_id, None, None, _OPEN) if due(one) < today]
    return running.renderer.page(
        request,
        "inspections.html",
        viewer=viewer,
        days=[_of_day(one, around, view, found) for one in days],
        late=late,
        today=today,
        around=around,
        view=view,
        before=days[0] - _DAY if view == "week" else around.replace(day=1) - _DAY,
        after=days[-1] + _DAY if view == "week" else (around.replace(day=28) + 4 * _DAY).replace(day=1),
        inspector=inspector,
        inspectors=inspectors.listed(conn) if viewer.may(Permission.INSPECT) else [],
        market=market,
        markets=registry.markets(conn) if viewer.scope is None else [],
        due=due,
    )


def due(visit: Visit) -> date:
    """Return the day that something about a visit has to have happened by."""
    if visit.state is VisitState.RECTIFICATION and visit.rectify_by:
        return visit.rectify_by
    if visit.state is VisitState.RECTIFIED and visit.revisit_by:
        return visit.revisit_by
    return visit.planned_on or visit.last_day


def _shown(
    conn: Connection,
    viewer: Viewer,
    scope: MarketId | None,
    user_id: int | None,
    since: date | None,
    until: date | None,
    states: frozenset[VisitState] = frozenset(VisitState) - _NOT_SHOWN,
) -> list[Visit]:
    told = states if viewer.may(Permission.INSPECT) else states - {VisitState.DRAWN}
    # A day of rectification may lie long after the window: what is open is looked for whatever its window was.
    found = inspections.listed(
        conn, market_id=scope, states=told, user_id=user_id, since=since, until=until, limit=_MOST
    )
    open_ones = inspections.listed(conn, market_id=scope, states=told & _OPEN, user_id=user_id, limit=_MOST)
    return list({one.inspection_id: one for one in (*found, *open_ones)}.values())


def _days(around: date, view: str) -> list[date]:
    if view == "week":
        monday = around - timedelta(days=around.weekday())
        return [monday + timedelta(days=n) for n in range(7)]
    return list(calendar.Calendar().itermonthdates(around.year, around.month))


def _of_day(day: date, around: date, view: str, found: list[Visit]) -> CalendarDay:
    return CalendarDay(
        day=day,
        is_outside=view == "month" and day.month != around.month,
        visits=tuple(one for one in found if due(one) == day),
    )
