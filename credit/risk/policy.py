"""`policy/risk.toml`: what a risk class is made of, which points are which class, and when a trend has turned."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from domain.alert import AlertKind, Severity
from domain.risk import OtherIndicator
from domain.supervision_item import RiskClass
from tables.toml_file import read_toml

_Points = Annotated[int, Meta(ge=0, le=1000)]
_Permille = Annotated[int, Meta(ge=0, le=1000)]
_Some = Annotated[int, Meta(ge=1, le=1_000_000)]
_Months = Annotated[int, Meta(ge=1, le=24)]
_Ratio = Annotated[int, Meta(ge=1000, le=100_000)]


class Band(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From so much on (thousandths or days), so many points."""

    start: Annotated[int, Meta(ge=1)] = msgspec.field(name="from")
    points: _Points


class ConfirmedGroup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Kinds of alerts that count together."""

    name: Annotated[str, Meta(pattern=r"^[a-z_]{1,30}$")]
    zh: str
    en: str
    kinds: tuple[AlertKind, ...]
    points: Mapping[Severity, _Points]
    most: _Points


class Uncounted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Kinds that say nothing of risk by themselves."""

    kinds: tuple[AlertKind, ...]


class Prices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Shares of the weighings of the last `months`; a sale is near its cap from `near_permille` of it on."""

    months: _Months
    near_permille: Annotated[int, Meta(ge=500, le=1000)]
    least_weighings: _Some
    near: tuple[Band, ...]
    over: tuple[Band, ...]


class Complaints(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Points of a complaint by its outcome."""

    upheld: _Points
    settled: _Points
    most: _Points


