"""Risk classes, their runs and warnings, for regulators' programs: read only."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from db import risk_classes
from db.risk_classes import ListedWarning
from domain.ids import MarketId, VendorId
from domain.risk import ClassedBecause, ComputedClass, DataBasis, months_before
from domain.supervision_item import RiskClass
from web.api.models import Model
from web.risk import AskedRisk, asked_month, asked_risk, vendor_risk, written
from web.signed_in import SeesRisk
from web.state import Db, Now

router = APIRouter(prefix="/risk", tags=["risk"])
Asked = Annotated[AskedRisk, Depends(asked_risk)]
Month = Annotated[AskedRisk, Depends(asked_month)]


class RiskLine(Model):
    """A computed class. `by_hand`: what a regulator set for the same month, and that stands; null: nothing was."""

    market_id: str
    market_name: str
    vendor_id: str
    vendor_name: str
    risk_class: RiskClass
    points: int
    by_points: RiskClass
    because: ClassedBecause
    basis: DataBasis
    by_hand: RiskClass | None


class RiskPage(Model):
    """A part of a month's classes, the gravest first. `month`: its first day; `after`: of the next part."""

    month: date | None
    for_month: date | None
    after: str | None
    classes: list[RiskLine]


class RiskFact(Model):
    """What counted: `number` of the alert, complaint or promise; `age` in months; thousandths of a point."""

    number: int
    what: str
    age: int
    permille: int


class RiskPart(Model):
    """What an indicator adds, and before the most it may. Measured: thousandths (of `of` weighings), or days."""

    indicator: str
    points: int
    uncut: int
    facts: list[RiskFact]
    measured: int | None
    of: int | None


class RiskMonth(Model):
    """A month that was computed, and the class it came to for the month after."""

    month: date
    for_month: date
    risk_class: RiskClass
    because: ClassedBecause
    by_points: RiskClass
    points: int
    basis: DataBasis
    parts: list[RiskPart]
    policy_version: str
    set_at: datetime


class RiskByHand(Model):
    """A class that a regulator set; it stands for `for_month`."""

    risk_class: RiskClass
    reason: str
    set_by: str
    set_at: datetime
    for_month: date


class RiskWarned(Model):
    """A trend that turned; `vendor_id` null: of the whole market.

    `counted`: of a vendor days with something confirmed, of a market vendors with something confirmed.
    """

    warning_id: int
    market_id: str
    market_name: str
    vendor_id: str | None
    vendor_name: str
    month: date
    counted: int
    weighings: int
    counted_before: int
    weighings_before: int
    months_before: int
    dispersion_permille: int
    p_value: float
    policy_version: str
    raised_at: datetime


class RiskOfVendor(Model):
    """Everything about a vendor's class. `holds`: the one that draws use now; null: nobody classed it."""

    market_id: str
    vendor_id: str
    vendor_name: str
    holds: RiskClass | None
    computed: list[RiskMonth]
    by_hand: list[RiskByHand]
    warnings: list[RiskWarned]


class RiskOfMarket(Model):
    """A market's month: how many vendors are in each class, and how many of these were visited in twelve months."""

    market_id: str
    market_name: str
    month: date
    computed_at: datetime
    policy_version: str
    rules_version: str
    vendors: int
    by_class: dict[RiskClass, int]
    inspected: dict[RiskClass, int]
    warnings: int


@router.get("/classes")
def list_classes(
    conn: Db, viewer: SeesRisk, asked: Asked, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> RiskPage:
    """Computed classes of a month."""
    scope, month = asked.scope(viewer), asked.month_in(conn, viewer)
    if month is None:
        return RiskPage(month=None, for_month=None, after=None, classes=[])
    for_month = months_before(month, -1)
    found = risk_classes.listed(
        conn, scope, for_month, risk_class=asked.risk_class, after=asked.cursor, limit=limit + 1
    )
    return RiskPage(
        month=month,
        for_month=for_month,
        after=written(found[limit - 1].cursor) if len(found) > limit else None,
        classes=[RiskLine.model_validate(one) for one in found[:limit]],
    )


@router.get("/classes/{market_id}/{vendor_id}")
def class_of_vendor(conn: Db, now: Now, viewer: SeesRisk, market_id: str, vendor_id: str) -> RiskOfVendor:
    """A vendor's classes with everything they are made of, the newest first."""
    found = vendor_risk(conn, viewer, MarketId(market_id), VendorId(vendor_id), now)
    return RiskOfVendor(
        market_id=found.market_id,
        vendor_id=found.vendor_id,
        vendor_name=found.vendor_name,
        holds=found.holds,
        computed=[_month(one.computed) for one in found.months if one.computed is not None],
        by_hand=[RiskByHand.model_validate(one) for one in found.by_hand],
        warnings=[_warned(one) for one in found.warnings],
    )


@router.get("/markets")
def list_markets(conn: Db, viewer: SeesRisk, asked: Month) -> list[RiskOfMarket]:
    """How the classes of a month are distributed, market by market."""
    scope, month = asked.scope(viewer), asked.month_in(conn, viewer)
    return [
        RiskOfMarket(
            **{name: getattr(one.run, name) for name in RiskOfMarket.model_fields if hasattr(one.run, name)},
            market_name=one.market_name,
            rules_version=one.rules_version,
            inspected=dict(one.inspected),
        )
        for one in ([] if month is None else risk_classes.runs(conn, scope, month))
    ]


@router.get("/warnings")
def list_warnings(conn: Db, viewer: SeesRisk, asked: Month) -> list[RiskWarned]:
    """Whose trend turned in a month: markets first, then the surest."""
    scope, month = asked.scope(viewer), asked.month_in(conn, viewer)
    return [_warned(one) for one in ([] if month is None else risk_classes.warnings(conn, scope, month, limit=1000))]


def _month(one: ComputedClass) -> RiskMonth:
    return RiskMonth.model_validate(one)


def _warned(one: ListedWarning) -> RiskWarned:
    warning, turn = one.warning, one.warning.turn
    return RiskWarned(
        warning_id=warning.warning_id,
        market_id=warning.market_id,
        market_name=one.market_name,
        vendor_id=turn.vendor_id,
        vendor_name=warning.vendor_name,
        month=warning.month,
        counted=turn.counted,
        weighings=turn.weighings,
        counted_before=turn.counted_before,
        weighings_before=turn.weighings_before,
        months_before=turn.months_before,
        dispersion_permille=turn.dispersion_permille,
        p_value=turn.p_value,
        policy_version=warning.policy_version,
        raised_at=warning.raised_at,
    )
