"""Inspections: who may inspect, plans and their draws, visits and their steps."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from domain.ids import MarketId, VendorId
from domain.supervision_item import RiskClass


class PlanState(StrEnum):
    """Where a plan is: planned, its lists frozen and their hash published, drawn, or given up in the sight of all."""

    PLANNED = "planned"
    FROZEN = "frozen"
    DRAWN = "drawn"
    ABANDONED = "abandoned"


class VisitState(StrEnum):
    """Where a visit is in its life."""

    DRAWN = "drawn"
    NOTIFIED = "notified"
    VISITING = "visiting"
    PASSED = "passed"
    RECTIFICATION = "rectification"
    RECTIFIED = "rectified"
    CLOSED = "closed"
    ESCALATED = "escalated"
    CANCELLED = "cancelled"
    COMBINED = "combined"


class VisitAction(StrEnum):
    """A step in the life of a visit; `OPEN` and `COMBINE` follow from what a person did elsewhere.

    `SEND` and `RECUSE` change who goes, and no state; `REVISIT` notes that a revisit was planned. `FOLLOW`: the
    revisit found that it was not put right, and goes on with it.
    """

    OPEN = "open"
    NOTIFY = "notify"
    BEGIN = "begin"
    PASS = "pass"  # noqa: S105 - a step, no password
    ORDER = "order"
    REPORT = "report"
    ACCEPT = "accept"
    EXTEND = "extend"
    ESCALATE = "escalate"
    CLOSE = "close"
    CANCEL = "cancel"
    COMBINE = "combine"
    SEND = "send"
    RECUSE = "recuse"
    REVISIT = "revisit"
    FOLLOW = "follow"


@dataclass(frozen=True, kw_only=True, slots=True)
class InspectorRecord:
    """A person who may inspect: by account, badge, department and qualifications. Retired: sent nowhere any more."""

    user_id: int
    username: str
    display_name: str
    badge_no: str
    department: str
    qualifications: list[str]
    added_by: str
    added_at: datetime
    retired_by: str | None
    retired_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Conflict:
    """Whom an inspector does not visit (no vendor: the whole market), and why; it holds until it is ended."""

    conflict_id: int
    user_id: int
    display_name: str
    market_id: MarketId
    vendor_id: VendorId | None
    vendor_name: str | None
    reason: str
    declared_by: str
    declared_at: datetime
    ended_by: str | None
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RiskRecord:
    """A class that a regulator set for a subject: it stands for the month in which it was set (its first day).

    After that month it holds only where nothing was computed since. `computed`: what was computed for the same month.
    """

    market_id: MarketId
    vendor_id: VendorId
    vendor_name: str
    risk_class: RiskClass
    reason: str
    set_by: str
    set_at: datetime
    for_month: date
    computed: RiskClass | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """A plan of random inspections. `frozen_sha256` and what follows is None until that step; days of the markets."""

    plan_id: int
    title: str
    department: str
    catalogue_id: int
    items: list[str]
    market_ids: list[MarketId]
    first_day: date
    last_day: date
    visits: int
    most: int
    planned_by: str
    planned_at: datetime
    state: PlanState
    frozen_sha256: str | None
    frozen_by: str | None
    frozen_at: datetime | None
    secret: str | None
    public_source: str | None
    public_from: datetime | None
    public_value: str | None
    seed: str | None
    drawn_by: str | None
    drawn_at: datetime | None
    abandoned_by: str | None
    abandoned_at: datetime | None
    abandoned_because: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """A visit to a subject within a window of days. `inspectors` are display names, `departments` of its tasks.

    `due_on`: by when something about it has to have happened: the day it is planned for, else the last one of its
    window; where something is to be put right, the day until when; where that was reported, the day to look again.
    `revisit_of`: the visits at whose orders it looks again.
    """

    inspection_id: int
    market_id: MarketId
    market_name: str
    vendor_id: VendorId
    vendor_name: str
    stalls: str
    first_day: date
    last_day: date
    planned_on: date | None
    state: VisitState
    rectify_by: date | None
    revisit_by: date | None
    combined_into: int | None
    opened_at: datetime
    updated_at: datetime
    inspectors: list[str]
    inspector_ids: list[int]
    departments: list[str]
    timezone: str
    due_on: date
    revisit_of: list[int] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """What one department wants of a visit: items of a version, because of a plan, an alert, a check or a visit."""

    task_id: int
    inspection_id: int
    made_for: int
    plan_id: int | None
    alert_id: int | None
    approval_check_id: int | None
    revisit_of: int | None
    department: str
    catalogue_id: int
    items: list[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitEvent:
    """One step of a visit's life: who did what, when and why."""

    at: datetime
    actor: str
    action: VisitAction
    from_state: VisitState
    to_state: VisitState
    note: str


class AnswerOutcome(StrEnum):
    """What became of an answer that a phone sent."""

    KEPT = "kept"
    ALREADY = "already"
    CONFLICT = "conflict"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What an inspector found. `answered_at` is by the phone's clock.

    `conflicts_with`: the answer it stands beside, since its phone had not seen that one; the other one stands.
    """

    answer_id: UUID
    inspection_id: int
    item_code: str
    question_code: str
    value: str
    note: str
    answered_by: str
    answered_at: datetime
    received_at: datetime
    conflicts_with: UUID | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Feedback:
    """What a subject says about a visit: stars (1 to 5; None: none given) and words."""

    inspection_id: int
    stars: int | None
    words: str
    given_at: datetime
