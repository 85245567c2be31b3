"""Who sells what, and at which prices where the scale has them: drawn from the plan, alike for market and agents."""

import random
from collections.abc import Sequence

from simulators.market.goods import MarketGoods
from simulators.market.plan import MarketPlan, StallRecord, market_registry, scale_of
from simulators.market.price_tables import PriceTable, draw_table
from simulators.market.tricks import Shop
from simulators.market.vendors import Trick, Vendor, cheat, vendors


def market_vendors(plan: MarketPlan) -> list[Vendor]:
    """Return the vendors, stall by stall. Whose scale cannot show the trick dealt to him, sells over the cap."""
    drawn = vendors(chance(plan, "characters"), plan.stalls, plan.shares, plan.tricks)
    return [
        vendor if scale_of(plan, record.scale_id).shows(vendor.trick) else cheat(Trick.OVER_CAP)
        for record, vendor in zip(market_registry(plan), drawn, strict=True)
    ]


def shop_of(plan: MarketPlan, record: StallRecord, goods: Sequence[MarketGoods]) -> Shop:
    """Return what a stall sells: a few kinds of goods of its own, the same on every day of a seed."""
    return Shop(
        goods=chance(plan, f"{record.stall_id}/goods").sample(goods, min(plan.goods_a_stall, len(goods))),
        catalogue=goods,
        price_unit=plan.price_unit,
        unlisted_percent=plan.shares.unlisted_sales,
    )


def table_of(plan: MarketPlan, record: StallRecord, vendor: Vendor, goods: Sequence[MarketGoods]) -> PriceTable | None:
    """Return the PLU table that was loaded into a stall's scale before the day; None for a scale without one."""
    table = scale_of(plan, record.scale_id).spec.table
    if table is None:
        return None
    rng = chance(plan, f"{record.scale_id}/table")
    return draw_table(rng, vendor, shop_of(plan, record, goods), table.plu_digits)


def chance(plan: MarketPlan, name: str) -> random.Random:
    """Return the chance that this seed has under a name."""
    return random.Random(f"{plan.seed}/{name}")  # noqa: S311 - a simulation
