"""From a vendor's indicators to points and a class, each part of it traceable. Pure."""

from collections.abc import Iterable, Iterator
from typing import Final

from credit.risk.policy import RiskPolicy, points_in
from domain.risk import Assessed, ComplaintWeight, DataBasis, Fact, Indicators, OtherIndicator, Part

_PERMILLE: Final = 1000
_I: Final = OtherIndicator
_BROKEN: Final = "broken"
#: A stored computation names so many of its facts, the heaviest ones; all of them count.
MOST_FACTS: Final = 60


def assess(vendor: Indicators, policy: RiskPolicy) -> Assessed:
    """Return what a vendor's indicators come to: points, the class these are, and the parts that add something."""
    parts = tuple(part for part in _parts(vendor, policy) if part.uncut or part.points)
    points = sum(part.points for part in parts)
    return Assessed(
        vendor_id=vendor.vendor_id,
        points=points,
        by_points=policy.class_of(points),
        basis=basis_of(vendor, policy),
        parts=parts,
    )


def basis_of(vendor: Indicators, policy: RiskPolicy) -> DataBasis:
    """Return how much is known of a vendor. Whoever weighed a little, long ago, is told of as old."""
    if vendor.silent_days is None:
        return DataBasis.NONE
    if vendor.silent_days >= policy.data.oldest_days:
        return DataBasis.OLD
    if vendor.weighed.weighings < policy.data.least_weighings:
        return DataBasis.LITTLE
    return DataBasis.ENOUGH


def _parts(vendor: Indicators, policy: RiskPolicy) -> Iterator[Part]:
    for name, facts, most in _facts(vendor, policy):
        if facts:  # of most vendors there are none
            yield _counted(name, facts, most)
    yield from _shares(vendor, policy)
    yield _measured(_I.VERIFICATION, points_in(policy.verification.overdue, vendor.overdue_days), vendor.overdue_days)
    if vendor.silent_days is not None:
        yield _measured(_I.SILENT, points_in(policy.data.silent, vendor.silent_days), vendor.silent_days)


def _facts(vendor: Indicators, policy: RiskPolicy) -> Iterator[tuple[str, list[Fact], int]]:
    """Yield what counts by its number: of which indicator, and the most that one may add."""
    for group in policy.confirmed if vendor.confirmed else ():
        alerts = [
            _fact(one.alert_id, one.severity, one.age, group.points[one.severity], policy)
            for one in vendor.confirmed
            if one.kind in group.kinds
        ]
        yield group.name, alerts, group.most
    of = {ComplaintWeight.UPHELD: policy.complaints.upheld, ComplaintWeight.SETTLED: policy.complaints.settled}
    complaints = [_fact(one.complaint_id, one.weight, one.age, of[one.weight], policy) for one in vendor.complaints]
    yield _I.COMPLAINTS, complaints, policy.complaints.most
    promises = [_fact(one.promise_id, _BROKEN, one.age, policy.promises.broken, policy) for one in vendor.promises]
    yield _I.PROMISES, promises, policy.promises.most


def _shares(vendor: Indicators, policy: RiskPolicy) -> Iterator[Part]:
    weighed = vendor.weighed
    if weighed.capped < policy.prices.least_weighings:
        return
    near, over = (_I.NEAR_CAP, policy.prices.near, weighed.near), (_I.OVER_CAP, policy.prices.over, weighed.over)
    for name, bands, count in (near, over):
        share = count * _PERMILLE // weighed.capped
        yield _measured(name, points_in(bands, share), share, of=weighed.capped)


def _fact(number: int, what: str, age: int, points: int, policy: RiskPolicy) -> Fact:
    decay = policy.decay_permille[age] if 0 <= age < policy.months else 0
    return Fact(number=number, what=str(what), age=age, permille=points * decay)


def _counted(indicator: str, facts: Iterable[Fact], most: int) -> Part:
    """Add facts up; half a point is one."""
    kept = sorted((one for one in facts if one.permille), key=lambda one: (-one.permille, one.age, one.number))
    uncut = (sum(one.permille for one in kept) + _PERMILLE // 2) // _PERMILLE
    return Part(indicator=indicator, points=min(most, uncut), uncut=uncut, facts=tuple(kept[:MOST_FACTS]), of=len(kept))


def _measured(indicator: str, points: int, measured: int, of: int | None = None) -> Part:
    return Part(indicator=indicator, points=points, uncut=points, measured=measured, of=of)
