"""Whether a credit report was issued, and whether a file is it: for anybody who holds one. Nothing pending is told."""

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, File, Form, Query, Request, Response, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection

from credit.reports.checking import Checked, changed_since, check_digest, check_file
from credit.reports.codes import normal, shown
from credit.reports.issuing import report_of
from credit.reports.kinds import AboutWhom
from credit.reports.shape_of_parts import Subject
from db import credit_reports as stored
from db.credit_reports import IssuedReport
from web.state import Db, Now, Running, Service
from web.strangers import NOT_INDEXED, Address, IsOurForm, form_token, hand_out, take_look_up, take_miss

router = APIRouter(include_in_schema=False)

_NOT_FOUND: Final = 404
_FORBIDDEN: Final = 403
_SEE_OTHER: Final = 303


@router.get("/verify")
def verify_form(request: Request, running: Running, code: Annotated[str, Query(max_length=64)] = "") -> Response:
    """The field for a code."""
    if normal(code):
        return RedirectResponse(f"/verify/{normal(code)}", _SEE_OTHER, headers=NOT_INDEXED)
    return _page(request, running, "verify.html", typed=code, is_missing=False)


@router.get("/verify/{code}")
def verify_report(request: Request, running: Running, conn: Db, now: Now, address: Address, code: str) -> Response:
    """Whether a report of this code was issued, about whom, and whether anything final has changed since."""
    issued = _issued(conn, running, address, now, code)
    if issued is None:
        return _missing(request, running, code)
    return _found(request, running, conn, now, issued)


@router.post("/verify/{code}")
def compare(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    address: Address,
    is_ours: IsOurForm,
    code: str,
    file: Annotated[UploadFile | None, File()] = None,
    digest: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Compare a file, or a digest that was typed, with the report. Nothing of the file is kept."""
    issued = _issued(conn, running, address, now, code)
    if issued is None:
        return _missing(request, running, code, status=_NOT_FOUND if is_ours else _FORBIDDEN)
    if not is_ours:
        return _found(request, running, conn, now, issued, digest=digest, status=_FORBIDDEN)
    content = b"" if file is None else file.file.read()
    checked = None
    if content:
        checked = check_file(conn, issued, content)
    elif digest.strip():
        checked = check_digest(conn, issued, digest)
    return _found(request, running, conn, now, issued, checked=checked, digest=digest)


def _issued(conn: Connection, running: Service, address: str, now: datetime, code: str) -> IssuedReport | None:
    take_look_up(conn, running, address, now)
    asked = normal(code)
    found = stored.by_code(conn, asked) if asked else None
    if found is None:
        take_miss(conn, running, address, now)
    return found


def _missing(request: Request, running: Service, code: str, *, status: int = _NOT_FOUND) -> HTMLResponse:
    return _page(request, running, "verify.html", status=status, typed=code[:64], is_missing=True)


def _found(
    request: Request,
    running: Service,
    conn: Connection,
    now: datetime,
    issued: IssuedReport,
    *,
    checked: Checked | None = None,
    digest: str = "",
    status: int = 200,
) -> HTMLResponse:
    token = form_token(request)
    page = _page(
        request,
        running,
        "verified.html",
        status=status,
        issued=issued,
        subject=_subject(conn, issued),
        code=shown(issued.code),
        final_changed=changed_since(conn, issued, running.config.reports_basis, now).final_changed,
        checked=checked,
        digest=digest,
        is_stale=status == _FORBIDDEN,
        csrf_token=token,
    )
    hand_out(page, running, token)
    return page


def _subject(conn: Connection, issued: IssuedReport) -> Subject:
    """Return whom a report is about: a vendor by the name it was issued with, whatever it is called by now.

    The reports of many are large, and no stranger has one read for its heading.
    """
    if issued.vendor_id is not None:
        return report_of(conn, issued).subject
    return Subject(kind=AboutWhom(issued.kind), market_name=issued.market_name)


def _page(request: Request, running: Service, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    page = running.renderer.page(request, template, status=status, **values)
    page.headers.update(NOT_INDEXED)
    return page
