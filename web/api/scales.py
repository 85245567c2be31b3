"""What scales hold and what happened to them."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from db import device_events, registry, scale_caps
from db.scale_caps import HeldCaps
from domain.errors import NotFound
from domain.ids import MarketId, ScaleId
from web.api.models import DeviceEventSeen, Model
from web.signed_in import SeesCaps
from web.state import Db, Now

router = APIRouter()

_MOST_SCALES = 100_000


class ScaleHolds(Model):
    """What a scale holds by its agent's word (`version` null: never said).

    `outdated_at`: since when another is in force.
    """

    scale_id: str
    stall_id: str
    vendor_name: str
    state: HeldCaps
    version: str | None
    applied_at: datetime | None
    outdated_at: datetime | None


class MarketScaleCaps(Model):
    """A market's version as it was announced last (null: nothing yet; `none`: no list is in force), and its scales."""

    market_id: str
    market_name: str
    timezone: str
    version: str | None
    cap_list_id: int | None
    announced_at: datetime | None
    count: int
    current: int
    old: int
    silent: int
    scales: list[ScaleHolds]


@router.get("/caps/scales", tags=["caps"])
def who_holds_what(
    conn: Db,
    now: Now,
    viewer: SeesCaps,
    market: Annotated[str | None, Query(max_length=64)] = None,
    state: Annotated[HeldCaps | None, Query(description="only scales that stand so to the list in force")] = None,
) -> list[MarketScaleCaps]:
    """Which scales of each visible market hold the list in force; the longest outdated first."""
    scope = viewer.narrow(None if market is None else MarketId(market))
    return [
        MarketScaleCaps(
            market_id=one.market_id,
            market_name=one.name,
            timezone=one.timezone,
            version=one.version,
            cap_list_id=one.cap_list_id,
            announced_at=one.announced_at,
            count=one.scales,
            current=one.current,
            old=one.old,
            silent=one.silent,
            scales=[
                ScaleHolds.model_validate(scale)
                for scale in scale_caps.scales(conn, one.market_id, now, state=state, limit=_MOST_SCALES)
            ],
        )
        for one in scale_caps.in_force(conn, None if scope is None else [scope], now)
    ]


@router.get("/scales/{market_id}/{scale_id}/events", tags=["scales"])
def events_of_scale(
    conn: Db,
    now: Now,
    viewer: SeesCaps,
    market_id: str,
    scale_id: str,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[DeviceEventSeen]:
    """The newest of what happened to a scale beside weighing."""
    seen = viewer.narrow(MarketId(market_id))
    if seen is None or registry.bindings_at(conn, [(seen, scale_id, now)]) == [None]:
        raise NotFound(f"there is no scale {scale_id} in market {market_id} that you may see")
    return [
        DeviceEventSeen.model_validate(one)
        for one in device_events.of_scale(conn, seen, ScaleId(scale_id), limit=limit)
    ]
