"""A vendor's weeks, and what each comes to. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Protocol

from credit.portrait.figures import share
from credit.portrait.span import Span
from domain.portrait import DAYS_OF_A_WEEK, Axis, VendorDay, WeekSums

#: What a week says something about.
OF_WEEKS: Final = (Axis.VOLUME, Axis.PRICES, Axis.SCALE_USE)


class SoldInPart(Protocol):
    """What was sold on a day, or of some goods."""

    @property
    def sales(self) -> int: ...
    @property
    def net_g(self) -> int: ...
    @property
    def capped(self) -> int: ...
    @property
    def near_cap(self) -> int: ...
    @property
    def over_cap(self) -> int: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Week:
    """A week with its first day, what was sold, trading days the scale was held and used, and what each axis comes to.

    An axis of which too little is known in that week is left out.
    """

    first_day: date
    sums: WeekSums
    held_days: int
    used_days: int
    values: Mapping[Axis, int]


def weeks_of(span: Span, sums: Iterable[WeekSums], *, held: int, used: int, week_at_least: int) -> list[Week]:
    """Return every week of the span, the oldest first. `held` and `used`: trading days as bits, see `Span`."""
    by_week = {one.week: one for one in sums}
    weeks = []
    for number, days in enumerate(span.each_week()):
        of_week = by_week.get(number, _nothing(number))
        held_days, used_days = (held & days).bit_count(), (used & days).bit_count()
        weeks.append(
            Week(
                first_day=span.first_of(number),
                sums=of_week,
                held_days=held_days,
                used_days=used_days,
                values=_values(of_week, held_days, used_days, week_at_least),
            )
        )
    return weeks


def sums_of_days(span: Span, days: Iterable[VendorDay]) -> list[WeekSums]:
    """Return what a vendor sold by week, of days of the span; weeks without a sale are left out."""
    weeks: dict[int, list[VendorDay]] = {}
    for one in days:
        weeks.setdefault((one.day - span.since) // timedelta(days=1) // DAYS_OF_A_WEEK, []).append(one)
    return [summed(week, of_week) for week, of_week in sorted(weeks.items())]


def summed(week: int, sold: Sequence[SoldInPart]) -> WeekSums:
    """Return what was sold in a week altogether."""
    return WeekSums(
        week=week,
        sales=sum(one.sales for one in sold),
        net_g=sum(one.net_g for one in sold),
        capped=sum(one.capped for one in sold),
        near_cap=sum(one.near_cap for one in sold),
        over_cap=sum(one.over_cap for one in sold),
    )


def _nothing(week: int) -> WeekSums:
    return WeekSums(week=week, sales=0, net_g=0, capped=0, near_cap=0, over_cap=0)


def _values(sums: WeekSums, held_days: int, used_days: int, week_at_least: int) -> dict[Axis, int]:
    values = {}
    if held_days:
        values[Axis.VOLUME] = share(sums.net_g, held_days, 1)
        values[Axis.SCALE_USE] = share(used_days, held_days, 1000)
    if sums.capped >= week_at_least:
        values[Axis.PRICES] = share(sums.near_cap + sums.over_cap, sums.capped, 1000)
    return values
