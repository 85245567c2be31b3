"""What a vendor's report has, and the lines of one about many, frozen. Pure."""

from datetime import date, datetime

from credit.reports.kinds import Finality, LineStanding
from credit.reports.shape_of_parts import AlertCount, Figures, Part


class Identity(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who a vendor is by law, in an inner report; what is personal is masked (个人信息保护法, article 6)."""

    kind: str
    licence_no: str
    legal_representative: str
    licence_from: date | None
    licence_until: date | None


class ScorePart(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A vendor's score at the report's day and its working: `base` and the points of the lines that count.

    `score_final`: the score from final decisions alone; in a public report it is the score. `median_of_market`: half of
    the market's vendors have no more. `score_before` None, `tier_before` '': of a tier that is not told in public.
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
    score_before: int | None
    tier_before: str
    median_of_market: int
    vendors_of_market: int


class Line(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
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


class PromiseLine(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A promise that ran in the period, and what it stands for."""

    promise_id: int
    alert_id: int
    kind: str
    state: str
    made_on: date | None
    until: date | None
    waived_points: int


class VendorLine(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A vendor in the report of a market or the city."""

    market_id: str
    vendor_id: str
    name: str
    stalls: str
    score: int
    tier: str
    score_before: int | None
    tier_before: str
    vetoes: int
    figures: Figures
    alerts: tuple[AlertCount, ...]


class MarketLine(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A market in the report of the city. `vendors_by_tier`: in the order of the tiers."""

    market_id: str
    name: str
    vendors: int
    median: int
    median_before: int
    vendors_by_tier: tuple[int, ...]
    figures: Figures
