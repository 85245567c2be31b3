"""Approvals from a file: the form, the look at what it would do, its taking over; and the results that go back."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Final, Literal

from fastapi import APIRouter, File, Form, Request, Response, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection

from db import alert_pages
from db.approvals import checks, records
from db.approvals.records import WaitingReceipt
from domain.approval import Feed
from domain.errors import BadFile, IllegalTransition, NotFound, RuleViolation
from supervision.approvals import exporting
from supervision.approvals.filing import APPROVAL_LIMITS, MOST_ROWS
from supervision.approvals.judging import Arrival
from supervision.approvals.receiving import preview, take_file
from tables.cells import column_letter
from web.access import Viewer
from web.approvals import feeding_of
from web.register_imports import file_name
from web.signed_in import HandlesApprovals
from web.state import Db, Now, Running, Service
from web.words_of_approvals import approval_field

router = APIRouter(prefix="/registry/approvals", include_in_schema=False)

_SEE_OTHER: Final = 303
#: Of what a file would do a page shows so many rows; the counts are of all.
_SHOWN: Final = 200


@router.get("/import")
def import_form(request: Request, running: Running, conn: Db, viewer: HandlesApprovals) -> HTMLResponse:
    """The form, and what was taken over lately."""
    return _form_page(request, running, conn, viewer)


@router.post("/import")
def upload(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: HandlesApprovals,
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Take a file and show what it would do; what is no table at all is refused at once."""
    if file is None or not file.filename:
        return _form_page(request, running, conn, viewer, RuleViolation("no file was chosen", problem="no_file"))
    name, content = file_name(file.filename), file.file.read(APPROVAL_LIMITS.most_bytes + 1)
    try:
        preview(conn, name, content, feeding_of(viewer, running.config, Feed.FILE, now))
    except BadFile as error:
        return _form_page(request, running, conn, viewer, error)
    receipt_id = records.put_receipt(conn, Feed.FILE, name, content, by=viewer.username, at=now)
    return RedirectResponse(f"/registry/approvals/imports/{receipt_id}", _SEE_OTHER)


@router.get("/imports/{receipt_id}")
def look(
    request: Request, running: Running, conn: Db, now: Now, viewer: HandlesApprovals, receipt_id: int
) -> HTMLResponse:
    """What a file would do."""
    return _plan_page(request, running, conn, now, viewer, receipt_id, _waiting(conn, viewer, receipt_id))


@router.post("/imports/{receipt_id}")
def confirm(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: HandlesApprovals,
    receipt_id: int,
    digest: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Take a file over as it was looked at, in one transaction."""
    file = _waiting(conn, viewer, receipt_id)
    feeding = feeding_of(viewer, running.config, Feed.FILE, now)
    try:
        take_file(conn, file.name, file.content, feeding, expected=digest, receipt_id=receipt_id)
    except (BadFile, IllegalTransition) as error:
        return _plan_page(request, running, conn, now, viewer, receipt_id, file, error)
    return RedirectResponse("/registry/approvals/import", _SEE_OTHER)


@router.get("/exports")
def exports(request: Request, running: Running, conn: Db, viewer: HandlesApprovals) -> HTMLResponse:
    """What went back, and whether something waits to."""
    return _exports_page(request, running, conn, viewer)


@router.post("/exports")
def make_export(request: Request, running: Running, conn: Db, now: Now, viewer: HandlesApprovals) -> Response:
    """Export the results that did not go back yet."""
    try:
        exporting.export(conn, by=viewer.username, origin=viewer.origin, now=now)
    except RuleViolation as error:
        return _exports_page(request, running, conn, viewer, str(error))
    return RedirectResponse("/registry/approvals/exports", _SEE_OTHER)


@router.get("/exports/{export_no}/{form}")
def fetch_export(
    conn: Db,
    _viewer: HandlesApprovals,
    export_no: int,
    form: Literal["csv", "json"],
) -> Response:
    """An export as it went, byte for byte."""
    files = exporting.exported(conn, export_no)
    name = f'attachment; filename="approval-check-results-{export_no:06}.{form}"'
    media_type = "text/csv; charset=utf-8" if form == "csv" else "application/json"
    return Response(
        files.csv if form == "csv" else files.json, media_type=media_type, headers={"Content-Disposition": name}
    )


def _waiting(conn: Connection, viewer: Viewer, receipt_id: int) -> WaitingReceipt:
    kept = records.waiting(conn, receipt_id, by=viewer.username)
    if kept is None:
        raise NotFound(f"there is no file {receipt_id} of yours that waits to be taken over; upload it again")
    return kept


def _form_page(
    request: Request, running: Service, conn: Connection, viewer: Viewer, refusal: BadFile | RuleViolation | None = None
) -> HTMLResponse:
    taken = records.receipts(conn)
    return running.renderer.page(
        request,
        "approval_import.html",
        viewer=viewer,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK,
        taken=taken,
        people=alert_pages.display_names(conn, {one.taken_by for one in taken}),
        timezone=running.config.approvals_policy.timezone,
        most_mib=APPROVAL_LIMITS.most_bytes // 1024 // 1024,
        most_rows=MOST_ROWS,
        refusal=refusal,
    )


def _plan_page(
    request: Request,
    running: Service,
    conn: Connection,
    now: datetime,
    viewer: Viewer,
    receipt_id: int,
    file: WaitingReceipt,
    error: BadFile | IllegalTransition | None = None,
) -> HTMLResponse:
    plan = preview(conn, file.name, file.content, feeding_of(viewer, running.config, Feed.FILE, now))
    telling = [row for row in plan.records if row.judged.arrival in (Arrival.NEW, Arrival.CHANGED, Arrival.LATE)]
    statuses = {True: HTTPStatus.CONFLICT, False: HTTPStatus.UNPROCESSABLE_ENTITY}
    return running.renderer.page(
        request,
        "approval_plan.html",
        viewer=viewer,
        status=HTTPStatus.OK if error is None else statuses[isinstance(error, IllegalTransition)],
        receipt_id=receipt_id,
        file_name=file.name,
        plan=plan,
        telling=telling[:_SHOWN],
        more=len(telling) - _SHOWN,
        letter=column_letter,
        field_word=approval_field,
        refusal="" if error is None else str(error),
    )


def _exports_page(
    request: Request, running: Service, conn: Connection, viewer: Viewer, refusal: str = ""
) -> HTMLResponse:
    found = checks.exports(conn)
    return running.renderer.page(
        request,
        "approval_exports.html",
        viewer=viewer,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK,
        exports=found,
        waiting=checks.waiting_for_export(conn),
        people=alert_pages.display_names(conn, {one.made_by for one in found}),
        timezone=running.config.approvals_policy.timezone,
        refusal=refusal,
    )
