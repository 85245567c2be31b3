"""What a credit report says, frozen. Every form of it is rendered from this, and its digest is of its canonical JSON.

Money in fen, times in UTC, days by the market's calendar, both ends of a period included. No text is left out for a
form: what a form cannot hold it says so of.
"""

import hashlib
from datetime import date, datetime
from enum import StrEnum
from typing import Final

import msgspec

from domain.errors import BadFile

FORMAT: Final = "steelyard-credit-report/1"


class AboutWhom(StrEnum):
    """Whom a report is about."""

    VENDOR = "vendor"
    MARKET = "market"
    CITY = "city"


class Variant(StrEnum):
    """For whom it is: `public` holds final decisions only; `inner` marks what is pending."""

    PUBLIC = "public"
    INNER = "inner"


class Finality(StrEnum):
    """Whether a decision stands for good."""

    FINAL = "final"
    OPEN = "open"  # its days of appeal are running
    APPEALED = "appealed"


class LineStanding(StrEnum):
    """Whether a line of the ledger is in the score, and what keeps it out."""

    COUNTS = "counts"
    WORSE_COUNTS = "worse_counts"
    UNDONE = "undone"
    UNDOES = "undoes"
    OTHER_CYCLE = "other_cycle"


class PenaltyStanding(StrEnum):
    """What has become of a penalty's document."""

    PUBLISHED = "published"
    TAKEN_OFF = "taken_off"
    REVOKED = "revoked"
    NOT_PUBLISHED = "not_published"


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a report."""


class Period(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From the first day to the last, both included."""

    first: date
    last: date


class Subject(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom it is about, as anybody may know it. `credit_code`: 统一社会信用代码."""

    kind: AboutWhom
    market_id: str = ""
    market_name: str = ""
    vendor_id: str = ""
    name: str = ""
    stalls: str = ""
    credit_code: str = ""


class Identity(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who a vendor is by law, in an inner report; what is personal is masked (个人信息保护法, article 6)."""

    kind: str
    licence_no: str
    legal_representative: str
    licence_from: date | None
    licence_until: date | None


class TierUsed(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A band of scores, and how many vendors are in it at the report's day and at the day it is compared with."""

    name: str
    from_points: int
    zh: str
    en: str
    vendors: int = 0
    vendors_before: int = 0


class RulesUsed(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """By which rules the score is. `version_before`: those in force on the day it is compared with."""

    version: str
    version_before: str
    in_force_from: date
    base: int
    floor: int
    ceiling: int
    cycle: str
    appeal_days: int


class ScorePart(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A vendor's score at the report's day and its working: `base` and the points of the lines that count.

    `score_final`: the score from final decisions alone; in a public report it is the score. `median_of_market`: half of
    the market's vendors have no more.
    """

    score: int
    tier: str
    cycle_from: date
    cycle_last: date
    unclamped: int
    held_back: int
    vetoes: int
    score_final: int
    tier_final: str
    score_before: int
    tier_before: str
    median_of_market: int
    vendors_of_market: int


class Line(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line of the ledger. `evidence` is empty in a public report: it is free text."""

    event_id: int
    occurred_on: date
    recorded_at: datetime
    reason: str
    zh: str
    en: str
    points: int
    standing: LineStanding
    finality: Finality
    rule: str
    rules_version: str
    source: str
    alert_id: int | None
    reverses: int | None
    repairs: int | None
    promise_id: int | None
    factor: int
    is_veto: bool
    evidence: str


class AlertCount(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Alerts of one kind and outcome. `pending`: how many of them are decided, and not for good yet."""

    kind: str
    state: str
    alerts: int
    occurrences: int
    overcharge_fen: int
    pending: int
    pending_fen: int


class Figures(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sums of a period. `confirmed`: breaches that stand, of which `pending` not for good yet; money of those."""

    confirmed: int = 0
    pending: int = 0
    awaiting: int = 0
    cleared: int = 0
    overcharge_fen: int = 0
    pending_fen: int = 0
    penalties: int = 0


class PromiseLine(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A promise that ran in the period, and what it stands for."""

    promise_id: int
    alert_id: int
    kind: str
    state: str
    made_on: date | None
    until: date | None
    waived_points: int


class PenaltyLine(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A penalty that an authority decided in the period, in its document's words. No figure of it was computed here."""

    market_id: str
    vendor_id: str
    vendor_name: str
    document_no: str
    authority: str
    decided_on: date
    kind: str
    decision: str
    basis: str
    amount_fen: int | None
    standing: PenaltyStanding


class AppealLine(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An appeal that awaits its answer: `points` are at stake."""

    alert_id: int
    market_id: str
    vendor_id: str
    vendor_name: str
    kind: str
    business_day: date
    points: int


class VendorLine(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A vendor in the report of a market or the city."""

    market_id: str
    vendor_id: str
    name: str
    stalls: str
    score: int
    tier: str
    score_before: int
    tier_before: str
    vetoes: int
    figures: Figures
    alerts: tuple[AlertCount, ...]


class MarketLine(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A market in the report of the city. `vendors_by_tier`: in the order of the tiers."""

    market_id: str
    name: str
    vendors: int
    median: int
    median_before: int
    vendors_by_tier: tuple[int, ...]
    figures: Figures


class MarketLimits(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is not known of a market: days without a weighing or a list, scales whose verification has ended.

    `scales`: those in use at the report's day. `days_told`: of how many days anything can be told; weighings older than
    the service keeps them are gone.
    """

    market_id: str
    name: str
    days: int
    days_told: int
    days_without_weighings: int
    days_without_list: int
    scales: int
    scales_unverified: int


class Limits(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is not known. For a vendor its own days and scales are told beside its market's."""

    markets: tuple[MarketLimits, ...]
    vendor_days_weighed: int | None = None
    vendor_scales: int | None = None
    vendor_scales_unverified: int | None = None


class Report(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole report. `day`: the day its scores stand at; `known_at`: nothing that became known later is in it."""

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
