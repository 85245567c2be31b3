"""Exports: to whom records are given, the ledger with every attempt, and what a person can do about it."""

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection

from db import alert_pages, export_deliveries, export_trials, registry
from db.export_deliveries import NewDestination
from domain.errors import NotFound, RuleViolation
from domain.export import DeliveryState, ExportForm
from supervision.exports import destinations
from supervision.exports.batching import destination_of
from supervision.exports.destinations import By
from web.access import Viewer
from web.signed_in import ManagesExports
from web.state import Db, Now, Running, Service, moment
from web.typed_numbers import whole

router = APIRouter(include_in_schema=False)

_SEE_OTHER: Final = 303
_UNPROCESSABLE: Final = 422
_PAGE_SIZE: Final = 50
_NEWEST: Final = 2**63 - 1

_Text = Annotated[str, Form(max_length=3000)]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Typed:
    """The form of a new destination, as it was typed."""

    name: str = ""
    url: str = ""
    forms: tuple[str, ...] = tuple(ExportForm)
    markets: tuple[str, ...] = ()
    identities: bool = False


@router.get("/exports")
def exports(
    request: Request,
    running: Running,
    conn: Db,
    viewer: ManagesExports,
    destination: Annotated[str, Query(max_length=20)] = "",
    state: Annotated[str, Query(max_length=20)] = "",
    before: Annotated[int, Query(ge=1, le=_NEWEST)] = _NEWEST,
) -> HTMLResponse:
    """Every destination, and the ledger of all or one of them."""
    return _page(request, running, conn, viewer, _Typed(), chosen=(destination, state, before))


@router.post("/exports/destinations")
def register_destination(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: ManagesExports,
    name: _Text = "",
    url: _Text = "",
    forms: Annotated[list[str] | None, Form()] = None,
    markets: Annotated[list[str] | None, Form()] = None,
    identities: Annotated[bool, Form()] = False,
) -> Response:
    """Register a destination; its secret is on the answer, and nowhere else."""
    typed = _Typed(name=name, url=url, forms=tuple(forms or ()), markets=tuple(markets or ()), identities=identities)
    try:
        with conn.transaction():
            made = destinations.register(conn, _new(typed), running.config.exports_policy, by=_by(viewer, now))
    except RuleViolation as error:
        return _page(request, running, conn, viewer, typed, refusal=error)
    return _one(request, running, conn, viewer, made.destination_id, secret=made.secret)


@router.get("/exports/destinations/{destination_id}")
def one_destination(
    request: Request, running: Running, conn: Db, viewer: ManagesExports, destination_id: int
) -> HTMLResponse:
    """One destination, and what was done with it."""
    return _one(request, running, conn, viewer, destination_id)


@router.post("/exports/destinations/{destination_id}/test")
def test_destination(
    request: Request, running: Running, conn: Db, now: Now, viewer: ManagesExports, destination_id: int
) -> Response:
    """Have a message sent that holds no record."""
    try:
        destinations.send_trial(conn, destination_id, running.config.exports_policy, by=_by(viewer, now))
    except NotFound:
        raise
    except RuleViolation as error:
        return _one(request, running, conn, viewer, destination_id, refusal=error)
    return RedirectResponse(f"/exports/destinations/{destination_id}#trials-title", _SEE_OTHER)


@router.post("/exports/destinations/{destination_id}/secret")
def change_destination_secret(
    request: Request, running: Running, conn: Db, now: Now, viewer: ManagesExports, destination_id: int
) -> Response:
    """Give a destination another secret; it is on the answer, and nowhere else."""
    policy = running.config.exports_policy
    try:
        secret = destinations.change_secret(conn, destination_id, policy, by=_by(viewer, now))
    except NotFound:
        raise
    except RuleViolation as error:
        return _one(request, running, conn, viewer, destination_id, refusal=error)
    return _one(request, running, conn, viewer, destination_id, secret=secret)


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
            destinations.switch_off(conn, destination_id, because, by=_by(viewer, now))
        else:
            destinations.switch_on(conn, destination_id, by=_by(viewer, now))
    except NotFound:
        raise
    except RuleViolation as error:
        return _one(request, running, conn, viewer, destination_id, refusal=error, because=because)
    return RedirectResponse(f"/exports/destinations/{destination_id}", _SEE_OTHER)


