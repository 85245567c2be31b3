"""A vendor's portrait (画像): its figures of a span of days beside those of the vendors that sell the same."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.ids import MarketId, ScaleId, VendorId

DAYS_OF_A_WEEK: Final = 7


class Axis(StrEnum):
    """What is compared, in the order of the radar. Units: see `docs/portrait.md`."""

    #: Grams sold for each trading day on which it held a scale. More is further out.
    VOLUME = "volume"
    #: Sales near the cap or above it, of 1000 that had one. Fewer is further out.
    PRICES = "prices"
    #: Days on which its scales were verified, of 1000. More is further out.
    VERIFICATION = "verification"
    #: Trading days on which its scale sold something, of 1000. More is further out.
    SCALE_USE = "scale_use"
    #: Complaints that were upheld, of 10 000 sales. Fewer is further out.
    COMPLAINTS = "complaints"
    #: Rectifications reported by the day they were due, of 1000. More is further out.
    RESPONSE = "response"


class Lack(StrEnum):
    """Why there is no figure, or none that can be compared. It is said, and never drawn as 0."""

    FEW_DAYS = "few_days"
    NO_SALES = "no_sales"
    FEW_SALES = "few_sales"
    FEW_CAPPED = "few_capped"
    NOT_REGISTERED = "not_registered"
    NOTHING_DUE = "nothing_due"
    #: It is not known what it sells, so nobody is its peer.
    NO_GOODS = "no_goods"
    FEW_PEERS = "few_peers"


@dataclass(frozen=True, kw_only=True, slots=True)
class AxisFigure:
    """A vendor on an axis: `part` of `whole` comes to `value`, and is no worse than that of so many peers of 1000.

    `peers`: of how many others of its goods the figure is known. `lack` says why there is no value, or no rank.
    """

    axis: Axis
    part: int
    whole: int
    value: int | None
    rank_permille: int | None
    peers: int
    lack: Lack | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Quartiles:
    """Of so many vendors' figures, the vendor's own among them. No one's figure can be read from them."""

    vendors: int
    lower: int
    median: int
    upper: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ScaleDays:
    """A scale in the span: days it was held and its verification was known, and of those the verified ones."""

    scale_id: ScaleId
    days: int
    verified: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Portrait:
    """A vendor's portrait. `goods`: the category it sold most of by weight, `goods_g` of it; None: not known.

    `over_cap`: of the sales that the axis of prices counts, those above the cap. The numbers of complaints and alerts
    are those that were counted; `undecided_complaints` and `other_complaints` (not upheld, settled) count for nothing.
    """

    market_id: MarketId
    vendor_id: VendorId
    goods: str | None
    goods_g: int
    over_cap: int
    figures: tuple[AxisFigure, ...]
    upheld_complaints: tuple[int, ...]
    undecided_complaints: tuple[int, ...]
    other_complaints: tuple[int, ...]
    in_time_alerts: tuple[int, ...]
    late_alerts: tuple[int, ...]
    scales: tuple[ScaleDays, ...]

    def figure(self, axis: Axis) -> AxisFigure:
        """Return the figure of an axis."""
        return next(one for one in self.figures if one.axis is axis)


@dataclass(frozen=True, kw_only=True, slots=True)
class PortraitsMade:
    """How the portraits of a market were made last: of which days, by what, when.

    `week_at_least`: sales with a cap, below which a week of the trend says nothing about prices.
    """

    since: date
    day: date
    trading_days: int
    vendors: int
    peers_at_least: int
    near_permille: int
    week_at_least: int
    policy_version: str
    made_at: datetime

    @property
    def weeks(self) -> int:
        """How many whole weeks the span has."""
        return ((self.day - self.since) // timedelta(days=1) + 1) // DAYS_OF_A_WEEK


@dataclass(frozen=True, kw_only=True, slots=True)
class VendorDay:
    """What a vendor sold on a day, of all its goods. Grams and fen."""

    day: date
    sales: int
    net_g: int
    paid_fen: int
    capped: int
    near_cap: int
    over_cap: int


@dataclass(frozen=True, kw_only=True, slots=True)
class WeekSums:
    """What a vendor sold in a week of the span; 0 is the oldest. Grams."""

    week: int
    sales: int
    net_g: int
    capped: int
    near_cap: int
    over_cap: int
