"""One visit: what it asks, what was done, what can be done; and visits that can become one."""

from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection

from db import alert_pages, inspection_answers, inspections, items, vendor_codes
from domain.errors import FieldRefused, IllegalTransition, NotAllowed, NotFound, RuleViolation
from domain.ids import MarketId, VendorId
from domain.inspection import VisitAction, VisitState
from supervision.cases.starting import act_on_visit, findings_among
from supervision.inspections import asking, sending, visiting
from supervision.inspections.answers import standing_answers
from supervision.inspections.revisiting import plan_revisit
from supervision.inspections.visit_states import (
    ATTENDED,
    OF_THE_MARKET,
    OF_THE_REVISIT,
    ORDERED,
    TO_COME,
    WAITING,
    WITH_A_DAY,
    WITH_WORDS,
    actions_from,
)
from web.access import Permission, Viewer
from web.pages.refused_steps import refused_step
from web.price_scopes import optional_day
from web.signed_in import Inspects, PlansInspections, SeesInspections
from web.state import Db, Now, Running, Service

router = APIRouter(prefix="/inspections", include_in_schema=False)

_SEE_OTHER: Final = 303
_CONFLICT: Final = 409
_UNPROCESSABLE: Final = 422

_Note = Annotated[str, Form(max_length=4000)]
_Day = Annotated[str, Form(max_length=10)]


@router.post("/alerts/{alert_id}")
def open_for_alert(conn: Db, now: Now, viewer: Inspects, alert_id: int, note: _Note = "") -> Response:
    """Open a key inspection because of an alert, or lead to the one it opened."""
    inspection_id = visiting.open_for_alert(conn, alert_id, by=viewer.username, at=now, note=note)
    return RedirectResponse(f"/inspections/visits/{inspection_id}", _SEE_OTHER)


@router.get("/combining")
def what_can_be_one(
    request: Request,
    running: Running,
    conn: Db,
    viewer: PlansInspections,
    market: Annotated[str, Query(max_length=64)] = "",
    vendor: Annotated[str, Query(max_length=200)] = "",
) -> HTMLResponse:
    """Visits of several departments to one subject that share a day, and what combining them saves.

    `market`, `vendor`: those after this vendor.
    """
    after = (MarketId(market), VendorId(vendor)) if market else None
    return _combining(request, running, conn, viewer, after=after)


@router.post("/combining")
def make_one(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: PlansInspections,
    visit: Annotated[list[int] | None, Form()] = None,
) -> Response:
    """Make visits one."""
    try:
        with conn.transaction():
            visiting.combine_visits(conn, visit or [], by=viewer.username, at=now)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        return _combining(request, running, conn, viewer, refusal=error)
    return RedirectResponse(f"/inspections/visits/{min(visit or [0])}", _SEE_OTHER)


@router.get("/visits/{inspection_id}")
def visit(request: Request, running: Running, conn: Db, viewer: SeesInspections, inspection_id: int) -> HTMLResponse:
    """A visit with its checklist and its trail."""
    return visit_page(request, running, conn, viewer, inspection_id)


@router.post("/visits/{inspection_id}/day")
def set_day(
    request: Request, running: Running, conn: Db, now: Now, viewer: Inspects, inspection_id: int, day: _Day = ""
) -> Response:
    """Set the day of a visit."""
    try:
        chosen = optional_day(day)
        visiting.set_day(conn, inspection_id, chosen, market_id=viewer.scope, now=now)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        return visit_page(request, running, conn, viewer, inspection_id, refusal=error, typed={"day": day})
    return RedirectResponse(f"/inspections/visits/{inspection_id}", _SEE_OTHER)


@router.post("/visits/{inspection_id}/revisit")
def revisit(request: Request, running: Running, conn: Db, now: Now, viewer: Inspects, inspection_id: int) -> Response:
    """Plan the revisit of a visit that ordered something to be put right, or lead to the one that is planned."""
    try:
        number = plan_revisit(conn, inspection_id, by=viewer.username, market_id=viewer.scope, at=now)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        return visit_page(request, running, conn, viewer, inspection_id, refusal=error)
    return RedirectResponse(f"/inspections/visits/{number}", _SEE_OTHER)


@router.post("/visits/{inspection_id}/send")
def send(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: Inspects,
    inspection_id: int,
    inspector: Annotated[list[int] | None, Form()] = None,
) -> Response:
    """Name who goes to a visit that lacks somebody."""
    each = running.config.inspection_policy.inspectors
    named = inspector or []
    try:
        sending.send(conn, inspection_id, named, by=viewer.username, market_id=viewer.scope, each=each, at=now)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        return visit_page(request, running, conn, viewer, inspection_id, refusal=error, named=named)
    return RedirectResponse(f"/inspections/visits/{inspection_id}", _SEE_OTHER)