@router.get("/exports/batches/{batch_id}")
def one_batch(request: Request, running: Running, conn: Db, viewer: ManagesExports, batch_id: int) -> HTMLResponse:
    """One delivery: its records and every attempt."""
    return _batch(request, running, conn, viewer, batch_id)


@router.post("/exports/batches/{batch_id}/send-again")
def send_batch_again(
    request: Request, running: Running, conn: Db, now: Now, viewer: ManagesExports, batch_id: int, because: _Text = ""
) -> Response:
    """Have what was given up or refused sent again."""
    try:
        again = destinations.send_again(conn, batch_id, because, by=_by(viewer, now))
    except NotFound:
        raise
    except RuleViolation as error:
        return _batch(request, running, conn, viewer, batch_id, refusal=error, because=because)
    return RedirectResponse(f"/exports/batches/{again}", _SEE_OTHER)


def _by(viewer: Viewer, now: Now) -> By:
    return By(username=viewer.username, origin=viewer.origin, at=now)


def _new(typed: _Typed) -> NewDestination:
    if not set(typed.forms) <= set(ExportForm):
        raise RuleViolation("forms holds a word that is none: choose from what the form offers")
    return NewDestination(
        name=typed.name.strip(),
        url=typed.url.strip(),
        forms=frozenset(map(ExportForm, typed.forms)),
        market_ids=typed.markets,
        sees_identities=typed.identities,
    )


def _page(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    typed: _Typed,
    *,
    chosen: tuple[str, str, int] = ("", "", _NEWEST),
    refusal: RuleViolation | None = None,
) -> HTMLResponse:
    destination, state, before = chosen
    found = export_deliveries.ledger(
        conn,
        destination_id=whole(destination),
        state=DeliveryState(state) if state in set(DeliveryState) else None,
        before=before,
        limit=_PAGE_SIZE + 1,
    )
    known = export_deliveries.destinations(conn)
    return running.renderer.page(
        request,
        "exports.html",
        viewer=viewer,
        status=200 if refusal is None else _UNPROCESSABLE,
        destinations=known,
        names={one.destination_id: one.name for one in known},
        lines=found[:_PAGE_SIZE],
        # Lines of one revision stand beside each other; the next page may show some of them again, never none.
        older=found[_PAGE_SIZE - 1].revision + (1 if len(known) > 1 else 0) if len(found) > _PAGE_SIZE else None,
        destination=destination,
        state=state,
        states=tuple(DeliveryState),
        typed=typed,
        refusal=refusal,
        forms=tuple(ExportForm),
        markets=registry.markets(conn),
        zone=running.config.notices_policy.timezone,
    )


def _one(
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
    found = destination_of(conn, destination_id)
    steps = export_deliveries.steps(conn, destination_id)
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


def _batch(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    batch_id: int,
    *,
    refusal: RuleViolation | None = None,
    because: str = "",
) -> HTMLResponse:
    found = export_deliveries.batch(conn, batch_id)
    if found is None:
        raise NotFound(f"there is no batch {batch_id}")
    lines = export_deliveries.of_batch(conn, batch_id)
    return running.renderer.page(
        request,
        "export_batch.html",
        viewer=viewer,
        status=200 if refusal is None else _UNPROCESSABLE,
        batch=found,
        destination=destination_of(conn, found.destination_id),
        lines=lines,
        attempts=export_deliveries.attempts(conn, batch_id),
        may_send_again=any(one.state in (DeliveryState.REFUSED, DeliveryState.GIVEN_UP) for one in lines),
        refusal=refusal,
        because=because,
        zone=running.config.notices_policy.timezone,
    )
