"""One file per vendor: the page that is read from top to bottom, and its exports."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from psycopg import Connection

from domain.errors import NotAllowed, NotFound, RuleViolation
from domain.ids import MarketId, VendorId
from web.access import Permission, Viewer
from web.i18n import language_of
from web.rendering import LANGUAGE_COOKIE
from web.signed_in import SeesPersonalData, SeesRegistry
from web.state import Db, Now, Running, Service
from web.vendor_file.exports import as_json, as_xlsx
from web.vendor_file.section import VendorFile, kind_of
from web.vendor_file.sections import ROWS_IN_AN_EXPORT, vendor_file, vendor_file_in_full
from web.vendor_file.sending import WORKBOOK, attachment

router = APIRouter(include_in_schema=False)

_Because = Annotated[str, Form(max_length=500)]


@router.get("/vendors/{market_id}/{vendor_id}/file")
def read_file(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: SeesRegistry,
    market_id: MarketId,
    vendor_id: VendorId,
) -> HTMLResponse:
    """The file, with what is personal masked."""
    return _page(request, running, viewer, vendor_file(conn, running.config, viewer, market_id, vendor_id, now=now))


@router.post("/vendors/{market_id}/{vendor_id}/file")
def read_file_in_full(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: SeesPersonalData,
    market_id: MarketId,
    vendor_id: VendorId,
    because: _Because = "",
    how: Annotated[Literal["page", "json", "xlsx"], Form()] = "page",
) -> Response:
    """The file with what is personal in full, on the page or as a file to keep; each time it is logged."""
    try:
        file = _in_full(conn, running, viewer, market_id, vendor_id, how=how, because=because, now=now)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        masked = vendor_file(conn, running.config, viewer, market_id, vendor_id, now=now)
        return _page(request, running, viewer, masked, refusal=error)
    if how == "json":
        return _json(file)
    return _workbook(request, file) if how == "xlsx" else _page(request, running, viewer, file)


@router.get("/vendors/{market_id}/{vendor_id}/file.json")
def export_json(
    running: Running, conn: Db, now: Now, viewer: SeesRegistry, market_id: MarketId, vendor_id: VendorId
) -> Response:
    """The whole file as JSON, masked."""
    config = running.config
    return _json(vendor_file(conn, config, viewer, market_id, vendor_id, now=now, most_rows=ROWS_IN_AN_EXPORT))


@router.get("/vendors/{market_id}/{vendor_id}/file.xlsx")
def export_workbook(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: SeesRegistry,
    market_id: MarketId,
    vendor_id: VendorId,
) -> Response:
    """The whole file as a workbook, masked, in the language of the pages."""
    config = running.config
    file = vendor_file(conn, config, viewer, market_id, vendor_id, now=now, most_rows=ROWS_IN_AN_EXPORT)
    return _workbook(request, file)


def _in_full(
    conn: Connection,
    running: Service,
    viewer: Viewer,
    market_id: MarketId,
    vendor_id: VendorId,
    *,
    how: str,
    because: str,
    now: datetime,
) -> VendorFile:
    rows = {} if how == "page" else {"most_rows": ROWS_IN_AN_EXPORT}
    return vendor_file_in_full(
        conn, running.config, viewer, market_id, vendor_id, how=how, because=because, now=now, **rows
    )


def _page(
    request: Request, running: Service, viewer: Viewer, file: VendorFile, *, refusal: RuleViolation | None = None
) -> HTMLResponse:
    return running.renderer.page(
        request,
        "vendor_file.html",
        viewer=viewer,
        status=200 if refusal is None else 422,
        file=file,
        kind_of=kind_of,
        may_edit=viewer.may(Permission.EDIT_IDENTITIES),
        may_see_in_full=viewer.may(Permission.SEE_PERSONAL_DATA),
        refusal=refusal,
    )


def _json(file: VendorFile) -> Response:
    return JSONResponse(as_json(file), headers=attachment(file, "json"))


def _workbook(request: Request, file: VendorFile) -> Response:
    language = language_of(request.cookies.get(LANGUAGE_COOKIE))
    return Response(as_xlsx(file, language), media_type=WORKBOOK, headers=attachment(file, "xlsx"))
