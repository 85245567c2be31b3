"""How long a vendor's report takes as PDF, and the city's over all its vendors: from asking to a file to keep."""

import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from psycopg import Connection

from credit.reports.as_pdf import Paper, as_pdf
from credit.reports.as_table import as_csv, as_xlsx
from credit.reports.asking import Asked, Basis
from credit.reports.issuing import content_of, issue
from credit.reports.kinds import Variant
from credit.reports.layout import Sheet
from credit.reports.periods import Preset, preset
from credit.reports.sections import sheet_of
from credit.reports.shape import read_report
from credit.reports.shape_of_parts import Period
from credit.rules.versions import CALENDAR
from db import bench, bench_offices
from db.bench_offices import OfficesSize
from db.credit_reports import IssuedReport
from db.pool import connect
from domain.ids import MarketId, VendorId
from steelyard.bench.report import machine
from steelyard.bench.stand import BrokerKind, fresh_database, stand
from web.i18n import Language, translations
from web.words import message_of

_MS: Final = 1000
_ADDRESS: Final = "https://console.example/verify/000000000000"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportsPlan:
    """What is stored, and how often a vendor's report is made."""

    alerts: int = 200_000
    vendors: int = 10_000
    markets: int = 20
    repeats: int = 20


def measure_credit_reports(
    plan: ReportsPlan, basis: Basis, server: str | None, stop: threading.Event
) -> dict[str, Any]:
    """Fill a database as years of work do, and make reports of it."""
    now = datetime.now(UTC)
    size = OfficesSize(alerts=plan.alerts, vendors=plan.vendors, markets=plan.markets, now=now)
    with stand(server, BrokerKind.EMBEDDED, stop) as at, fresh_database(at, 1) as url:
        with connect(url) as conn:
            bench_offices.fill(conn, size)
        with connect(url) as conn:
            conn.autocommit = True
            bench.settle(conn)
            conn.autocommit = False
            market_id, vendor_id = bench_offices.a_vendor(size)
            return {
                "alerts": plan.alerts,
                "vendors": plan.vendors,
                "pdf_ms": measure_pdf_ms(conn, basis, market_id, vendor_id, repeats=plan.repeats, now=now),
                "city_s": measure_city_report_seconds(conn, basis, now=now),
                "machine": machine(at),
            }


def measure_pdf_ms(
    conn: Connection, basis: Basis, market_id: MarketId, vendor_id: VendorId, *, repeats: int, now: datetime
) -> dict[str, float]:
    """Return how many ms a vendor's report takes from asking to its PDF: issued anew each time. Median and worst."""
    took = []
    for _ in range(repeats):
        began = time.perf_counter()
        asked = Asked(period=_cycle(basis, now), variant=Variant.INNER, market_id=market_id, vendor_id=vendor_id)
        issued, sheet = _issued(conn, asked, basis, now)
        as_pdf(sheet, Paper("bench", issued.issued_at))
        took.append((time.perf_counter() - began) * _MS)
    return {"median": round(statistics.median(took), 1), "worst": round(max(took), 1)}


def measure_city_report_seconds(conn: Connection, basis: Basis, *, now: datetime) -> dict[str, float]:
    """Return how many seconds the city's report takes: to be issued, and then each form of it."""
    found: dict[str, float] = {}

    def timed(name: str, made: Callable[[], object]) -> None:
        began = time.perf_counter()
        made()
        found[name] = round(time.perf_counter() - began, 2)

    asked = Asked(period=_cycle(basis, now), variant=Variant.INNER)
    began = time.perf_counter()
    issued, sheet = _issued(conn, asked, basis, now)
    found["issued"] = round(time.perf_counter() - began, 2)
    timed("pdf", lambda: as_pdf(sheet, Paper("bench", issued.issued_at)))
    timed("xlsx", lambda: as_xlsx(sheet))
    timed("csv", lambda: as_csv(sheet))
    timed("read_again", lambda: read_report(content_of(conn, issued)))
    return found


def _cycle(basis: Basis, now: datetime) -> Period:
    today: date = now.astimezone(CALENDAR).date()
    return preset(Preset.THIS_CYCLE, today, basis.shipped)


def _issued(conn: Connection, asked: Asked, basis: Basis, now: datetime) -> tuple[IssuedReport, Sheet]:
    conn.commit()
    issued, report = issue(conn, asked, basis, by="bench", now=now)
    said = translations(Language.ZH).gettext
    sheet = sheet_of(report, "zh", lambda value: said(message_of(value)), digest=issued.digest.hex(), address=_ADDRESS)
    return issued, sheet
