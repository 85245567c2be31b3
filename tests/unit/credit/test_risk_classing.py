"""From indicators to points and classes: examples at the boundaries, and what holds of all of them."""

from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.risk.assessing import MOST_FACTS, assess, basis_of
from credit.risk.classing import classed
from credit.risk.policy import RiskPolicy
from domain.alert import AlertKind, Severity
from domain.ids import VendorId
from domain.risk import (
    AnsweredComplaint,
    Assessed,
    BrokenPromise,
    ClassedBecause,
    ComplaintWeight,
    ConfirmedAlert,
    DataBasis,
    Indicators,
    Weighed,
)
from domain.supervision_item import RiskClass
from tests.risk_acts import RISK

V = VendorId("V-1")
PLENTY = Weighed(weighings=1000, capped=1000)
KNOWN = Indicators(vendor_id=V, weighed=PLENTY, silent_days=0)
ORDER = list(RiskClass)


def alert(
    number: int, severity: Severity = Severity.LOW, age: int = 0, kind: AlertKind = AlertKind.TARE_ABUSE
) -> ConfirmedAlert:
    return ConfirmedAlert(alert_id=number, kind=kind, severity=severity, age=age)


alerts = st.builds(
    ConfirmedAlert,
    alert_id=st.integers(1, 10_000),
    kind=st.sampled_from(AlertKind),
    severity=st.sampled_from(Severity),
    age=st.integers(0, 15),
)
complaints = st.builds(
    AnsweredComplaint,
    complaint_id=st.integers(1, 100),
    weight=st.sampled_from(ComplaintWeight),
    age=st.integers(0, 15),
)
promises = st.builds(BrokenPromise, promise_id=st.integers(1, 100), age=st.integers(0, 15))


@st.composite
def weighed(draw: st.DrawFn) -> Weighed:
    weighings = draw(st.integers(0, 5000))
    capped = draw(st.integers(0, weighings))
    over = draw(st.integers(0, capped))
    return Weighed(weighings=weighings, capped=capped, over=over, near=draw(st.integers(0, capped - over)))


vendors = st.builds(
    Indicators,
    vendor_id=st.just(V),
    confirmed=st.lists(alerts, max_size=12).map(tuple),
    complaints=st.lists(complaints, max_size=4).map(tuple),
    promises=st.lists(promises, max_size=3).map(tuple),
    weighed=weighed(),
    silent_days=st.none() | st.integers(0, 400),
    overdue_days=st.integers(0, 400),
)


@given(vendors)
def test_the_points_are_those_of_the_parts_and_every_part_says_what_it_is_made_of(vendor: Indicators) -> None:
    found = assess(vendor, RISK)
    assert found.points == sum(part.points for part in found.parts) >= 0
    assert found.by_points is RISK.class_of(found.points)
    for part in found.parts:
        assert 0 <= part.points <= part.uncut
        assert bool(part.facts) != (part.measured is not None)
    assert len({part.indicator for part in found.parts}) == len(found.parts)


@given(vendors, alerts, complaints, promises)
def test_nothing_that_is_added_makes_a_vendor_look_better(
    vendor: Indicators, one: ConfirmedAlert, said: AnsweredComplaint, broken: BrokenPromise
) -> None:
    before = assess(vendor, RISK).points
    for more in (
        replace(vendor, confirmed=(*vendor.confirmed, one)),
        replace(vendor, complaints=(*vendor.complaints, said)),
        replace(vendor, promises=(*vendor.promises, broken)),
        replace(vendor, overdue_days=vendor.overdue_days + 30),
    ):
        assert assess(more, RISK).points >= before


@given(vendors)
def test_time_only_takes_weight_away_and_order_does_not_matter(vendor: Indicators) -> None:
    older = replace(vendor, confirmed=tuple(replace(one, age=one.age + 1) for one in vendor.confirmed))
    assert assess(older, RISK).points <= assess(vendor, RISK).points
    assert assess(replace(vendor, confirmed=vendor.confirmed[::-1]), RISK).points == assess(vendor, RISK).points


@given(vendors)
def test_of_whom_little_is_known_is_never_in_a(vendor: Indicators) -> None:
    found = assess(vendor, RISK)
    (one,) = classed([found], RISK)
    if found.basis is DataBasis.ENOUGH:
        assert (one.risk_class, one.because) == (found.by_points, ClassedBecause.POINTS)
    else:
        assert one.risk_class is not RiskClass.A
        assert ORDER.index(one.risk_class) == max(ORDER.index(found.by_points), ORDER.index(RISK.data.default_class))


