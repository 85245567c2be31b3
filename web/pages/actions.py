"""The buttons: acknowledge, confirm, dismiss, overturn."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from psycopg import Connection

from domain.alert import AlertAction, DismissReason
from domain.errors import NotAllowed, NotFound, RuleViolation
from web.access import Viewer
from web.alert_filter import AlertFilter
from web.handling import act, alert_for
from web.pages.alerts import Filter, alert_page, list_part
from web.pages.refusals import Refusal, refusal_of
from web.signed_in import ActsOnAlerts
from web.state import Db, Now, Running, Service

router = APIRouter(include_in_schema=False)

_SEE_OTHER = 303


@router.post("/alerts/{alert_id}/{action}")
def act_on_alert(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: ActsOnAlerts,
    asked: Filter,
    alert_id: int,
    action: AlertAction,
    reason: Annotated[str, Form()] = "",
    note: Annotated[str, Form(max_length=2000)] = "",
    seen: Annotated[int | None, Form()] = None,
    from_list: Annotated[bool, Query()] = False,
) -> Response:
    """Take a step with an alert.

    `seen` is the number of occurrences the page showed; `from_list` goes back to the list the step was taken from.
    """
    typed = _Typed(reason=_reason(reason) if action is AlertAction.DISMISS else None, note=note, seen=seen)
    refusal = _try(conn, running, viewer, alert_id, action, typed, now=now)
    if from_list and request.headers.get("hx-request") == "true":
        return list_part(request, running, conn, viewer, asked, now=now, refusal=refusal)
    if refusal is not None:
        return alert_page(request, running, conn, viewer, refusal.alert, now=now, refusal=refusal)
    return RedirectResponse(_next_page(alert_id, asked, from_list=from_list), _SEE_OTHER)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Typed:
    """What the form carried."""

    reason: DismissReason | None
    note: str
    seen: int | None


def _try(
    conn: Connection,
    running: Service,
    viewer: Viewer,
    alert_id: int,
    action: AlertAction,
    typed: _Typed,
    *,
    now: datetime,
) -> Refusal | None:
    config, reason, note = running.config, typed.reason, typed.note
    try:
        act(conn, viewer, alert_id, action, config=config, now=now, reason=reason, note=note, seen=typed.seen)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        alert = alert_for(conn, viewer, alert_id)
        return refusal_of(conn, alert, action, error, note=note, reason=reason or "")
    return None


def _reason(text: str) -> DismissReason | None:
    """An unknown reason is as good as none: the table then asks for one."""
    return DismissReason(text) if text in set(DismissReason) else None


def _next_page(alert_id: int, asked: AlertFilter, *, from_list: bool) -> str:
    return f"/?{asked.query(page=asked.page)}" if from_list else f"/alerts/{alert_id}"
