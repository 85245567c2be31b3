"""Credit reports: asked for, listed, read on a page that prints well, and taken away as files."""

from typing import Annotated, Final

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection

from credit.reports.as_pdf import qr_svg
from credit.reports.checking import changed_since
from credit.reports.codes import shown
from credit.reports.kinds import AboutWhom, Variant
from credit.reports.layout import text_of
from credit.reports.periods import Preset
from credit.rules.book import rules_now
from db import credit_reports as stored
from domain.errors import FieldRefused
from domain.ids import MarketId
from web.access import Permission, Viewer
from web.i18n import language_of, mark
from web.rendering import LANGUAGE_COOKIE
from web.report_handling import (
    MEDIA_TYPES,
    FileForm,
    Wanted,
    check_address,
    choices,
    file_of,
    issue_for,
    issued_for,
    laid_out,
    name_of_file,
    read,
)
from web.signed_in import SeesCredit
from web.state import Db, Now, Running, Service
from web.words_of_reports import PERIOD_PROBLEMS

router = APIRouter(include_in_schema=False)

PAGE_SIZE: Final = 50
#: More rows than a browser lays out at once; all of them are in the files.
MOST_ROWS: Final = 500
_MAX_ID: Final = 2**63 - 1
_SEE_OTHER: Final = 303
_UNPROCESSABLE: Final = 422

_CANNOT_BE_TAKEN: Final = mark("This value cannot be taken. Correct it and send it again.")
_PROBLEMS: Final = {
    **PERIOD_PROBLEMS,
    "no_market_chosen": mark("Choose one of the markets."),
    "no_vendor_number": mark("Fill in the number of the vendor."),
    "no_such_vendor": mark("There is no vendor {value} in this market."),
}

_Text = Annotated[str, Query(max_length=64)]
_Typed = Annotated[str, Form(max_length=200)]


@router.get("/reports")
def report_list(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: SeesCredit,
    market: _Text = "",
    vendor: _Text = "",
    before: Annotated[int | None, Query(ge=1, le=_MAX_ID)] = None,
) -> HTMLResponse:
    """The form for a report, about a vendor where the address names one, and those that were issued."""
    about = AboutWhom.VENDOR if vendor or viewer.scope is not None else AboutWhom.MARKET
    wanted = Wanted(about=about, market=market, vendor=vendor)
    return _list(request, running, conn, viewer, wanted, now=now, before=before)


@router.post("/reports")
def issue_report(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: SeesCredit,
    about: Annotated[AboutWhom, Form()] = AboutWhom.VENDOR,
    market: _Typed = "",
    vendor: _Typed = "",
    period: _Typed = Preset.THIS_CYCLE.value,
    first: _Typed = "",
    last: _Typed = "",
    variant: Annotated[Variant, Form()] = Variant.INNER,
) -> Response:
    """Issue a report; refused, everything that was typed stays in the form."""
    wanted = Wanted(about=about, market=market, vendor=vendor, period=period, first=first, last=last, variant=variant)
    try:
        issued = issue_for(conn, running, viewer, wanted, now)
    except FieldRefused as refused:
        return _list(request, running, conn, viewer, wanted, now=now, refused=refused)
    return RedirectResponse(f"/reports/{issued.report_id}", _SEE_OTHER)


@router.get("/reports/{report_id}")
def read_issued(
    request: Request, running: Running, conn: Db, now: Now, viewer: SeesCredit, report_id: int
) -> HTMLResponse:
    """A report as it was issued, and whether anything has changed since."""
    issued = issued_for(conn, viewer, report_id)
    report, _content = read(conn, issued)
    address = check_address(request, running, issued.code)
    return running.renderer.page(
        request,
        "report.html",
        viewer=viewer,
        issued=issued,
        report=report,
        sheet=laid_out(report, issued, language_of(request.cookies.get(LANGUAGE_COOKIE)), address),
        since=changed_since(conn, issued, running.config.reports_basis, now),
        code=shown(issued.code),
        text_of=text_of,
        forms=list(FileForm),
        most_rows=MOST_ROWS,
    )


@router.get("/reports/{report_id}/qr.svg")
def qr_of_report(request: Request, running: Running, conn: Db, viewer: SeesCredit, report_id: int) -> Response:
    """The QR code that opens the check of a report."""
    issued = issued_for(conn, viewer, report_id)
    return Response(qr_svg(check_address(request, running, issued.code)), media_type="image/svg+xml")


@router.get("/reports/{report_id}/file/{form}")
def report_file(
    request: Request, running: Running, conn: Db, now: Now, viewer: SeesCredit, report_id: int, form: FileForm
) -> Response:
    """A report as a file, in the language of the pages."""
    issued = issued_for(conn, viewer, report_id)
    language = language_of(request.cookies.get(LANGUAGE_COOKIE))
    address = check_address(request, running, issued.code)
    content = file_of(conn, issued, form.value, language, address=address, now=now)
    headers = {"Content-Disposition": f'attachment; filename="{name_of_file(issued, form.value, language)}"'}
    return Response(content, media_type=MEDIA_TYPES[form.value], headers=headers)


def _list(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    wanted: Wanted,
    *,
    now: Now,
    before: int | None = None,
    refused: FieldRefused | None = None,
) -> HTMLResponse:
    market = MarketId(wanted.market) if wanted.market and refused is None else None
    found = stored.listed(conn, viewer.narrow(market), limit=PAGE_SIZE + 1, before=before)
    abouts = [one for one in AboutWhom if one is not AboutWhom.CITY or viewer.may(Permission.REPORT_ON_CITY)]
    return running.renderer.page(
        request,
        "reports.html",
        viewer=viewer,
        status=200 if refused is None else _UNPROCESSABLE,
        wanted=wanted,
        refused=refused,
        abouts=abouts,
        presets=list(Preset),
        variants=list(Variant),
        markets=choices(conn, viewer),
        reports=found[:PAGE_SIZE],
        older=found[PAGE_SIZE - 1].report_id if len(found) > PAGE_SIZE else None,
        before=before,
        shown_code=shown,
        problem=None if refused is None else _PROBLEMS.get(refused.problem, _CANNOT_BE_TAKEN),
        rules=rules_now(conn, running.config.credit_rules, now),
    )
