"""What the API says. Money is whole fen and prices whole fen per unit, named so; times are RFC 3339."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from domain.alert import AlertState
from domain.credit import CreditSource
from domain.price_cap import CapStatus, CapUnit
from web.texts import Text


class Model(BaseModel):
    """Built from domain values of the same field names."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class Body(Model):
    """What a program sends. A field that is none is refused: it may be one that was meant and misspelt."""

    model_config = ConfigDict(extra="forbid")


class SignInRequest(Body):
    """Name and password."""

    username: Text
    password: Text


class SessionToken(Model):
    """Send it as `Authorization: Bearer <token>`."""

    token: str
    expires_at: datetime


class CapListSummary(Model):
    """A published list; `is_demonstration`: in force to show the product, not today's law."""

    cap_list_id: int
    authority: str
    document_no: str
    legal_basis: str
    source: str
    effective_from: datetime
    effective_to: datetime | None
    is_demonstration: bool


class TierSummary(Model):
    """A band of scores."""

    name: str
    from_points: int
    zh: str
    en: str


class VendorStanding(Model):
    """A vendor and its score in the running cycle."""

    market_id: str
    vendor_id: str
    vendor_name: str
    stalls: str
    score: int
    tier: TierSummary
    cycle_from: date
    cycle_to: date


class VendorPage(Model):
    """A part of the standings, the lowest score first."""

    total: int
    limit: int
    offset: int
    rules_version: str
    vendors: list[VendorStanding]


class DecisionSeen(Model):
    """Who decided what a line rests on, when, and in which words."""

    actor: str
    at: datetime
    note: str


class ExplanationSeen(Model):
    """Why a line has its points, in both languages; `weighings`: how many its alert counts."""

    zh: str
    en: str
    weighings: int | None
    decision: DecisionSeen


class LedgerEntry(Model):
    """A fact that moved the score, or would have in another cycle. `repairs`: the event of which it gives a part back.

    `evidence`: what proves it where no alert does; while a line with `is_veto` stands, the tier is the last one.
    """

    event_id: int
    occurred_at: datetime
    recorded_at: datetime
    recorded_by: str
    reason: str
    points: int
    rule: str
    rules_version: str
    alert_id: int | None
    reverses: int | None
    promise_id: int | None
    factor: int
    source: CreditSource
    evidence: str
    is_veto: bool
    repairs: int | None
    counts_in_cycle: bool
    explanation: ExplanationSeen | None


class ScoreOn(Model):
    """A score on a day. `counted`: the lines of the ledger that make it; `has_veto`: the tier is the last one."""

    day: date
    known_at: datetime | None
    rules_version: str
    score: int
    tier: TierSummary
    cycle_from: date
    cycle_to: date
    counted: list[int]
    has_veto: bool


class StepUpSeen(Model):
    """What gives so many points from a day on, if nothing is charged until then; `event_id`: what is repaired."""

    kind: str
    day: date
    points: int
    event_id: int | None


class WayUpSeen(Model):
    """The shortest honest way to a tier. `missing`: points that the score lacks; `veto`: none in this cycle."""

    target: TierSummary
    missing: int
    veto: bool
    steps: list[StepUpSeen]


class VendorCredit(VendorStanding):
    """The credit report. The rules are a reference example, not a published text."""

    day: date
    base: int
    rules_version: str
    ledger: list[LedgerEntry]
    alerts_by_state: dict[AlertState, int]
    overcharge_confirmed_fen: int
    way_up: WayUpSeen | None


class CapItem(Model):
    """A line of a list; `cap_fen` per `unit`."""

    species_code: str
    name_zh: str
    name_en: str
    category: str
    grade: str
    status: CapStatus
    unit: CapUnit
    cap_fen: int | None
    published_as: str


class MarketCaps(Model):
    """What binds a market now; `cap_list` null: no list is in force, nothing can be judged."""

    market_id: str
    market_name: str
    timezone: str
    newest_weighing: datetime | None
    cap_list: CapListSummary | None
    items: list[CapItem]


class DeviceEventSeen(Model):
    """Something that happened to a scale. `at` is the agent's clock; `happened_at` the moment that counts."""

    journal_id: str
    event_no: int
    kind: str
    at: datetime
    clock_synced: bool
    happened_at: datetime
    received_at: datetime
    stall_id: str | None
    vendor_id: str | None
    detail: dict[str, str | int]


class Problem(Model):
    """What went wrong, and a stable word for it."""

    detail: str
    type: str
    #: Which field of what was sent is refused, where it is one.
    field: str | None = None
