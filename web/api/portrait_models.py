"""What the API says of a portrait."""

from datetime import date, datetime

from domain.portrait import Axis, Lack
from web.api.models import Model


class AxisQuartiles(Model):
    """Of the figures of so many vendors of the same goods, this one's among them. No one's own."""

    vendors: int
    lower: int
    median: int
    upper: int


class AxisOfPortrait(Model):
    """A figure: `part` of `whole` comes to `value` (grams a day; of 1000; complaints of 10 000 sales).

    `rank_permille`: of how many in 1000 of its `peers` it is no worse. `lack`: why there is no value or no rank.
    """

    axis: Axis
    part: int
    whole: int
    value: int | None
    rank_permille: int | None
    peers: int
    lack: Lack | None
    quartiles: AxisQuartiles | None


class ScaleOfPortrait(Model):
    """Days of a scale of which it is known whether it was verified, and those on which it was."""

    scale_id: str
    days: int
    verified_days: int


class WeekOfPortrait(Model):
    """A week: what was sold, and what each axis comes to; one that too little is known of is left out."""

    first_day: date
    sales: int
    net_g: int
    capped: int
    near_cap: int
    over_cap: int
    held_days: int
    used_days: int
    values: dict[Axis, int]
    quartiles: dict[Axis, AxisQuartiles]


class DayOfPortrait(Model):
    """What was sold on a day."""

    day: date
    sales: int
    net_g: int
    paid_fen: int
    capped: int
    near_cap: int
    over_cap: int


class PortraitSpan(Model):
    """Of which days portraits were made, when, and by what; the policy is a reference example, not a published text."""

    since: date
    day: date
    trading_days: int
    vendors: int
    peers_at_least: int
    near_permille: int
    policy_version: str
    made_at: datetime


class PortraitOfVendor(Model):
    """The figures, and what they were counted of: `goods` null where it is not known what it sells."""

    goods: str | None
    goods_g: int
    over_cap: int
    axes: list[AxisOfPortrait]
    upheld_complaints: list[int]
    undecided_complaints: list[int]
    other_complaints: list[int]
    in_time_alerts: list[int]
    late_alerts: list[int]
    scales: list[ScaleOfPortrait]
    weeks: list[WeekOfPortrait]
    days: list[DayOfPortrait]


class VendorPortraitAnswer(Model):
    """A vendor's portrait. `made` null: its market's never were; `portrait` null: it held no scale and sold nothing."""

    market_id: str
    vendor_id: str
    vendor_name: str
    made: PortraitSpan | None
    portrait: PortraitOfVendor | None
