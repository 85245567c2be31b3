"""What was counted of a vendor → its figure on each axis, or what is lacking for one. Pure, in whole numbers."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from credit.portrait.policy import PortraitPolicy
from domain.portrait import Axis, Lack

_PERMILLE: Final = 1000
_PER_SALES: Final = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """What was counted of a vendor in a span of days. Weights in grams.

    `held_days`: trading days of the market on which it held a scale or sold something; `used_days`: those on which it
    sold something. `known_days` and `verified_days`: of its scales, each day of each. `upheld`: complaints; `due` and
    `in_time`: rectifications.
    """

    sales: int = 0
    net_g: int = 0
    capped: int = 0
    near_cap: int = 0
    over_cap: int = 0
    held_days: int = 0
    used_days: int = 0
    known_days: int = 0
    verified_days: int = 0
    upheld: int = 0
    due: int = 0
    in_time: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """A figure as far as the vendor itself goes: `part` of `whole`, and what that comes to or why it does not."""

    part: int
    whole: int
    value: int | None
    lack: Lack | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rectification:
    """One that was ordered: due by the end of a day; None: it is still awaited. `reported`: what ended the wait."""

    due_on: date
    ended_on: date | None
    reported: bool


def figure(axis: Axis, of: Counts, policy: PortraitPolicy) -> Known:
    """Return a vendor's figure on an axis. Too little is said to be that, not taken for 0."""
    match axis:
        case Axis.VOLUME:
            lack = _too_few_days(of, policy.volume.held_days_at_least) or (None if of.sales else Lack.NO_SALES)
            return _known(of.net_g, of.held_days, 1, lack)
        case Axis.PRICES:
            few = None if of.capped >= policy.prices.capped_sales_at_least else Lack.FEW_CAPPED
            return _known(of.near_cap + of.over_cap, of.capped, _PERMILLE, few if of.sales else Lack.NO_SALES)
        case Axis.VERIFICATION:
            return _known(of.verified_days, of.known_days, _PERMILLE, None if of.known_days else Lack.NOT_REGISTERED)
        case Axis.SCALE_USE:
            lack = _too_few_days(of, policy.scale_use.held_days_at_least)
            return _known(of.used_days, of.held_days, _PERMILLE, lack)
        case Axis.COMPLAINTS:
            few = None if of.sales >= policy.complaints.sales_at_least else Lack.FEW_SALES
            return _known(of.upheld, of.sales, _PER_SALES, few if of.sales else Lack.NO_SALES)
        case Axis.RESPONSE:
            lack = None if of.due >= policy.response.due_at_least else Lack.NOTHING_DUE
            return _known(of.in_time, of.due, _PERMILLE, lack)


def share(part: int, whole: int, per: int) -> int:
    """Return `part` of `whole` as so many of `per`, rounded half up."""
    return (2 * part * per + whole) // (2 * whole)


def in_time(one: Rectification, last: date) -> bool | None:
    """Say whether a rectification was reported by its day; None where, on the day `last`, that cannot be said.

    Who is still within time is not late. One that was taken out of the vendor's hands within time, by handing it to
    the regulator or by an appeal, says nothing of the vendor either.
    """
    if one.ended_on is None or one.ended_on > last:
        return False if one.due_on <= last else None
    if one.ended_on > one.due_on:
        return False
    return True if one.reported else None


def _too_few_days(of: Counts, at_least: int) -> Lack | None:
    return None if of.held_days >= at_least else Lack.FEW_DAYS


def _known(part: int, whole: int, per: int, lack: Lack | None) -> Known:
    if lack is not None:
        return Known(part, whole, None, lack)
    return Known(part, whole, share(part, whole, per), None)
