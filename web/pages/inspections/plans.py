"""Plans of random inspections: made, frozen, drawn, given up."""

from datetime import datetime
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection

from db import alert_pages, inspection_lists, inspection_plans, items, registry
from db.inspection_plans import NewPlan
from domain.errors import IllegalTransition, NotAllowed, NotFound, RuleViolation
from domain.ids import MarketId
from supervision.inspections import planning
from web.access import Viewer
from web.price_scopes import required_day
from web.signed_in import PlansInspections
from web.state import Db, Now, Running, Service

router = APIRouter(include_in_schema=False)

PAGE_SIZE: Final = 100
_MAX_ID: Final = 2**63 - 1
_SEE_OTHER: Final = 303
_CONFLICT: Final = 409
_UNPROCESSABLE: Final = 422
_ZONE: Final = ZoneInfo("Asia/Shanghai")

_Text = Annotated[str, Form(max_length=600)]
_Many = Annotated[list[str] | None, Form(max_length=2000)]


@router.get("/inspections/plans")
def plans(request: Request, running: Running, conn: Db, viewer: PlansInspections) -> HTMLResponse:
    """Every plan, the newest first, and the form for a new one."""
    return _list(request, running, conn, viewer)


@router.post("/inspections/plans")
def make_plan(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: PlansInspections,
    title: _Text = "",
    department: _Text = "",
    item: _Many = None,
    market: _Many = None,
    first_day: _Text = "",
    last_day: _Text = "",
    visits: _Text = "",
    most: _Text = "",
) -> Response:
    """Keep a plan."""
    typed = {"title": title, "department": department, "first_day": first_day, "last_day": last_day}
    typed |= {"visits": visits, "most": most}
    try:
        new = NewPlan(
            title=title,
            department=department,
            items=tuple(item or ()),
            market_ids=tuple(MarketId(one) for one in market or ()),
            first_day=required_day(first_day),
            last_day=required_day(last_day),
            visits=_count("visits", visits),
            most=_count("most", most),
        )
        plan_id = planning.plan(conn, new, by=viewer.username, at=now)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        return _list(
            request, running, conn, viewer, refusal=error, typed=typed, chosen={*(item or ()), *(market or ())}
        )
    return RedirectResponse(f"/inspections/plans/{plan_id}", _SEE_OTHER)


@router.get("/inspections/plans/{plan_id}")
def plan(
    request: Request,
    running: Running,
    conn: Db,
    viewer: PlansInspections,
    plan_id: int,
    after: Annotated[int | None, Query(ge=1, le=_MAX_ID)] = None,
) -> HTMLResponse:
    """A plan and what came of it; `after`: the visits after this one."""
    return _page(request, running, conn, viewer, plan_id, after=after)


@router.post("/inspections/plans/{plan_id}/freeze")
def freeze(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: PlansInspections,
    plan_id: int,
    public_source: _Text = "",
    public_from: _Text = "",
) -> Response:
    """Fix the lists and publish their hash."""
    try:
        planning.freeze(
            conn,
            plan_id,
            public_source=public_source,
            public_from=_moment(public_from),
            policy=running.config.inspection_policy,
            by=viewer.username,
            at=now,
        )
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        typed = {"public_source": public_source, "public_from": public_from}
        return _page(request, running, conn, viewer, plan_id, refusal=error, typed=typed)
    return RedirectResponse(f"/inspections/plans/{plan_id}", _SEE_OTHER)


@router.post("/inspections/plans/{plan_id}/draw")
def draw(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: PlansInspections,
    plan_id: int,
    public_value: _Text = "",
) -> Response:
    """Draw with the public value."""
    try:
        planning.draw(conn, plan_id, public_value, by=viewer.username, at=now)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        typed = {"public_value": public_value}
        return _page(request, running, conn, viewer, plan_id, refusal=error, typed=typed)
    return RedirectResponse(f"/inspections/plans/{plan_id}", _SEE_OTHER)


@router.post("/inspections/plans/{plan_id}/abandon")
def abandon(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: PlansInspections,
    plan_id: int,
    because: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Give a plan up, with the reason."""
    try:
        planning.abandon(conn, plan_id, because=because, by=viewer.username, at=now)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        return _page(request, running, conn, viewer, plan_id, refusal=error, typed={"because": because})
    return RedirectResponse(f"/inspections/plans/{plan_id}", _SEE_OTHER)


def _count(field: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len("100000")):
        raise RuleViolation(
            f"{field} is {text!r}; expected a whole number from 1 to 100000",
            problem=f"not_a_number_of_{field}",
            facts={"value": text, "most": 100_000},
        )
    return int(text)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise RuleViolation(
            f"public_from is {text!r}; expected a time like 2026-11-30T15:30", problem="no_moment"
        ) from None
    return moment.replace(tzinfo=_ZONE) if moment.tzinfo is None else moment


def _status(refusal: RuleViolation | None) -> int:
    return 200 if refusal is None else _CONFLICT if isinstance(refusal, IllegalTransition) else _UNPROCESSABLE


def _list(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    *,
    refusal: RuleViolation | None = None,
    typed: dict[str, str] | None = None,
    chosen: set[str] | None = None,
) -> HTMLResponse:
    current = items.in_force(conn)
    return running.renderer.page(
        request,
        "inspection_plans.html",
        viewer=viewer,
        status=_status(refusal),
        plans=inspection_plans.listed(conn),
        catalogue=current,
        items=[] if current is None else items.items_of(conn, current.catalogue_id),
        markets=registry.markets(conn),
        refusal=refusal,
        typed=typed or {},
        chosen=chosen or set(),
    )


def _page(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    plan_id: int,
    *,
    after: int | None = None,
    refusal: RuleViolation | None = None,
    typed: dict[str, str] | None = None,
) -> HTMLResponse:
    found = inspection_plans.one(conn, plan_id)
    if found is None:
        raise NotFound(f"there is no plan {plan_id}")
    catalogue = items.one(conn, found.catalogue_id)
    names = {one.code: one for one in items.items_of(conn, found.catalogue_id)}
    visits = inspection_lists.of_plan(conn, plan_id, after=after, limit=PAGE_SIZE + 1)
    actors = {found.planned_by, found.frozen_by, found.drawn_by, found.abandoned_by} - {None}
    return running.renderer.page(
        request,
        "inspection_plan.html",
        viewer=viewer,
        status=_status(refusal),
        plan=found,
        catalogue=catalogue,
        items=[names[code] for code in found.items if code in names],
        market_names={one.market_id: one.name for one in registry.markets(conn)},
        visits=visits[:PAGE_SIZE],
        after=after,
        next=visits[PAGE_SIZE - 1].inspection_id if len(visits) > PAGE_SIZE else None,
        people=alert_pages.display_names(conn, {name for name in actors if name}),
        refusal=refusal,
        typed=typed or {},
    )
