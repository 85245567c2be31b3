"""The list of promises, and what a vendor says to an offer, typed in by whoever heard it."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Final

from fastapi import APIRouter, Form, Query, Request, Response, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse

from credit.promises.handling import Answer
from db import promises, registry
from domain.errors import NotAllowed, NotFound, RuleViolation
from domain.ids import MarketId
from domain.promise import MadeHow, PromiseAction, PromiseState
from web.handling import alert_for
from web.i18n import mark
from web.pages.alerts import alert_page
from web.promises import AnswerRefused, promise_for, record
from web.signed_in import ActsOnAlerts, SeesCredit
from web.state import Db, Now, Running

router = APIRouter(include_in_schema=False)

_SEE_OTHER: Final = 303
PAGE_SIZE: Final = 50
_MAX_ID: Final = 2**63 - 1
#: Further than so many in a state are not counted.
_COUNTED: Final = 1000


class ShownPromises(StrEnum):
    """The tabs of the list."""

    OFFERED = "offered"
    RUNNING = "running"
    BROKEN = "broken"
    KEPT = "kept"
    OTHER = "other"


_S = PromiseState
TABS: Final = {
    ShownPromises.OFFERED: (mark("Offered, to be answered"), (_S.OFFERED,)),
    ShownPromises.RUNNING: (mark("Running"), (_S.MADE,)),
    ShownPromises.BROKEN: (mark("Promise broken"), (_S.BROKEN,)),
    ShownPromises.KEPT: (mark("Kept"), (_S.KEPT,)),
    ShownPromises.OTHER: (mark("Declined, run out or void"), (_S.DECLINED, _S.LAPSED, _S.VOID)),
}


@router.get("/promises")
def promise_list(
    request: Request,
    running: Running,
    conn: Db,
    viewer: SeesCredit,
    show: ShownPromises = ShownPromises.OFFERED,
    market: Annotated[str, Query(max_length=64)] = "",
    before: Annotated[int | None, Query(ge=1, le=_MAX_ID)] = None,
) -> HTMLResponse:
    """Promises by where they stand, the newest first."""
    scope = viewer.narrow(MarketId(market) if market else None)
    counts = promises.counts_up_to(conn, scope, _COUNTED)
    _title, states = TABS[show]
    found = promises.listed(conn, scope, states, limit=PAGE_SIZE + 1, before=before)
    return running.renderer.page(
        request,
        "promises.html",
        viewer=viewer,
        show=show,
        market=market,
        before=before,
        older=found[PAGE_SIZE - 1].promise.promise_id if len(found) > PAGE_SIZE else None,
        markets=registry.markets(conn) if viewer.scope is None else [],
        tabs=[(key, title, _count(counts, of)) for key, (title, of) in TABS.items()],
        promises=found[:PAGE_SIZE],
        policy=running.config.promises_policy,
    )


def _count(counts: Mapping[PromiseState, int], states: Sequence[PromiseState]) -> str:
    return f"{sum(counts[one] for one in states)}{'+' if any(counts[one] >= _COUNTED for one in states) else ''}"


@router.post("/promises/{promise_id}/{action}")
def answer_promise(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: ActsOnAlerts,
    promise_id: int,
    action: PromiseAction,
    how: Annotated[str, Form(max_length=20)] = "",
    note: Annotated[str, Form(max_length=10_000)] = "",
    revision: Annotated[int | None, Form()] = None,
    photo: list[UploadFile] | None = None,
) -> Response:
    """Record that a vendor made or declined its promise; the page of the alert shows it."""
    alert_id = promise_for(conn, viewer, promise_id).promise.alert_id
    photos = [content for one in photo or [] if (content := one.file.read())]
    chosen = MadeHow(how) if how in set(MadeHow) and action is PromiseAction.MAKE else None
    said = Answer(action=action, how=chosen, note=note, revision=revision)
    try:
        record(conn, viewer, promise_id, said, config=running.config, now=now, photos=photos)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        refused = AnswerRefused(error=error, action=action, how=how, note=note)
        alert = alert_for(conn, viewer, alert_id)
        return alert_page(request, running, conn, viewer, alert, now=now, answer_refused=refused)
    return RedirectResponse(f"/alerts/{alert_id}#promise-title", _SEE_OTHER)