@router.post("/visits/{inspection_id}/recuse")
def recuse(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: Inspects,
    inspection_id: int,
    recused: Annotated[str, Form(max_length=20)] = "",
    because: _Note = "",
) -> Response:
    """Take somebody off a visit."""
    try:
        who = int(recused) if recused.isascii() and recused.isdigit() else -1
        sending.recuse(conn, inspection_id, who, because=because, by=viewer.username, market_id=viewer.scope, at=now)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        typed = {"recused": recused, "because": because}
        return visit_page(request, running, conn, viewer, inspection_id, refusal=error, typed=typed)
    return RedirectResponse(f"/inspections/visits/{inspection_id}", _SEE_OTHER)


@router.post("/visits/{inspection_id}/act/{action}")
def act(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: SeesInspections,
    inspection_id: int,
    action: VisitAction,
    note: _Note = "",
    rectify_by: _Day = "",
) -> Response:
    """Take one step with a visit."""
    viewer.require(permission_for(action))
    try:
        act_on_visit(
            conn,
            inspection_id,
            action,
            by=viewer.actor,
            policy=running.config.inspection_policy,
            now=now,
            note=note,
            rectify_by=optional_day(rectify_by),
        )
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        typed = {"action": action.value, "note": note, "rectify_by": rectify_by}
        return visit_page(request, running, conn, viewer, inspection_id, refusal=error, typed=typed)
    return RedirectResponse(f"/inspections/visits/{inspection_id}", _SEE_OTHER)


def permission_for(action: VisitAction) -> Permission:
    """Return what a step asks for: who runs the market says that something was put right, inspectors do the rest."""
    return Permission.REPORT_RECTIFICATION if action in OF_THE_MARKET else Permission.INSPECT


def visit_page(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    inspection_id: int,
    *,
    refusal: RuleViolation | None = None,
    typed: dict[str, str] | None = None,
    named: Sequence[int] = (),
    chosen: Sequence[str] | None = None,
) -> HTMLResponse:
    """Return the page of a visit; with what was refused above it and what was typed in its forms.

    `chosen`: the findings that were ticked to come to a case; None: all are.
    """
    found = visiting.seen(conn, inspection_id, viewer.scope)
    events, tasks = inspections.events_of(conn, inspection_id), inspections.tasks_of(conn, inspection_id)
    answers = standing_answers(inspection_answers.of_inspection(conn, inspection_id))
    each = running.config.inspection_policy.inspectors
    staffing = sending.staffing(conn, found, each) if viewer.may(Permission.INSPECT) else None
    asked = asking.checklist(conn, inspection_id)
    revisits = inspections.revisits_of(conn, inspection_id)
    coming = next((one for one in revisits if one.state in TO_COME), None)
    refused = OF_THE_REVISIT if coming is not None else frozenset[VisitAction]()
    if coming is not None and coming.state is VisitState.DRAWN and not viewer.may(Permission.INSPECT):
        # Who knew of a revisit beforehand would be ready for it.
        planned = max(at for at, one in enumerate(events) if one.action is VisitAction.REVISIT)
        events = [one for at, one in enumerate(events) if at != planned]
    return running.renderer.page(
        request,
        "visit.html",
        viewer=viewer,
        status=_status(refusal),
        visit=found,
        tasks=tasks,
        catalogue=items.in_force(conn),
        checklist=asked,
        events=events,
        answers=answers,
        found_wrong=findings_among(conn, inspection_id, asked, answers) if viewer.may(Permission.SEE_CASES) else [],
        chosen=chosen,
        feedback=vendor_codes.feedback_of(conn, [inspection_id]),
        actions=[one for one in actions_from(found.state) if viewer.may(permission_for(one)) and one not in refused],
        revisits=[one for one in revisits if viewer.may(Permission.INSPECT) or one.state is not VisitState.DRAWN],
        coming=coming if viewer.may(Permission.INSPECT) else None,
        may_revisit=found.state in ORDERED and coming is None and viewer.may(Permission.INSPECT),
        with_words=WITH_WORDS,
        with_a_day=WITH_A_DAY,
        is_waiting=found.state in WAITING and viewer.may(Permission.INSPECT),
        staffing=staffing,
        may_recuse=staffing is not None and found.state in ATTENDED and bool(staffing.sent),
        named=named,
        people=alert_pages.display_names(
            conn, {*(one.actor for one in events), *(one.answered_by for one in answers.values())}
        ),
        refusal=refusal,
        refused=refused_step(refusal) if isinstance(refusal, FieldRefused) else None,
        typed=typed or {},
        policy=running.config.inspection_policy,
    )


def _combining(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    *,
    after: tuple[MarketId, VendorId] | None = None,
    refusal: RuleViolation | None = None,
) -> HTMLResponse:
    page = visiting.suggestions(conn, viewer.scope, after=after)
    found = page.found
    return running.renderer.page(
        request,
        "combining.html",
        viewer=viewer,
        status=_status(refusal),
        suggestions=found,
        after=after,
        next=page.next,
        catalogue=items.in_force(conn),
        visits_saved=sum(one.saving.visits_before - one.saving.visits_after for one in found),
        questions_saved=sum(one.saving.questions_before - one.saving.questions_after for one in found),
        refusal=refusal,
    )


def _status(refusal: RuleViolation | None) -> int:
    return 200 if refusal is None else _CONFLICT if isinstance(refusal, IllegalTransition) else _UNPROCESSABLE
