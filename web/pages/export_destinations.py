"""One destination of exports: what was done with it, and what can be."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection

from db import alert_pages, export_destinations, export_trials
from domain.errors import NotFound, RuleViolation
from supervision.exports import destinations
from supervision.exports.batching import destination_of
from supervision.exports.destinations import By
from web.access import Viewer
from web.signed_in import ManagesExports
from web.state import Db, Now, Running, Service, moment

router = APIRouter(include_in_schema=False)

_SEE_OTHER: Final = 303
_UNPROCESSABLE: Final = 422

_Text = Annotated[str, Form(max_length=3000)]


@router.get("/exports/destinations/{destination_id}")
def one_destination(
    request: Request, running: Running, conn: Db, viewer: ManagesExports, destination_id: int
) -> HTMLResponse:
    """One destination, and what was done with it."""
    return destination_page(request, running, conn, viewer, destination_id)


@router.post("/exports/destinations/{destination_id}/test")
def test_destination(
    request: Request, running: Running, conn: Db, now: Now, viewer: ManagesExports, destination_id: int
) -> Response:
    """Have a message sent that holds no record."""
    try:
        destinations.send_trial(conn, destination_id, running.config.exports_policy, by=by_of(viewer, now))
    except NotFound:
        raise
    except RuleViolation as error:
        return destination_page(request, running, conn, viewer, destination_id, refusal=error)
    return RedirectResponse(f"/exports/destinations/{destination_id}#trials-title", _SEE_OTHER)


@router.post("/exports/destinations/{destination_id}/secret")
def change_destination_secret(
    request: Request, running: Running, conn: Db, now: Now, viewer: ManagesExports, destination_id: int
) -> Response:
    """Give a destination another secret; it is on the answer, and nowhere else."""
    policy = running.config.exports_policy
    try:
        secret = destinations.change_secret(conn, destination_id, policy, by=by_of(viewer, now))
    except NotFound:
        raise
    except RuleViolation as error:
        return destination_page(request, running, conn, viewer, destination_id, refusal=error)
    return destination_page(request, running, conn, viewer, destination_id, secret=secret)


@router.post("/exports/destinations/{destination_id}/{action}")
def switch_destination(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: ManagesExports,
    destination_id: int,
    action: Literal["disable", "enable"],
    because: _Text = "",
) -> Response:
    """Switch a destination off or on."""
    try:
        if action == "disable":
            destinations.switch_off(conn, destination_id, because, by=by_of(viewer, now))
        else:
            destinations.switch_on(conn, destination_id, by=by_of(viewer, now))
    except NotFound:
        raise
    except RuleViolation as error:
        return destination_page(request, running, conn, viewer, destination_id, refusal=error, because=because)
    return RedirectResponse(f"/exports/destinations/{destination_id}", _SEE_OTHER)


def by_of(viewer: Viewer, now: Now) -> By:
    """Return who does something, when, and from where."""
    return By(username=viewer.username, origin=viewer.origin, at=now)


def destination_page(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    destination_id: int,
    *,
    secret: str = "",
    refusal: RuleViolation | None = None,
    because: str = "",
) -> HTMLResponse:
    """Return the page of a destination. `secret`: shown on this answer, and nowhere else."""
    found = destination_of(conn, destination_id)
    steps = export_destinations.steps(conn, destination_id)
    trials = export_trials.of_destination(conn, destination_id)
    return running.renderer.page(
        request,
        "export_destination.html",
        viewer=viewer,
        status=200 if refusal is None else _UNPROCESSABLE,
        one=found,
        steps=steps,
        trials=trials,
        people=alert_pages.display_names(
            conn, {found.created_by, *(s.actor for s in steps), *(t.asked_by for t in trials)}
        ),
        secret=secret,
        refusal=refusal,
        because=because,
        now=moment(),
        overlap_hours=running.config.exports_policy.secret_overlap_s // 3600,
        zone=running.config.notices_policy.timezone,
    )
