"""One delivery of exports: its records, every attempt, and having it sent again."""

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection

from db import export_deliveries
from domain.errors import NotFound, RuleViolation
from domain.export import DeliveryState
from supervision.exports import destinations
from supervision.exports.batching import destination_of
from web.access import Viewer
from web.pages.export_destinations import by_of
from web.signed_in import ManagesExports
from web.state import Db, Now, Running, Service

router = APIRouter(include_in_schema=False)

_SEE_OTHER: Final = 303
_UNPROCESSABLE: Final = 422

_Text = Annotated[str, Form(max_length=3000)]


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
        again = destinations.send_again(conn, batch_id, because, by=by_of(viewer, now))
    except NotFound:
        raise
    except RuleViolation as error:
        return _batch(request, running, conn, viewer, batch_id, refusal=error, because=because)
    return RedirectResponse(f"/exports/batches/{again}", _SEE_OTHER)


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
