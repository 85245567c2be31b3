"""Credit reports for pages and programs: asked for, issued and shown within what a person may see."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from fastapi import Request
from psycopg import Connection

from credit.reports.as_pdf import Paper, as_pdf
from credit.reports.as_table import as_csv, as_xlsx
from credit.reports.asking import Asked
from credit.reports.issuing import content_of, issue
from credit.reports.kinds import AboutWhom, Variant
from credit.reports.layout import Sheet
from credit.reports.periods import Preset, Typed, preset, require_period
from credit.reports.sections import sheet_of
from credit.reports.shape import Report, digest_of, read_report
from credit.reports.shape_of_parts import Period
from credit.rules.book import rules_now
from credit.rules.versions import CALENDAR
from db import credit_reports as stored
from db import registry
from db.credit_reports import IssuedReport
from domain.errors import FieldRefused, NotFound
from domain.ids import MarketId, VendorId
from web.access import Permission, Viewer
from web.i18n import Language, translations
from web.state import Service
from web.words import message_of

ISSUER: Final = "Steelyard 海秤"
#: Each form with what a browser is told it is.
MEDIA_TYPES: Final = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}


class FileForm(StrEnum):
    """A form to take away."""

    PDF = "pdf"
    XLSX = "xlsx"
    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What a person filled in: texts, kept as they are for when something of it is refused."""

    about: AboutWhom = AboutWhom.VENDOR
    market: str = ""
    vendor: str = ""
    period: str = Preset.THIS_CYCLE.value
    first: str = ""
    last: str = ""
    variant: Variant = Variant.INNER


def asked_by(conn: Connection, running: Service, viewer: Viewer, wanted: Wanted, now: datetime) -> Asked:
    """Return which report a person asks for.

    Raise FieldRefused for what cannot be taken, NotFound for a market they do not see, NotAllowed where only a
    regulator may.
    """
    market_id, vendor_id, zone = None, None, CALENDAR
    if wanted.about is AboutWhom.CITY:
        viewer.require(Permission.REPORT_ON_CITY)
    else:
        market_id = viewer.narrow(MarketId(wanted.market.strip()) if wanted.market.strip() else None)
        market = next((one for one in choices(conn, viewer) if one.market_id == market_id), None)
        if market is None:
            raise FieldRefused("market", wanted.market, "one of the markets", problem="no_market_chosen")
        zone = ZoneInfo(market.timezone)
    if wanted.about is AboutWhom.VENDOR:
        if not wanted.vendor.strip():
            raise FieldRefused("vendor", wanted.vendor, "the number of a vendor", problem="no_vendor_number")
        vendor_id = VendorId(wanted.vendor.strip())
    period = _period(conn, running, wanted, now, zone)
    return Asked(period=period, variant=wanted.variant, market_id=market_id, vendor_id=vendor_id)


def _period(conn: Connection, running: Service, wanted: Wanted, now: datetime, zone: ZoneInfo) -> Period:
    today = now.astimezone(zone).date()
    if wanted.period in set(Preset):
        return preset(Preset(wanted.period), today, rules_now(conn, running.config.credit_rules, now))
    return require_period(Typed(first=wanted.first, last=wanted.last), today)


def issue_for(conn: Connection, running: Service, viewer: Viewer, wanted: Wanted, now: datetime) -> IssuedReport:
    """Issue a report that a person asks for; raise as `asked_by` does, and FieldRefused for a vendor that is none."""
    asked = asked_by(conn, running, viewer, wanted, now)
    conn.commit()
    try:
        return issue(conn, asked, running.config.reports_basis, by=viewer.username, now=now)[0]
    except NotFound:
        conn.rollback()
        raise FieldRefused("vendor", wanted.vendor, "a vendor of the market", problem="no_such_vendor") from None


def issued_for(conn: Connection, viewer: Viewer, report_id: int) -> IssuedReport:
    """Return a report that was issued. Raise NotFound where there is none that the person may see."""
    found = stored.by_id(conn, report_id)
    if found is None or not _may_see(viewer, found):
        raise NotFound(f"there is no report {report_id} that you may see")
    return found


def _may_see(viewer: Viewer, report: IssuedReport) -> bool:
    if report.market_id is None:
        return viewer.may(Permission.REPORT_ON_CITY)
    return viewer.sees(report.market_id)


def read(conn: Connection, issued: IssuedReport) -> tuple[Report, bytes]:
    """Return a report and its canonical JSON."""
    content = content_of(conn, issued)
    return read_report(content), content


def laid_out(report: Report, issued: IssuedReport, language: Language, address: str) -> Sheet:
    """Return a report laid out in a language."""
    said = translations(language).gettext
    return sheet_of(
        report,
        language.value,
        lambda value: said(message_of(value)),
        digest=issued.digest.hex(),
        address=address,
        timezone=issued.timezone,
    )


def file_of(
    conn: Connection, issued: IssuedReport, form: str, language: Language, *, address: str, now: datetime
) -> bytes:
    """Return a report as a file, which is known again by its digest from now on."""
    report, content = read(conn, issued)
    if form != "json":
        sheet = laid_out(report, issued, language, address)
        match form:
            case "pdf":
                content = as_pdf(sheet, Paper(ISSUER, issued.issued_at))
            case "xlsx":
                content = as_xlsx(sheet)
            case _:
                content = as_csv(sheet).encode()
    stored.keep_file(
        conn,
        issued.report_id,
        sha256=bytes.fromhex(digest_of(content)),
        form=form,
        language=language.value,
        at=now,
    )
    return content


def check_address(request: Request, running: Service, code: str) -> str:
    """Return the address that a report is verified at."""
    path = request.app.url_path_for("verify_report", code=code)
    base = running.config.public_url or str(request.base_url)
    return f"{base.rstrip('/')}{path}"


def name_of_file(issued: IssuedReport, form: str, language: Language) -> str:
    """Return what a file of a report is called; the JSON is the same in every language."""
    tail = "" if form == "json" else f"-{language.value}"
    return f"credit-report-{issued.code}{tail}.{form}"


def choices(conn: Connection, viewer: Viewer) -> list[registry.Market]:
    """Return the markets that a person may choose from."""
    return [one for one in registry.markets(conn) if viewer.sees(one.market_id)]
