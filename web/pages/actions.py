"""The buttons of an alert: whatever the table of its states allows, and what is done beside it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response, UploadFile
from fastapi.responses import RedirectResponse
from psycopg import Connection

from db import alert_photos
from domain.alert_step import AlertAction
from domain.errors import NotAllowed, NotFound, RuleViolation
from supervision.alerts.states import BESIDE
from web.access import Viewer
from web.alert_filter import AlertFilter
from web.alert_forms import Typed, typed
from web.handling import act, add_photos, alert_for, is_only_photos
from web.pages.alerts import Filter, alert_page, list_part
from web.pages.refusals import Refusal, refusal_of
from web.signed_in import ActsOnAlerts, SeesAlerts
from web.state import Db, Now, Running, Service

router = APIRouter(include_in_schema=False)

_SEE_OTHER: Final = 303
#: A photo never changes: its address is of this one alone.
_KEPT: Final = {"cache-control": "private, max-age=31536000, immutable"}


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
    form: Annotated[Typed, Depends(typed)],
    photo: list[UploadFile] | None = None,
    from_list: Annotated[bool, Query()] = False,
) -> Response:
    """Take a step with an alert.

    `seen` and `revision` of the form are how the alert was when the page was shown; `from_list` goes back to the list
    the step was taken from.
    """
    photos = [content for one in photo or [] if (content := one.file.read())]
    refusal = _try(conn, running, viewer, _Step(alert_id, action, form, photos), now=now)
    if from_list and request.headers.get("hx-request") == "true":
        return list_part(request, running, conn, viewer, asked, now=now, refusal=refusal)
    if refusal is not None:
        return alert_page(request, running, conn, viewer, refusal.alert, now=now, refusal=refusal)
    return RedirectResponse(_next_page(alert_id, action, asked, from_list=from_list), _SEE_OTHER)


@router.get("/alerts/{alert_id}/photos/{photo_id}")
def photo(
    conn: Db, viewer: SeesAlerts, alert_id: int, photo_id: int, small: Annotated[bool, Query()] = False
) -> Response:
    """A photo of an alert, or its thumbnail."""
    alert = alert_for(conn, viewer, alert_id)
    content = alert_photos.content(conn, alert.alert_id, photo_id, small=small)
    if content is None:
        raise NotFound(f"alert {alert_id} has no photo {photo_id}")
    return Response(content, media_type="image/jpeg", headers=_KEPT)


@dataclass(frozen=True, slots=True)
class _Step:
    alert_id: int
    action: AlertAction
    form: Typed
    photos: list[bytes]


def _try(conn: Connection, running: Service, viewer: Viewer, step: _Step, *, now: datetime) -> Refusal | None:
    config, kept = running.config, 0
    try:
        if step.photos:
            add_photos(conn, viewer, step.alert_id, step.photos, config=config, now=now)
            kept = len(step.photos)
        asked = step.form.asked(step.action)
        if not is_only_photos(asked, step.photos):
            act(
                conn,
                viewer,
                step.alert_id,
                asked,
                config=config,
                now=now,
                seen=step.form.seen,
                offers_promise=step.form.offer_promise,
            )
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        alert = alert_for(conn, viewer, step.alert_id)
        refusal = refusal_of(conn, alert, step.action, error, typed=step.form)
        return replace(refusal, photos_kept=kept, photos_lost=len(step.photos) - kept)
    return None


def _next_page(alert_id: int, action: AlertAction, asked: AlertFilter, *, from_list: bool) -> str:
    if from_list:
        return f"/?{asked.query(page=asked.page)}"
    return f"/alerts/{alert_id}{'#trail-title' if action in BESIDE else ''}"
