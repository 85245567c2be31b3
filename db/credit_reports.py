"""Credit reports that were issued: kept, listed, never changed; and the files of them that were handed out."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from psycopg import Connection
from psycopg.rows import class_row

from db.queries import load
from domain.ids import MarketId, VendorId

_SQL: Final = load("credit_reports")


@dataclass(frozen=True, kw_only=True, slots=True)
class NewReport:
    """A report as it is kept. `content`: its canonical JSON, compressed; `digest`: SHA-256 of what is compressed."""

    code: str
    kind: str
    variant: str
    market_id: MarketId | None
    vendor_id: VendorId | None
    first_day: date
    last_day: date
    looks_back_to: date
    rules_version: str
    digest: bytes
    public_mark: str
    inner_mark: str
    issued_at: datetime
    issued_by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class IssuedReport(NewReport):
    """A report that was issued, without its content."""

    report_id: int
    market_name: str
    vendor_name: str
    timezone: str


@dataclass(frozen=True, kw_only=True, slots=True)
class HandedOut:
    """A file of a report, and when it was handed out first."""

    form: str
    language: str
    made_at: datetime


def keep(conn: Connection, new: NewReport, content: bytes) -> int:
    """Keep a report for good; return its report_id."""
    values = {name: getattr(new, name) for name in NewReport.__slots__} | {"content": content}
    row = conn.execute(_SQL["keep"], values).fetchone()
    if row is None:
        raise LookupError("INSERT … RETURNING gave no report_id")
    return int(row[0])


def by_id(conn: Connection, report_id: int) -> IssuedReport | None:
    """Return a report that was issued, or None."""
    with conn.cursor(row_factory=class_row(IssuedReport)) as cursor:
        return cursor.execute(_SQL["by_id"], {"report_id": report_id}).fetchone()


def by_code(conn: Connection, code: str) -> IssuedReport | None:
    """Return the report with this code, or None."""
    with conn.cursor(row_factory=class_row(IssuedReport)) as cursor:
        return cursor.execute(_SQL["by_code"], {"code": code}).fetchone()


def content(conn: Connection, report_id: int) -> bytes | None:
    """Return the compressed content of a report, or None."""
    row = conn.execute(_SQL["content"], {"report_id": report_id}).fetchone()
    return None if row is None else bytes(row[0])


def listed(
    conn: Connection, market_id: MarketId | None, *, limit: int, before: int | None = None
) -> list[IssuedReport]:
    """Return reports of a market (None: all), the newest first; `before`: those issued before this one."""
    values = {"market_id": market_id, "limit": limit, "before": before}
    with conn.cursor(row_factory=class_row(IssuedReport)) as cursor:
        return cursor.execute(_SQL["listed"], values).fetchall()


def keep_file(conn: Connection, report_id: int, *, sha256: bytes, form: str, language: str, at: datetime) -> None:
    """Keep by its digest that a file was handed out; the same bytes are kept once."""
    values = {"report_id": report_id, "sha256": sha256, "form": form, "language": language, "made_at": at}
    conn.execute(_SQL["keep_file"], values)


def file(conn: Connection, report_id: int, sha256: bytes) -> HandedOut | None:
    """Return the file of a report with these bytes, or None where none was handed out."""
    with conn.cursor(row_factory=class_row(HandedOut)) as cursor:
        return cursor.execute(_SQL["file"], {"report_id": report_id, "sha256": sha256}).fetchone()