class Promises(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Points of a promise that was broken."""

    broken: _Points
    most: _Points


class Verification(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Bands of days overdue."""

    overdue: tuple[Band, ...]


class Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much data is little, and how old is old (days); bands of days since the last weighing."""

    least_weighings: _Some
    oldest_days: Annotated[int, Meta(ge=1, le=366)]
    default_class: RiskClass
    silent: tuple[Band, ...]


class ClassBand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A class, and the share of it to be visited in twelve months: from and to."""

    name: RiskClass
    from_points: _Points
    inspected_permille: tuple[_Permille, _Permille]


class Shares(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The most that may be in a class, of a market that has `from_vendors` at least."""

    from_vendors: _Some
    most_permille: Mapping[RiskClass, _Permille]
    never_from_points: _Points


class Comparison(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the last month is compared with, and what is too little to compare."""

    months_before: _Months
    least_months_before: _Months
    least_weighings: _Some
    least_counted: _Some
    least_ratio_permille: _Ratio


class VendorWarning(Comparison, frozen=True, forbid_unknown_fields=True):
    """When the trend of a vendor has turned: counted are days."""

    false_discovery_permille: Annotated[int, Meta(ge=1, le=500)]


class MarketWarning(Comparison, frozen=True, forbid_unknown_fields=True):
    """When the trend of a whole market has turned: counted are vendors."""

    significance_permille: Annotated[int, Meta(ge=1, le=500)]


class WarningPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a trend has turned."""

    vendor: VendorWarning
    market: MarketWarning


class RiskPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    version: str
    in_force_from: date
    day_of_month: Annotated[int, Meta(ge=1, le=28)]
    decay_permille: Annotated[tuple[_Permille, ...], Meta(min_length=1, max_length=36)]
    confirmed: tuple[ConfirmedGroup, ...]
    uncounted: Uncounted
    prices: Prices
    complaints: Complaints
    promises: Promises
    verification: Verification
    data: Data
    classes: tuple[ClassBand, ...] = msgspec.field(name="class")
    shares: Shares
    warning: WarningPolicy

    @property
    def months(self) -> int:
        """How many months back something still counts."""
        return len(self.decay_permille)

    @property
    def months_counted(self) -> int:
        """How many months of weighings are looked at for anything, the last one among them."""
        warned = max(self.warning.vendor.months_before, self.warning.market.months_before) + 1
        return max(self.months, warned)

    @property
    def counted_kinds(self) -> tuple[AlertKind, ...]:
        """The kinds of alerts that stand in a group."""
        return tuple(kind for group in self.confirmed for kind in group.kinds)

    def class_of(self, points: int) -> RiskClass:
        """Return the class that points come to."""
        return next(band.name for band in reversed(self.classes) if points >= band.from_points)


def read_risk_policy(path: Path) -> RiskPolicy:
    """Read the policy. Raise BadFile naming everything that is wrong with it."""
    return read_toml(path, RiskPolicy, _problems)


def points_in(bands: Sequence[Band], measured: int) -> int:
    """Return the points of the band that something measured falls in; below the first: none."""
    return next((band.points for band in reversed(bands) if measured >= band.start), 0)


def _problems(policy: RiskPolicy) -> Iterator[str]:
    yield from _problems_of_kinds(policy)
    yield from _problems_of_bands(policy)
    yield from _problems_of_classes(policy)
    if list(policy.decay_permille) != sorted(policy.decay_permille, reverse=True):
        yield f"decay_permille is {list(policy.decay_permille)}; expected that it never rises"
    if policy.prices.months > policy.months:
        yield f"prices.months is {policy.prices.months}; expected {policy.months} at most, as long as decay_permille"
    for name, one in (("vendor", policy.warning.vendor), ("market", policy.warning.market)):
        least, most = one.least_months_before, one.months_before
        if least > most:
            yield f"warning.{name}.least_months_before is {least}; expected months_before ({most}) at most"


def _problems_of_kinds(policy: RiskPolicy) -> Iterator[str]:
    placed = Counter([*policy.counted_kinds, *policy.uncounted.kinds])
    for kind in AlertKind:
        if placed[kind] != 1:
            where = f"stands {placed[kind]} times" if placed[kind] else "stands nowhere"
            yield f"confirmed.kinds, uncounted.kinds: {kind} {where}; expected once, in a group or in uncounted"
    names = Counter(group.name for group in policy.confirmed)
    for name, times in names.items():
        if times > 1 or name in set(OtherIndicator):
            yield f"confirmed.name {name} is there already; expected a name of its own"
    for group in policy.confirmed:
        lacking = [one.value for one in Severity if one not in group.points]
        if lacking:
            yield f"confirmed.points of {group.name} lack {', '.join(lacking)}"
        elif (rising := [group.points[one] for one in Severity]) != sorted(rising):
            yield f"confirmed.points of {group.name} are {rising}; expected that a graver one has no fewer"


def _problems_of_bands(policy: RiskPolicy) -> Iterator[str]:
    for field, bands in (
        ("prices.near", policy.prices.near),
        ("prices.over", policy.prices.over),
        ("verification.overdue", policy.verification.overdue),
        ("data.silent", policy.data.silent),
    ):
        starts, points = [one.start for one in bands], [one.points for one in bands]
        if starts != sorted(set(starts)) or points != sorted(points):
            yield f"{field} goes from {starts} with points {points}; expected that both rise"


def _problems_of_classes(policy: RiskPolicy) -> Iterator[str]:
    names = [band.name for band in policy.classes]
    if names != list(RiskClass):
        yield f"class.name are {[one.value for one in names]}; expected A, B, C, D, in this order"
        return
    starts = [band.from_points for band in policy.classes]
    if starts[0] != 0 or starts != sorted(set(starts)):
        yield f"class.from_points are {starts}; expected rising, the first 0"
    if policy.shares.never_from_points < starts[-1]:
        yield f"shares.never_from_points is {policy.shares.never_from_points}; expected {starts[-1]} (D) at least"
    for band in policy.classes:
        least, most = band.inspected_permille
        if least > most:
            yield f"class.inspected_permille of {band.name} is {least} to {most}; expected from no more than to"
    if policy.data.default_class is RiskClass.A:
        yield "data.default_class is A; expected B, C or D: of whom little is known is not called harmless"
    if RiskClass.A in policy.shares.most_permille:
        yield "shares.most_permille has A; expected B, C and D only: there is no class below A"
