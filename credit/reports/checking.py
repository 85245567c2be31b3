"""Whether something is the report of a code (its digest, a file of it), and whether what it rests on has changed."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from psycopg import Connection

from credit.reports.asking import Basis, scope_of
from credit.reports.shape import digest_of
from db import credit_reports as stored
from db import report_figures
from db.credit_reports import HandedOut, IssuedReport

_DIGEST: Final = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_TYPED: Final = re.compile(r"[0-9a-f]{64}")


class Match(StrEnum):
    """What a file or a digest is to a report."""

    CONTENT = "content"  # the report's content itself, or its digest
    FILE = "file"  # a file that was handed out, byte by byte
    NAMES_IT = "names_it"  # a file that names the report's digest, and is none that was handed out
    OTHER = "other"
    NO_DIGEST = "no_digest"  # what was typed is no digest


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """What a comparison came to. `sha256`: of what was compared; `handed_out`: the file, where it is one."""

    match: Match
    sha256: str
    handed_out: HandedOut | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Since:
    """Whether what a report rests on has changed since: what everybody may know of it, and anything at all."""

    final_changed: bool
    anything_changed: bool


def check_file(conn: Connection, issued: IssuedReport, content: bytes) -> Checked:
    """Compare a file with what was issued."""
    digest = digest_of(content)
    checked = check_digest(conn, issued, digest)
    if checked.match is Match.OTHER and issued.digest.hex().encode() in _DIGEST.findall(content):
        return Checked(match=Match.NAMES_IT, sha256=digest)
    return checked


def check_digest(conn: Connection, issued: IssuedReport, typed: str) -> Checked:
    """Compare a SHA-256, as somebody typed or copied it, with those of the report."""
    digest = "".join(typed.split()).lower()
    if not _TYPED.fullmatch(digest):
        return Checked(match=Match.NO_DIGEST, sha256=digest)
    if digest == issued.digest.hex():
        return Checked(match=Match.CONTENT, sha256=digest)
    found = stored.file(conn, issued.report_id, bytes.fromhex(digest))
    return Checked(match=Match.OTHER if found is None else Match.FILE, sha256=digest, handed_out=found)


def changed_since(conn: Connection, issued: IssuedReport, basis: Basis, now: datetime) -> Since:
    """Say whether decisions about the days of a report have been taken, undone or become final since it was issued.

    Of the first nothing that is pending can be told: it compares what is final now with what was final then.
    """
    scope = scope_of(issued.market_id, issued.vendor_id, basis.supervision, now, ZoneInfo(issued.timezone))
    marks = report_figures.marks(conn, scope, issued.looks_back_to, issued.last_day)
    return Since(
        final_changed=marks.public_mark != issued.public_mark,
        anything_changed=marks.inner_mark != issued.inner_mark,
    )
