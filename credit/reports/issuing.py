"""Issuing a report: made in one snapshot, kept for good with its digest. Issued anew, it is a new report."""

import zlib
from collections.abc import Callable
from datetime import datetime
from typing import Final

from psycopg import Connection

from credit.reports.asking import Asked, Basis, making
from credit.reports.codes import new_code
from credit.reports.making import make
from credit.reports.shape import Report, canonical, digest_of, read_report
from db import credit_reports as stored
from db import report_figures
from db.credit_reports import IssuedReport, NewReport
from db.snapshot import snapshot
from domain.errors import NotFound

_LEVEL: Final = 6


def issue(
    conn: Connection,
    asked: Asked,
    basis: Basis,
    *,
    by: str,
    now: datetime,
    code: Callable[[], str] = new_code,
) -> tuple[IssuedReport, Report]:
    """Make a report as known now and keep it, in transactions of its own; return it as it was issued.

    Whoever calls is in no transaction. Raise NotFound where there is nobody it is about.
    """
    with snapshot(conn):
        report = make(conn, asked, basis, code=code(), known_at=now)
        its = making(conn, asked, basis, code=report.code, known_at=now)
        marks = report_figures.marks(conn, its.scope, its.looks_back_to, asked.period.last)
    content = canonical(report)
    new = NewReport(
        code=report.code,
        kind=asked.kind,
        variant=asked.variant,
        market_id=asked.market_id,
        vendor_id=asked.vendor_id,
        first_day=asked.period.first,
        last_day=asked.period.last,
        looks_back_to=its.looks_back_to,
        rules_version=report.rules.version,
        digest=bytes.fromhex(digest_of(content)),
        public_mark=marks.public_mark,
        inner_mark=marks.inner_mark,
        issued_at=now,
        issued_by=by,
    )
    with conn.transaction():
        report_id = stored.keep(conn, new, zlib.compress(content, _LEVEL))
        issued = stored.by_id(conn, report_id)
    if issued is None:
        raise LookupError(f"report {report_id} was kept and is not there")
    return issued, report


def content_of(conn: Connection, issued: IssuedReport) -> bytes:
    """Return the canonical JSON of a report as it was issued.

    Raise LookupError where its digest is another: the database was altered from outside.
    """
    kept = stored.content(conn, issued.report_id)
    if kept is None:
        raise NotFound(f"there is no report {issued.report_id}")
    content = zlib.decompress(kept)
    if digest_of(content) != issued.digest.hex():
        raise LookupError(f"report {issued.report_id} is not what was issued: its digest is another")
    return content


def report_of(conn: Connection, issued: IssuedReport) -> Report:
    """Return a report as it was issued."""
    return read_report(content_of(conn, issued))