@pytest.mark.parametrize(
    ("weighings", "silent_days", "basis"),
    [
        (RISK.data.least_weighings, 0, DataBasis.ENOUGH),
        (RISK.data.least_weighings - 1, 0, DataBasis.LITTLE),
        (5000, RISK.data.oldest_days - 1, DataBasis.ENOUGH),
        (5000, RISK.data.oldest_days, DataBasis.OLD),
        (0, None, DataBasis.NONE),
    ],
)
def test_how_much_is_known(weighings: int, silent_days: int | None, basis: DataBasis) -> None:
    vendor = Indicators(vendor_id=V, weighed=Weighed(weighings=weighings), silent_days=silent_days)
    assert basis_of(vendor, RISK) is basis


def test_decay_is_by_the_month_and_half_a_point_is_one() -> None:
    policy = msgspec.structs.replace(RISK, decay_permille=(1000, 250))
    one = replace(KNOWN, confirmed=(alert(1, age=1),))  # two points, a quarter of them
    assert [part.points for part in assess(one, policy).parts] == [1]
    gone = replace(KNOWN, confirmed=(alert(1, age=2),))
    assert assess(gone, policy).parts == ()


def test_a_group_adds_no_more_than_its_most_and_names_its_heaviest_facts() -> None:
    vendor = replace(KNOWN, confirmed=(*(alert(n, Severity.HIGH) for n in range(100)), alert(999, Severity.CRITICAL)))
    (part,) = assess(vendor, RISK).parts
    group = RISK.confirmed[1]
    assert (part.points, part.uncut, part.of) == (group.most, 100 * 8 + 15, 101)
    assert (len(part.facts), part.facts[0].number) == (MOST_FACTS, 999)


def test_shares_of_few_weighings_say_nothing() -> None:
    few = RISK.prices.least_weighings - 1
    vendor = replace(KNOWN, weighed=Weighed(weighings=1000, capped=few, over=few))
    assert assess(vendor, RISK).parts == ()
    more = replace(KNOWN, weighed=Weighed(weighings=1000, capped=few + 1, over=few + 1))
    assert [part.indicator for part in assess(more, RISK).parts] == ["over_cap"]


def with_points(*points: int) -> list[Assessed]:
    return [
        Assessed(
            vendor_id=VendorId(f"V-{n}"),
            points=each,
            by_points=RISK.class_of(each),
            basis=DataBasis.ENOUGH,
            parts=(),
        )
        for n, each in enumerate(points)
    ]


def small(from_vendors: int = 1) -> RiskPolicy:
    return msgspec.structs.replace(RISK, shares=msgspec.structs.replace(RISK.shares, from_vendors=from_vendors))


def test_where_more_reach_d_than_may_be_in_it_the_lowest_of_them_go_down_and_equals_together() -> None:
    market = with_points(55, 50, 45, 45, 41, *[0] * 25)  # three may be in D
    classes = [one.risk_class for one in classed(market, small())]
    assert classes[:5] == [RiskClass.D, RiskClass.D, RiskClass.C, RiskClass.C, RiskClass.C]
    assert [one.because for one in classed(market, small())][2] is ClassedBecause.SHARE
    assert [one.risk_class for one in classed(market, small(31))][:5] == [RiskClass.D] * 5


def test_from_enough_points_on_no_share_moves_anybody() -> None:
    top = RISK.shares.never_from_points
    classes = [one.risk_class for one in classed(with_points(*[top] * 10, *[top - 1] * 10), small())]
    assert classes[:10] == [RiskClass.D] * 10
    assert RiskClass.D not in classes[10:]


@given(st.lists(st.integers(0, 80), min_size=1, max_size=120))
def test_shares_are_kept_and_more_points_are_never_a_better_class(points: list[int]) -> None:
    policy = small()
    market = with_points(*points)
    classes = [one.risk_class for one in classed(market, policy)]
    never = sum(one >= policy.shares.never_from_points for one in points)
    allowed = -(-len(points) * policy.shares.most_permille[RiskClass.D] // 1000)
    assert classes.count(RiskClass.D) <= max(allowed, never)
    assert classes.count(RiskClass.C) <= -(-len(points) * policy.shares.most_permille[RiskClass.C] // 1000)
    ranked = sorted(zip(points, classes, strict=True))
    assert [ORDER.index(one) for _points, one in ranked] == sorted(ORDER.index(one) for _points, one in ranked)
    assert len(dict(ranked)) == len(set(ranked))  # the same points, the same class
