"""Webhooks: who is told, the delivery log, and what can be done about it."""

from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection

from db import alert_pages, letters, registry, webhooks
from db.webhooks import Endpoint, NewEndpoint
from domain.alert import Severity
from domain.errors import NotFound, RuleViolation
from domain.ids import MarketId
from domain.notice import TOLD_TO_SYSTEMS, NoticeKind
from supervision.notices import endpoints
from web.access import Viewer
from web.notices import with_digests
from web.signed_in import ManagesWebhooks
from web.state import Db, Now, Running, Service

router = APIRouter(include_in_schema=False)

_SEE_OTHER: Final = 303
_UNPROCESSABLE: Final = 422
_PAGE_SIZE: Final = 25
_WINDOWS: Final = (0, 60, 300, 900, 3600, 14_400)

_Text = Annotated[str, Form(max_length=3000)]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Typed:
    """The form of a new endpoint, as it was typed."""

    name: str = ""
    url: str = ""
    market: str = ""
    minimum: str = Severity.LOW
    kinds: tuple[str, ...] = TOLD_TO_SYSTEMS
    window_s: int = 0


@router.get("/notices/webhooks")
def all_webhooks(request: Request, running: Running, conn: Db, viewer: ManagesWebhooks) -> HTMLResponse:
    """Every endpoint, and the form for another one."""
    return _list(request, running, conn, viewer, _Typed())


@router.post("/notices/webhooks")
def register_webhook(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: ManagesWebhooks,
    name: _Text = "",
    url: _Text = "",
    market: _Text = "",
    minimum: Annotated[str, Form(max_length=20)] = Severity.LOW,
    kinds: Annotated[list[str] | None, Form()] = None,
    window_s: Annotated[int, Form(ge=0, le=86_400)] = 0,
) -> Response:
    """Register an endpoint; its secret is on the answer, and nowhere else."""
    typed = _Typed(name=name, url=url, market=market, minimum=minimum, kinds=tuple(kinds or ()), window_s=window_s)
    try:
        with conn.transaction():
            made = endpoints.register(
                conn, _new(typed), running.config.notices_policy.webhook, by=viewer.username, now=now
            )
    except RuleViolation as error:
        return _list(request, running, conn, viewer, typed, refusal=error)
    return _one(request, running, conn, viewer, made.endpoint_id, secret=made.secret)


@router.get("/notices/webhooks/{endpoint_id}")
def one_webhook(
    request: Request,
    running: Running,
    conn: Db,
    viewer: ManagesWebhooks,
    endpoint_id: int,
    before: Annotated[int | None, Query(ge=1)] = None,
) -> HTMLResponse:
    """One endpoint with its delivery log."""
    return _one(request, running, conn, viewer, endpoint_id, before=before)


@router.post("/notices/webhooks/{endpoint_id}/test")
def test_webhook(
    request: Request, running: Running, conn: Db, now: Now, viewer: ManagesWebhooks, endpoint_id: int
) -> Response:
    """Have a message sent that tells of nothing."""
    try:
        endpoints.send_trial(conn, endpoint_id, by=viewer.username, now=now)
    except NotFound:
        raise
    except RuleViolation as error:
        return _one(request, running, conn, viewer, endpoint_id, refusal=error)
    return _back(endpoint_id)


@router.post("/notices/webhooks/{endpoint_id}/secret")
def change_webhook_secret(
    request: Request, running: Running, conn: Db, now: Now, viewer: ManagesWebhooks, endpoint_id: int
) -> Response:
    """Give an endpoint another secret; it is on the answer, and nowhere else."""
    policy = running.config.notices_policy.webhook
    with conn.transaction():
        secret = endpoints.change_secret(conn, endpoint_id, policy, by=viewer.username, now=now)
    return _one(request, running, conn, viewer, endpoint_id, secret=secret)


@router.post("/notices/webhooks/{endpoint_id}/disable")
def disable_webhook(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: ManagesWebhooks,
    endpoint_id: int,
    because: _Text = "",
) -> Response:
    """Tell an endpoint nothing any more."""
    try:
        with conn.transaction():
            endpoints.disable(conn, endpoint_id, because, by=viewer.username, now=now)
    except NotFound:
        raise
    except RuleViolation as error:
        return _one(request, running, conn, viewer, endpoint_id, refusal=error, because=because)
    return _back(endpoint_id)


