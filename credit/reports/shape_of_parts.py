"""Parts that every report has, frozen: money in fen, days by the market's calendar. Pure."""

from datetime import date

import msgspec

from credit.reports.kinds import AboutWhom, PenaltyStanding


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a report."""


class Period(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From the first day to the last, both included."""

    first: date
    last: date


class Subject(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom it is about, as anybody may know it. `credit_code`: 统一社会信用代码."""

    kind: AboutWhom
    market_id: str = ""
    market_name: str = ""
    vendor_id: str = ""
    name: str = ""
    stalls: str = ""
    credit_code: str = ""


class TierUsed(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A band of scores, and how many vendors are in it at the report's day and at the day it is compared with."""

    name: str
    from_points: int
    zh: str
    en: str
    vendors: int = 0
    vendors_before: int = 0


class RulesUsed(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """By which rules the score is. `version_before`: those in force on the day it is compared with."""

    version: str
    version_before: str
    in_force_from: date
    base: int
    floor: int
    ceiling: int
    cycle: str
    appeal_days: int


class AlertCount(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Alerts of one kind and outcome. `pending`: how many of them are decided, and not for good yet."""

    kind: str
    state: str
    alerts: int
    occurrences: int
    overcharge_fen: int
    pending: int
    pending_fen: int


class Figures(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sums of a period. `confirmed`: breaches that stand, of which `pending` not for good yet; money of those."""

    confirmed: int = 0
    pending: int = 0
    awaiting: int = 0
    cleared: int = 0
    overcharge_fen: int = 0
    pending_fen: int = 0
    penalties: int = 0


class PenaltyLine(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
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


class AppealLine(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An appeal that awaits its answer: `points` are at stake."""

    alert_id: int
    market_id: str
    vendor_id: str
    vendor_name: str
    kind: str
    business_day: date
    points: int


class MarketLimits(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
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


class Limits(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is not known. For a vendor its own days and scales are told beside its market's."""

    markets: tuple[MarketLimits, ...]
    vendor_days_weighed: int | None = None
    vendor_scales: int | None = None
    vendor_scales_unverified: int | None = None
