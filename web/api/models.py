"""What the API says. Money is whole fen and prices whole fen per unit, named so; times are RFC 3339."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from domain.alert import AlertAction, AlertKind, AlertState, DismissReason, Severity
from domain.price_cap import CapStatus, CapUnit


class Model(BaseModel):
    """Built from domain values of the same field names."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class SignInRequest(Model):
    """Name and password."""

    username: str
    password: str


class SessionToken(Model):
    """Send it as `Authorization: Bearer <token>`."""

    token: str
    expires_at: datetime


class AlertSummary(Model):
    """A lead. Excess, cap and price are fen per `cap_unit`; overcharge is money of all occurrences together."""

    alert_id: int
    market_id: str
    market_name: str
    timezone: str
    kind: AlertKind
    state: AlertState
    severity: Severity | None
    vendor_id: str | None
    vendor_name: str
    stall_id: str | None
    scale_id: str
    species_code: str
    species_name: str
    species_name_en: str
    business_day: date
    occurrences: int
    first_at: datetime
    last_at: datetime
    cap_unit: CapUnit
    worst_cap_fen: int | None
    worst_price_fen: int | None
    worst_excess_fen: int
    worst_excess_permille: int
    overcharge_fen: int
    opened_at: datetime
    updated_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    dismiss_reason: DismissReason | None
    actions: list[AlertAction]


class AlertWeighing(Model):
    """One occurrence. `cap_fen` and `excess_fen` are per `cap_unit`, `unit_price_fen` per `price_unit`."""

    scale_id: str
    journal_id: str
    seq: int
    weighed_at: datetime
    received_at: datetime
    stall_id: str | None
    species_code: str
    grade: str
    name: str
    net_g: int
    pieces: int | None
    unit_price_fen: int
    price_unit: str
    unit_price_fen_per_kg: int | None
    amount_fen: int
    paid_fen: int
    verdict: str
    paid_verdict: str
    cap_list_id: int | None
    cap_unit: str | None
    cap_fen: int | None
    excess_fen: int
    overcharge_fen: int


class AlertStep(Model):
    """One step of the audit trail."""

    at: datetime
    actor: str
    action: AlertAction
    from_state: AlertState
    to_state: AlertState
    reason: str
    note: str


class CapListSummary(Model):
    """A published list; `is_historic` where it says so of itself."""

    cap_list_id: int
    authority: str
    document_no: str
    legal_basis: str
    source: str
    effective_from: datetime
    effective_to: datetime | None
    is_historic: bool


class AlertDetail(AlertSummary):
    """A lead with its weighings (the newest 200), the lists that judged them, and what was done about it."""

    note: str
    weighings: list[AlertWeighing]
    cap_lists: list[CapListSummary]
    steps: list[AlertStep]


class AlertPage(Model):
    """A part of the list, and how long it is altogether."""

    total: int
    limit: int
    offset: int
    alerts: list[AlertSummary]


class NoteRequest(Model):
    """Words for the audit trail."""

    note: str = ""


class DismissRequest(NoteRequest):
    """A dismissal says why."""

    reason: DismissReason | None = None


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


class LedgerEntry(Model):
    """A fact that moved the score, or would have in another cycle."""

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
    counts_in_cycle: bool


class VendorCredit(VendorStanding):
    """The credit report. The rules are a reference example, not a published text."""

    day: date
    base: int
    rules_version: str
    ledger: list[LedgerEntry]
    alerts_by_state: dict[AlertState, int]
    overcharge_confirmed_fen: int


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


class HeldMessage(Model):
    """A message that could not be accepted; `payload_text` is its beginning."""

    quarantine_id: int
    topic: str
    market_id: str | None
    scale_id: str | None
    journal_id: str | None
    seq: int | None
    reason: str
    explanation: str
    received_at: datetime
    last_received_at: datetime
    times_received: int
    payload_bytes: int
    payload_text: str


class Problem(Model):
    """What went wrong, and a stable word for it."""

    detail: str
    type: str