@router.post("/notices/webhooks/{endpoint_id}/enable")
def enable_webhook(
    request: Request, running: Running, conn: Db, now: Now, viewer: ManagesWebhooks, endpoint_id: int
) -> Response:
    """Tell an endpoint again."""
    try:
        with conn.transaction():
            endpoints.enable(conn, endpoint_id, by=viewer.username, now=now)
    except NotFound:
        raise
    except RuleViolation as error:
        return _one(request, running, conn, viewer, endpoint_id, refusal=error)
    return _back(endpoint_id)


@router.post("/notices/webhooks/{endpoint_id}/letters/{letter_id}/redeliver")
def redeliver(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: ManagesWebhooks,
    endpoint_id: int,
    letter_id: int,
) -> Response:
    """Have a message delivered once more."""
    try:
        endpoints.deliver_again(conn, endpoint_id, letter_id, by=viewer.username, now=now)
    except NotFound:
        raise
    except RuleViolation as error:
        return _one(request, running, conn, viewer, endpoint_id, refusal=error)
    return _back(endpoint_id)


def _back(endpoint_id: int) -> Response:
    return RedirectResponse(f"/notices/webhooks/{endpoint_id}", _SEE_OTHER)


def _new(typed: _Typed) -> NewEndpoint:
    unknown = [kind for kind in typed.kinds if kind not in TOLD_TO_SYSTEMS]
    if unknown or typed.minimum not in set(Severity):
        raise RuleViolation("minimum or kinds holds a word that is none: choose from what the form offers")
    return NewEndpoint(
        name=typed.name.strip(),
        url=typed.url.strip(),
        market_id=MarketId(typed.market) if typed.market else None,
        minimum=Severity(typed.minimum),
        kinds=frozenset(map(NoticeKind, typed.kinds)),
        window_s=typed.window_s,
    )


def _list(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    typed: _Typed,
    *,
    refusal: RuleViolation | None = None,
) -> HTMLResponse:
    return running.renderer.page(
        request,
        "webhooks.html",
        viewer=viewer,
        status=200 if refusal is None else _UNPROCESSABLE,
        endpoints=webhooks.endpoints(conn),
        typed=typed,
        refusal=refusal,
        markets=registry.markets(conn),
        kinds=TOLD_TO_SYSTEMS,
        severities=tuple(Severity),
        windows=_WINDOWS,
        zone=running.config.notices_policy.timezone,
    )


def _one(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    endpoint_id: int,
    *,
    before: int | None = None,
    secret: str = "",
    refusal: RuleViolation | None = None,
    because: str = "",
) -> HTMLResponse:
    endpoint = endpoints.seen(conn, endpoint_id)
    return running.renderer.page(
        request,
        "webhook.html",
        viewer=viewer,
        status=200 if refusal is None else _UNPROCESSABLE,
        secret=secret,
        refusal=refusal,
        because=because,
        zone=running.config.notices_policy.timezone,
        overlap_hours=running.config.notices_policy.webhook.secret_overlap_s // 3600,
        **_log(conn, endpoint, before),
    )


def _log(conn: Connection, endpoint: Endpoint, before: int | None) -> dict[str, Any]:
    mailbox_id = endpoints.mailbox_of(conn, endpoint.endpoint_id)
    found = letters.page_of(conn, mailbox_id, before=before, limit=_PAGE_SIZE + 1)
    shown = found[:_PAGE_SIZE]
    steps = webhooks.steps_of(conn, endpoint.endpoint_id)
    return {
        "endpoint": endpoint,
        "lines": with_digests(conn, shown, 1),
        "attempts": letters.attempts_of(conn, [one.letter_id for one in shown]),
        "older": shown[-1].letter_id if len(found) > _PAGE_SIZE else None,
        "before": before,
        "steps": steps,
        "people": alert_pages.display_names(conn, {endpoint.created_by, *(one.actor for one in steps)}),
    }
