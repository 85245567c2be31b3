"""What a regulator's risk class is computed from, what it came to, and warnings that a trend turned."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from domain.alert import AlertKind, Severity
from domain.ids import MarketId, VendorId
from domain.supervision_item import RiskClass


def months_before(month: date, months: int) -> date:
    """Return the first day of the month so many months before one (after it, where that is negative)."""
    index = month.year * 12 + month.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)


class DataBasis(StrEnum):
    """How much is known of a vendor. Nobody may say that somebody of whom there is little or old data is harmless."""

    ENOUGH = "enough"
    LITTLE = "little"
    OLD = "old"
    NONE = "none"


class ClassedBecause(StrEnum):
    """Why a class is what it is: its points, too little data for their class, or the share that a class may have."""

    POINTS = "points"
    DATA = "data"
    SHARE = "share"


class OtherIndicator(StrEnum):
    """The indicators that are no group of confirmed alerts; these have the names that the policy gives them."""

    COMPLAINTS = "complaints"
    PROMISES = "promises"
    NEAR_CAP = "near_cap"
    OVER_CAP = "over_cap"
    VERIFICATION = "verification"
    SILENT = "silent"


class ComplaintWeight(StrEnum):
    """How an answered complaint counts: it was upheld, or settled between the two."""

    UPHELD = "upheld"
    SETTLED = "settled"


@dataclass(frozen=True, kw_only=True, slots=True)
class ConfirmedAlert:
    """An alert that stands. `age`: whole months before the month that is looked at (0: in it)."""

    alert_id: int
    kind: AlertKind
    severity: Severity
    age: int


@dataclass(frozen=True, kw_only=True, slots=True)
class AnsweredComplaint:
    """A complaint about a vendor that was upheld or settled; `age` in months."""

    complaint_id: int
    weight: ComplaintWeight
    age: int


@dataclass(frozen=True, kw_only=True, slots=True)
class BrokenPromise:
    """A promise that was broken; `age` in months."""

    promise_id: int
    age: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Weighed:
    """Counts of a vendor's weighings: all, those judged by a cap, and of these the ones near or over it."""

    weighings: int = 0
    capped: int = 0
    near: int = 0
    over: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Indicators:
    """Everything a vendor is classed by, frozen as it was when the class was computed.

    `weighed`: in the last months that statistics are taken of. `silent_days`: from the last weighing to the end of
    the month; None: there is none in the whole window. `overdue_days`: of the scale whose verification ended longest
    ago; 0: of none.
    """

    vendor_id: VendorId
    confirmed: tuple[ConfirmedAlert, ...] = ()
    complaints: tuple[AnsweredComplaint, ...] = ()
    promises: tuple[BrokenPromise, ...] = ()
    weighed: Weighed = field(default_factory=Weighed)
    silent_days: int | None = None
    overdue_days: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """One thing that counted: its number (of an alert, a complaint, a promise), what it was, and what it weighs.

    `permille`: thousandths of a point, after decay.
    """

    number: int
    what: str
    age: int
    permille: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """What one indicator adds. `uncut`: before the most it may add.

    Counted from facts, or from a measure: thousandths (of `of` weighings) or days.
    """

    indicator: str
    points: int
    uncut: int
    facts: tuple[Fact, ...] = ()
    measured: int | None = None
    of: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Assessed:
    """What a vendor's indicators come to, before the shares that classes may have in its market."""

    vendor_id: VendorId
    points: int
    by_points: RiskClass
    basis: DataBasis
    parts: tuple[Part, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Classed:
    """A vendor's class of a month, and why."""

    assessed: Assessed
    risk_class: RiskClass
    because: ClassedBecause


@dataclass(frozen=True, kw_only=True, slots=True)
class ComputedClass:
    """A computed class as it was stored: from what was seen until the end of `month`, for the month after."""

    market_id: MarketId
    vendor_id: VendorId
    vendor_name: str
    month: date
    for_month: date
    risk_class: RiskClass
    because: ClassedBecause
    by_points: RiskClass
    points: int
    basis: DataBasis
    parts: tuple[Part, ...]
    policy_version: str
    set_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class SetByHand:
    """A class that a regulator set, and why: it stands for the month in which it was set."""

    risk_class: RiskClass
    reason: str
    set_by: str
    set_at: datetime
    for_month: date


@dataclass(frozen=True, kw_only=True, slots=True)
class MonthSeen:
    """A month of a vendor or a market: its weighings, and what is counted.

    Of a vendor these are days on which something was confirmed, of a market its vendors of whom something was.
    """

    month: date
    counted: int
    weighings: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """A trend that turned: what was counted in the last month and before, the p-value, and by what it was judged.

    `vendor_id` None: of the whole market. `dispersion_permille`: how much wider than a Poisson series the months before
    varied; counts are divided by it.
    """

    vendor_id: VendorId | None
    counted: int
    weighings: int
    counted_before: int
    weighings_before: int
    months_before: int
    dispersion_permille: int
    p_value: float


@dataclass(frozen=True, kw_only=True, slots=True)
class RiskWarning:
    """A warning as it was raised: of a vendor, or of the whole market where there is no vendor."""

    warning_id: int
    market_id: MarketId
    month: date
    turn: Turn
    vendor_name: str
    raised_at: datetime
    policy_version: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RiskRun:
    """A month of a market that was computed."""

    market_id: MarketId
    month: date
    computed_at: datetime
    policy_version: str
    vendors: int
    by_class: Mapping[RiskClass, int]
    warnings: int
