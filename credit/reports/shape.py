"""What a credit report says, frozen. Every form of it is rendered from this, and its digest is of its canonical JSON.

Money in fen, times in UTC, days by the market's calendar, both ends of a period included. No text is left out for a
form: what a form cannot hold it says so of.
"""

import hashlib
from datetime import date, datetime
from typing import Final

import msgspec

from credit.reports.kinds import Variant
from credit.reports.shape_of_lines import Identity, Line, MarketLine, PromiseLine, ScorePart, VendorLine
from credit.reports.shape_of_parts import (
    AlertCount,
    AppealLine,
    Figures,
    Limits,
    Part,
    PenaltyLine,
    Period,
    RulesUsed,
    Subject,
    TierUsed,
)
from domain.errors import BadFile

FORMAT: Final = "steelyard-credit-report/1"


class Report(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole report. `day`: the day its scores stand at; `known_at`: nothing that became known later is in it.

    `withheld`: how many vendors are in a tier that the rules do not tell in public, and so are counted and not named
    in a public report; in that of a vendor 1, and then neither its score nor its lines are told.
    """

    format: str = FORMAT
    code: str
    variant: Variant
    subject: Subject
    period: Period
    before: Period
    known_at: datetime
    rules: RulesUsed
    tiers: tuple[TierUsed, ...]
    figures: Figures
    figures_before: Figures
    alerts: tuple[AlertCount, ...]
    penalties: tuple[PenaltyLine, ...]
    limits: Limits
    identity: Identity | None = None
    score: ScorePart | None = None
    lines: tuple[Line, ...] = ()
    promises: tuple[PromiseLine, ...] = ()
    appeals: tuple[AppealLine, ...] = ()
    markets: tuple[MarketLine, ...] = ()
    vendors: tuple[VendorLine, ...] = ()
    withheld: int = 0
    median: int | None = None
    median_before: int | None = None

    @property
    def day(self) -> date:
        """The day that its scores stand at."""
        return self.period.last

    @property
    def is_public(self) -> bool:
        """Whether anybody may see it."""
        return self.variant is Variant.PUBLIC


def canonical(report: Report) -> bytes:
    """Return the report as JSON in UTF-8, keys in order, without blanks: the same report is the same bytes."""
    return msgspec.json.encode(report, order="sorted")


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def read_report(content: bytes, name: str = "report") -> Report:
    """Return the report of its JSON. Raise BadFile where it is none."""
    try:
        report = msgspec.json.decode(content, type=Report)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadFile(name, (f"is no credit report: {error}",)) from None
    if report.format != FORMAT:
        raise BadFile(name, (f"format is {report.format!r}; expected {FORMAT!r}",))
    return report
