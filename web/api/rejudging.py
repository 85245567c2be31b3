"""What is judged again, for programs."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from db import rejudging
from domain.alert import RejudgedBecause
from domain.ids import MarketId
from web.api.models import Model
from web.signed_in import SeesCaps
from web.state import Db

router = APIRouter(tags=["caps"])


class Rejudged(Model):
    """Weighings that are judged again. `since`, `until`: when they were made; null: without an end.

    `about`: the list, scale or vendor that changed. `finished_at` null: not done. `looked_at` of about `expected`;
    `changed` of them came out differently; `raised` and `withdrawn` are occurrences of alerts.
    """

    rejudgement_id: int
    cause: RejudgedBecause
    about: str
    since: datetime | None
    until: datetime | None
    market_id: str | None
    scale_id: str | None
    vendor_id: str | None
    requested_at: datetime
    requested_by: str
    started_at: datetime | None
    finished_at: datetime | None
    expected: int
    looked_at: int
    changed: int
    raised: int
    withdrawn: int


@router.get("/caps/rejudgements")
def judged_again(
    conn: Db,
    viewer: SeesCaps,
    market: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[Rejudged]:
    """The newest first, of those that touch what the viewer sees."""
    scope = viewer.narrow(None if market is None else MarketId(market))
    return [Rejudged.model_validate(one) for one in rejudging.recent(conn, scope, limit=limit)]
