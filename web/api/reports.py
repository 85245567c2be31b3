"""Credit reports: issued, listed, and taken away as files."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field

from credit.reports.checking import changed_since
from credit.reports.kinds import AboutWhom, Variant
from db import credit_reports as stored
from db.credit_reports import IssuedReport
from domain.ids import MarketId
from web.api.models import Body, Model
from web.i18n import Language
from web.report_handling import (
    MEDIA_TYPES,
    FileForm,
    Wanted,
    check_address,
    file_of,
    issue_for,
    issued_for,
    name_of_file,
)
from web.signed_in import SeesCredit
from web.state import Db, Now, Running

router = APIRouter(prefix="/reports", tags=["reports"])

_MAX_ID = 2**63 - 1
_Id = Annotated[int, Path(ge=1, le=_MAX_ID)]


class NewReport(Body):
    """A report that is asked for. `market_id` is left out for the city, `vendor_id` for a market.

    `period` is a usual one (this_cycle, last_month, last_quarter); without it `first` and `last` are the days.
    """

    about: AboutWhom
    market_id: Annotated[str, Field(max_length=64)] = ""
    vendor_id: Annotated[str, Field(max_length=200)] = ""
    period: Annotated[str, Field(max_length=32)] = ""
    first: Annotated[str, Field(max_length=32)] = ""
    last: Annotated[str, Field(max_length=32)] = ""
    variant: Variant = Variant.INNER


class ReportSeen(Model):
    """A report that was issued. `sha256`: of its canonical JSON; `code`: what it is verified by."""

    report_id: int
    code: str
    about: AboutWhom
    variant: Variant
    market_id: str | None
    vendor_id: str | None
    first: date
    last: date
    rules_version: str
    sha256: str
    issued_at: datetime
    issued_by: str
    verify_at: str


class ReportSince(ReportSeen):
    """With whether anything about its days has changed since, and whether that is final."""

    final_changed: bool
    anything_changed: bool


class ReportPage(Model):
    """The newest first; `next_before`: what to ask for the next page with, None on the last."""

    reports: list[ReportSeen]
    next_before: int | None


@router.get("")
def list_reports(
    request: Request,
    running: Running,
    conn: Db,
    viewer: SeesCredit,
    market: Annotated[str | None, Query(max_length=64)] = None,
    before: Annotated[int | None, Query(ge=1, le=_MAX_ID)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> ReportPage:
    """Reports of the markets that you see."""
    scope = viewer.narrow(None if market is None else MarketId(market))
    found = stored.listed(conn, scope, limit=limit + 1, before=before)
    return ReportPage(
        reports=[_seen(one, check_address(request, running, one.code)) for one in found[:limit]],
        next_before=found[limit - 1].report_id if len(found) > limit else None,
    )


@router.post("", status_code=201)
def issue_report(
    request: Request, running: Running, conn: Db, now: Now, viewer: SeesCredit, new: NewReport
) -> ReportSeen:
    """Issue a report; it is kept as it is, and issued anew it is a new one."""
    wanted = Wanted(
        about=new.about,
        market=new.market_id,
        vendor=new.vendor_id,
        period=new.period,
        first=new.first,
        last=new.last,
        variant=new.variant,
    )
    issued = issue_for(conn, running, viewer, wanted, now)
    return _seen(issued, check_address(request, running, issued.code))


@router.get("/{report_id}")
def read_report(
    request: Request, running: Running, conn: Db, now: Now, viewer: SeesCredit, report_id: _Id
) -> ReportSince:
    """A report that was issued, and whether anything has changed since. Its content is the JSON file."""
    issued = issued_for(conn, viewer, report_id)
    since = changed_since(conn, issued, running.config.reports_basis, now)
    seen = _seen(issued, check_address(request, running, issued.code))
    return ReportSince(**seen.model_dump(), final_changed=since.final_changed, anything_changed=since.anything_changed)


@router.get("/{report_id}/file/{form}", response_class=Response)
def report_file(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: SeesCredit,
    report_id: _Id,
    form: FileForm,
    language: Language = Language.ZH,
) -> Response:
    """A report as PDF, XLSX, CSV or canonical JSON."""
    issued = issued_for(conn, viewer, report_id)
    address = check_address(request, running, issued.code)
    content = file_of(conn, issued, form.value, language, address=address, now=now)
    headers = {"Content-Disposition": f'attachment; filename="{name_of_file(issued, form.value, language)}"'}
    return Response(content, media_type=MEDIA_TYPES[form.value], headers=headers)


def _seen(one: IssuedReport, verify_at: str) -> ReportSeen:
    return ReportSeen(
        report_id=one.report_id,
        code=one.code,
        about=AboutWhom(one.kind),
        variant=Variant(one.variant),
        market_id=one.market_id,
        vendor_id=one.vendor_id,
        first=one.first_day,
        last=one.last_day,
        rules_version=one.rules_version,
        sha256=one.digest.hex(),
        issued_at=one.issued_at,
        issued_by=one.issued_by,
        verify_at=verify_at,
    )
