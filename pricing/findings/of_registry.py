"""What registry and lists show: verifications, scales that are unfit or unknown, a list that is missing. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from domain.alert import AlertKind
from domain.ids import MarketId, ScaleId, SpeciesCode, StallId, VendorId
from domain.scale import MovedDevice, ScaleFacts
from domain.weighed import Weighed
from pricing.findings.days import Finding
from pricing.findings.figures import Figures
from pricing.findings.policy import FindingsPolicy
from pricing.findings.short_weight import error_tenths_g, is_unsuitable, tolerance_for

#: An expired verification is told of again every week it goes on (domain notes: points per 7 days).
_AGAIN_AFTER: Final = timedelta(days=7)


@dataclass(frozen=True, kw_only=True, slots=True)
class Registered:
    """A scale of the register, and whose it is."""

    scale_id: ScaleId
    facts: ScaleFacts
    stall_id: StallId | None
    vendor_id: VendorId | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """Where and when is looked: the market, its day and the moment."""

    market_id: MarketId
    day: date
    at: datetime


def verification(where: Standing, scale: Registered, policy: FindingsPolicy) -> Iterator[Finding]:
    """Speak so many days before a verification ends, and every week after it has ended."""
    until = scale.facts.verified_until
    if until is None:
        return
    left = (until - where.day).days
    if left < 0:
        stage = until + timedelta(days=1) + (-left - 1) // _AGAIN_AFTER.days * _AGAIN_AFTER
        yield _about(where, scale, AlertKind.VERIFICATION_EXPIRED, {"days": -left}, stage)
        return
    due = [days for days in policy.verification_due.days_before if left <= days]
    if due:
        yield _about(where, scale, AlertKind.VERIFICATION_DUE, {"days": left}, until - timedelta(days=min(due)))


def unsuitable(
    where: Standing,
    scale: Registered,
    weighed: Sequence[Weighed],
    categories: Mapping[SpeciesCode, str],
    policy: FindingsPolicy,
) -> Iterator[Finding]:
    """Speak once a month of a scale that may be further off than the goods sold on it may be short."""
    facts = scale.facts
    if facts.division_g is None or facts.accuracy_class is None:
        return
    for one in weighed:
        if one.verdict is None or not one.per_kg_fen or one.net_g <= 0:
            continue
        tolerance = tolerance_for(
            policy.short_weight,
            settled_g=one.net_g,
            per_kg_fen=one.per_kg_fen,
            category=categories.get(one.species, ""),
        )
        if tolerance.short_g is not None and is_unsuitable(
            tolerance, facts.division_g, facts.accuracy_class, one.net_g
        ):
            figures = {
                "division_g": facts.division_g,
                "price_fen": one.per_kg_fen,
                "net_g": one.net_g,
                "tolerance_g": tolerance.short_g,
                "error_tenth_g": error_tenths_g(facts.division_g, facts.accuracy_class, one.net_g),
            }
            yield _about(where, scale, AlertKind.SCALE_UNSUITABLE, figures, where.day.replace(day=1))
            return


def unregistered(where: Standing, messages: Mapping[ScaleId, int]) -> Iterator[Finding]:
    """Speak once a day of each scale that sends and that nobody registered."""
    for scale_id, count in messages.items():
        yield Finding(
            kind=AlertKind.SCALE_UNREGISTERED,
            market_id=where.market_id,
            day=where.day,
            at=where.at,
            figures={"messages": count},
            scale_id=scale_id,
        )


def moved(where: Standing, scales: Mapping[ScaleId, Registered], answered: Sequence[MovedDevice]) -> Iterator[Finding]:
    """Speak once of each scale at which the device of another one answers: one of the two stands elsewhere."""
    for one in answered:
        scale = scales.get(one.scale_id)
        if scale is not None:
            found = _about(where, scale, AlertKind.SCALE_MOVED, {}, one.happened_at.date())
            is_here = one.market_id == where.market_id
            registered = f"scale {one.registered_as}" if is_here else "a scale of another market"
            yield replace(found, at=one.happened_at, note=f"serial number {one.serial_number} is that of {registered}")


def cap_list_missing(where: Standing, *, hour: int, has_list: bool, policy: FindingsPolicy) -> Iterator[Finding]:
    """Speak once a day where no list is in force from an hour of the market's day on; of no vendor, nor of a scale."""
    if not has_list and hour >= policy.cap_list_missing.from_hour:
        yield Finding(
            kind=AlertKind.CAP_LIST_MISSING,
            market_id=where.market_id,
            day=where.day,
            at=where.at,
            figures={"hour": hour},
            scale_id=ScaleId(""),
        )


def _about(where: Standing, scale: Registered, kind: AlertKind, figures: Figures, told_as_of: date) -> Finding:
    return Finding(
        kind=kind,
        market_id=where.market_id,
        day=where.day,
        at=where.at,
        figures=figures,
        scale_id=scale.scale_id,
        vendor_id=scale.vendor_id,
        stall_id=scale.stall_id,
        told_as_of=told_as_of,
    )
