"""The calendar of visits: a week or a month, of everybody or of one inspector; a day of it, and what is late, whole."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from psycopg import Connection

from db import inspection_lists, inspectors, registry
from db.inspection_lists import DayOfVisits, Which
from domain.errors import RuleViolation
from domain.ids import MarketId
from domain.inspection import Visit, VisitState
from web.access import Permission, Viewer
from web.price_scopes import optional_day
from web.signed_in import SeesInspections
from web.state import Db, Now, Running

router = APIRouter(include_in_schema=False)

_ZONE: Final = ZoneInfo("Asia/Shanghai")
_DAY: Final = timedelta(days=1)
_NOT_SHOWN: Final = frozenset({VisitState.COMBINED, VisitState.CANCELLED})
_MAX_ID: Final = 2**63 - 1
_LATE_SHOWN: Final = 12
#: Further than so many late ones are not counted.
_MOST_COUNTED: Final = 1000
PAGE_SIZE: Final = 100
_NONE_DUE: Final = DayOfVisits(visits=(), total=0)


class Span(StrEnum):
    """What is looked at. A day, and what is late, is a list in pages."""

    MONTH = "month"
    WEEK = "week"
    DAY = "day"
    LATE = "late"


#: So many of a day's visits stand in the calendar; the day itself has all of them.
_OF_A_DAY: Final = {Span.MONTH: 6, Span.WEEK: 30}


@dataclass(frozen=True, kw_only=True, slots=True)
class CalendarDay:
    """A day and its first visits, of `total`; `is_outside`: of the month before or after."""

    day: date
    is_outside: bool
    visits: tuple[Visit, ...]
    total: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Listed:
    """A list in pages; `next`: after which visit the next page begins."""

    visits: tuple[Visit, ...]
    next: int | None


@router.get("/inspections")
def visits(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: SeesInspections,
    day: Annotated[str, Query(max_length=10)] = "",
    view: Span = Span.MONTH,
    inspector: Annotated[str, Query(max_length=18, pattern="^[0-9]*$")] = "",
    market: Annotated[str, Query(max_length=64)] = "",
    after: Annotated[int | None, Query(ge=1, le=_MAX_ID)] = None,
) -> HTMLResponse:
    """Visits by the day they are planned for, or the last one of their window."""
    today = now.astimezone(_ZONE).date()
    around = optional_day(day) or today
    if not date(2000, 1, 1) <= around <= date(2200, 1, 1):
        raise RuleViolation(f"day is {around}; expected one between 2000 and 2200")
    which = _which(viewer, viewer.narrow(MarketId(market) if market else None), inspector)
    days = _days(around, view)
    late = [] if view in (Span.DAY, Span.LATE) else inspection_lists.late(conn, which, today, limit=_LATE_SHOWN)
    # What is all shown is counted already, and a day's list tells of none.
    is_counted = view is not Span.LATE and len(late) < _LATE_SHOWN
    return running.renderer.page(
        request,
        "inspections.html",
        viewer=viewer,
        days=_calendar(conn, which, days, around, view),
        listed=_listed(conn, which, around, view, today, after),
        late=late,
        late_count=len(late) if is_counted else inspection_lists.count_late(conn, which, today, most=_MOST_COUNTED + 1),
        most_counted=_MOST_COUNTED,
        today=today,
        around=around,
        view=view,
        before=around.replace(day=1) - _DAY if view is Span.MONTH else days[0] - _DAY,
        after=(around.replace(day=28) + 4 * _DAY).replace(day=1) if view is Span.MONTH else days[-1] + _DAY,
        inspector=inspector,
        inspectors=inspectors.listed(conn) if viewer.may(Permission.INSPECT) else [],
        market=market,
        markets=registry.markets(conn) if viewer.scope is None else [],
    )


def _which(viewer: Viewer, market_id: MarketId | None, inspector: str) -> Which:
    """A market is not told beforehand of a visit that was only drawn."""
    hidden = _NOT_SHOWN if viewer.may(Permission.INSPECT) else _NOT_SHOWN | {VisitState.DRAWN}
    states = frozenset(VisitState) - hidden
    return Which(market_id=market_id, states=states, user_id=int(inspector) if inspector else None)


def _days(around: date, view: Span) -> list[date]:
    if view is Span.MONTH:
        return list(calendar.Calendar().itermonthdates(around.year, around.month))
    if view is Span.WEEK:
        monday = around - timedelta(days=around.weekday())
        return [monday + timedelta(days=n) for n in range(7)]
    return [around]


def _calendar(conn: Connection, which: Which, days: list[date], around: date, view: Span) -> list[CalendarDay]:
    if view not in _OF_A_DAY:
        return []
    found = inspection_lists.days(conn, which, days[0], days[-1], each=_OF_A_DAY[view])
    return [
        CalendarDay(
            day=day,
            is_outside=view is Span.MONTH and day.month != around.month,
            visits=found.get(day, _NONE_DUE).visits,
            total=found.get(day, _NONE_DUE).total,
        )
        for day in days
    ]


def _listed(conn: Connection, which: Which, around: date, view: Span, today: date, after: int | None) -> _Listed | None:
    if view is Span.DAY:
        found = inspection_lists.due(conn, which, around, around, after=after, limit=PAGE_SIZE + 1)
    elif view is Span.LATE:
        found = inspection_lists.late(conn, which, today, after=after, limit=PAGE_SIZE + 1)
    else:
        return None
    shown = found[:PAGE_SIZE]
    return _Listed(visits=tuple(shown), next=shown[-1].inspection_id if len(found) > PAGE_SIZE else None)
