"""A licence or an approval as the office that gave it tells of it, and the check after it (批后核查)."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum

from domain.ids import MarketId, VendorId


class ApprovalKind(StrEnum):
    """What was given."""

    LICENCE = "licence"  # 营业执照
    PERMIT = "permit"  # 许可
    FILING = "filing"  # 备案
    COMMITMENT = "commitment"  # 告知承诺: given on a promise, and so checked sooner


class ApprovalAct(StrEnum):
    """What the office did with it, as of this version."""

    NEW = "new"
    CHANGED = "changed"
    RENEWED = "renewed"
    CANCELLED = "cancelled"


class CheckState(StrEnum):
    """Where the check after an approval stands."""

    OPEN = "open"
    TAKEN_UP = "taken_up"
    CHECKED = "checked"
    EXPORTED = "exported"
    WITHDRAWN = "withdrawn"


class CheckAction(StrEnum):
    """A step with a check. From `OPENED` on, the last ones are not of its life: they stand in its trail."""

    TAKE_UP = "take_up"
    HAND_BACK = "hand_back"
    CHECK = "check"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"
    EXPORT = "export"
    OPENED = "opened"
    MOVED_ON = "moved_on"
    ASSIGN = "assign"
    COMMENT = "comment"
    INSPECT = "inspect"


class CheckResult(StrEnum):
    """What was found on the spot."""

    CONFORMS = "conforms"
    DEVIATES = "deviates"
    NOT_FOUND = "not_found"
    NOT_APPLICABLE = "not_applicable"


class Feed(StrEnum):
    """How an approval came in."""

    FILE = "file"
    API = "api"
    COMMAND = "command"


class MatchedHow(StrEnum):
    """By what a vendor of the register is known to be the subject of an approval."""

    CREDIT_CODE = "credit_code"
    LICENCE_NO = "licence_no"
    PERSON = "person"


@dataclass(frozen=True, kw_only=True, slots=True)
class Approval:
    """What one version says. `number` is unique within `authority`; codes are tidy; empty or None: not told.

    The approval holds from its first to its last day (None: open).
    """

    authority: str
    number: str
    kind: ApprovalKind
    act: ApprovalAct
    subject_name: str
    credit_code: str = ""
    licence_no: str = ""
    issued_on: date
    valid_from: date | None = None
    valid_until: date | None = None
    scope: str = ""

    def texts(self) -> dict[str, str]:
        """Return its fields as texts, days as 2026-11-27, what is not told empty."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: "" if value is None else str(value) for name, value in values.items()}


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """A record as it was handed in: `changed_at` is when the office changed it last, None where it does not say."""

    approval: Approval
    changed_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ApprovalVersion:
    """A version as it was kept. `is_late`: it came after a newer one and never was the one that holds."""

    version: int
    approval: Approval
    changed_at: datetime | None
    changes: dict[str, tuple[str, str]]
    is_late: bool
    feed: Feed
    receipt_id: int | None
    received_at: datetime
    received_by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """The check after an approval: of which version, by when, who does it, and what came of it."""

    check_id: int
    approval_id: int
    version: int
    state: CheckState
    opened_at: datetime
    due_on: date
    assigned_to: str | None
    result: CheckResult | None
    note: str
    checked_by: str | None
    checked_at: datetime | None
    export_no: int | None
    inspection_id: int | None
    policy_version: str

    def is_overdue(self, today: date) -> bool:
        """Say whether it should have been done before today."""
        return self.state in (CheckState.OPEN, CheckState.TAKEN_UP) and today > self.due_on


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckStep:
    """One line of a check's trail. `origin`: from where, an address or ''."""

    at: datetime
    actor: str
    action: CheckAction
    from_state: CheckState
    to_state: CheckState
    result: CheckResult | None = None
    note: str = ""
    origin: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """A vendor of the register whom an approval is about."""

    market_id: MarketId
    market_name: str
    vendor_id: VendorId
    vendor_name: str
    how: MatchedHow
    because: str
    by: str
    at: datetime
