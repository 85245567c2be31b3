"""Portraits of vendors."""

from collections.abc import Mapping

from fastapi import APIRouter

from credit.portrait.reading import VendorPortrait
from credit.portrait.trend import OF_WEEKS, Week
from domain.ids import MarketId, VendorId
from domain.portrait import Axis, Portrait, Quartiles
from web.api.portrait_models import (
    AxisOfPortrait,
    AxisQuartiles,
    DayOfPortrait,
    PortraitOfVendor,
    PortraitSpan,
    ScaleOfPortrait,
    VendorPortraitAnswer,
    WeekOfPortrait,
)
from web.portraits import portrait_for
from web.signed_in import SeesCredit
from web.state import Db, Now

router = APIRouter(prefix="/vendors", tags=["vendors"])


@router.get("/{market_id}/{vendor_id}/portrait")
def read_portrait(
    conn: Db, now: Now, viewer: SeesCredit, market_id: MarketId, vendor_id: VendorId
) -> VendorPortraitAnswer:
    """A vendor against the vendors of its market that sell the same; of those nothing but quartiles is told."""
    shown = portrait_for(conn, viewer, market_id, vendor_id, now=now)
    return VendorPortraitAnswer(
        market_id=market_id,
        vendor_id=vendor_id,
        vendor_name=shown.vendor.name,
        made=None if shown.made is None else PortraitSpan.model_validate(shown.made),
        portrait=None if shown.portrait is None else _portrait(shown, shown.portrait),
    )


def _portrait(shown: VendorPortrait, found: Portrait) -> PortraitOfVendor:
    return PortraitOfVendor(
        goods=found.goods,
        goods_g=found.goods_g,
        over_cap=found.over_cap,
        axes=[
            AxisOfPortrait(
                axis=one.axis,
                part=one.part,
                whole=one.whole,
                value=one.value,
                rank_permille=one.rank_permille,
                peers=one.peers,
                lack=one.lack,
                quartiles=_quartiles(shown.of_all(one.axis)),
            )
            for one in found.figures
        ],
        upheld_complaints=list(found.upheld_complaints),
        undecided_complaints=list(found.undecided_complaints),
        other_complaints=list(found.other_complaints),
        in_time_alerts=list(found.in_time_alerts),
        late_alerts=list(found.late_alerts),
        scales=[
            ScaleOfPortrait(scale_id=one.scale_id, days=one.days, verified_days=one.verified) for one in found.scales
        ],
        weeks=[_week(number, week, shown.quartiles) for number, week in enumerate(shown.weeks)],
        days=[DayOfPortrait.model_validate(one) for one in shown.days],
    )


def _week(number: int, week: Week, quartiles: Mapping[tuple[Axis, int], Quartiles]) -> WeekOfPortrait:
    beside = {axis: _quartiles(quartiles.get((axis, number))) for axis in OF_WEEKS}
    return WeekOfPortrait(
        first_day=week.first_day,
        sales=week.sums.sales,
        net_g=week.sums.net_g,
        capped=week.sums.capped,
        near_cap=week.sums.near_cap,
        over_cap=week.sums.over_cap,
        held_days=week.held_days,
        used_days=week.used_days,
        values=dict(week.values),
        quartiles={axis: one for axis, one in beside.items() if one is not None},
    )


def _quartiles(found: Quartiles | None) -> AxisQuartiles | None:
    return None if found is None else AxisQuartiles.model_validate(found)
