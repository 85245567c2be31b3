"""The caps in force."""

from typing import Annotated

from fastapi import APIRouter, Query

from db import cap_items
from domain.ids import MarketId
from web.api.alerts import list_summary
from web.api.models import CapItem, MarketCaps
from web.freshness import freshness
from web.signed_in import SeesCaps
from web.state import Db, Now

router = APIRouter()


@router.get("/caps", tags=["caps"])
def caps_in_force(
    conn: Db, now: Now, viewer: SeesCaps, market: Annotated[str | None, Query(max_length=64)] = None
) -> list[MarketCaps]:
    """What binds each visible market now."""
    scope = viewer.narrow(None if market is None else MarketId(market))
    return [
        MarketCaps(
            market_id=one.market.market_id,
            market_name=one.market.name,
            timezone=one.market.timezone,
            newest_weighing=one.newest_weighing,
            cap_list=None if one.cap_list is None else list_summary(one.cap_list),
            items=[]
            if one.cap_list is None
            else [CapItem.model_validate(item) for item in cap_items.items_of(conn, one.cap_list.cap_list_id)],
        )
        for one in freshness(conn, scope, now)
    ]
