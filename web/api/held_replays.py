"""Many held messages read again: asked for by a filter, followed, stopped."""

from typing import Annotated, Final

from fastapi import APIRouter, Query
from psycopg import Connection

from db import quarantine_replays
from db.quarantine_pages import Where
from domain.ids import MarketId, ScaleId
from web.access import Viewer
from web.api.held_models import HeldReplay, ReplayRequest
from web.held_handling import ask_for_many, many_replayed_for, stop_many
from web.signed_in import HandlesQuarantine, SeesQuarantine
from web.state import Db, Now

router = APIRouter(prefix="/quarantine/replays", tags=["quarantine"])

_ACCEPTED: Final = 202


@router.get("")
def replays(conn: Db, viewer: SeesQuarantine, limit: Annotated[int, Query(ge=1, le=500)] = 100) -> list[HeldReplay]:
    """The last replays of many that were asked for, the newest first."""
    found = quarantine_replays.newest_ones(conn, viewer.scope, limit)
    return [HeldReplay.model_validate(one) for one in found]


@router.post("", status_code=_ACCEPTED)
def replay_many(conn: Db, now: Now, viewer: HandlesQuarantine, body: ReplayRequest) -> HeldReplay:
    """Ask that everything held be read again that fits. An ingest worker does it; read it to see how far it is."""
    where = Where(
        reason=body.reason,
        market_id=viewer.narrow(None if body.market is None else MarketId(body.market)),
        scale_id=None if body.scale is None else ScaleId(body.scale),
        since=body.since,
        until=body.until,
    )
    up_to = quarantine_replays.newest(conn) if body.up_to is None else body.up_to
    return _replay(conn, viewer, ask_for_many(conn, viewer, where, up_to, now))


@router.get("/{replay_id}")
def how_far(conn: Db, viewer: SeesQuarantine, replay_id: int) -> HeldReplay:
    """How many were asked for, wait, were accepted, and were refused again."""
    return _replay(conn, viewer, replay_id)


@router.post("/{replay_id}/stop")
def stop_replay(conn: Db, now: Now, viewer: HandlesQuarantine, replay_id: int) -> HeldReplay:
    """Reach no further messages; those that are marked already are still read."""
    stop_many(conn, viewer, replay_id, now)
    return _replay(conn, viewer, replay_id)


def _replay(conn: Connection, viewer: Viewer, replay_id: int) -> HeldReplay:
    return HeldReplay.model_validate(many_replayed_for(conn, viewer, replay_id))
