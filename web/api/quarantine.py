"""Held messages: listed, counted, read with every byte, and dealt with."""

from base64 import b64encode
from typing import Annotated, Final

from fastapi import APIRouter, Query, Response
from psycopg import Connection
from pydantic import AwareDatetime

from db import quarantine_counts, quarantine_pages
from db.quarantine_pages import HeldDetail, HeldSummary, Where
from domain.ids import MarketId, ScaleId
from domain.quarantine import HeldState
from messages.showing import show_payload
from web.api.held_models import HeldCount, HeldMessage, HeldMessageDetail, HeldStepTaken, SettleRequest
from web.held_handling import ask_for_replay, held_for, settle
from web.signed_in import HandlesQuarantine, SeesQuarantine
from web.state import Db, Now

router = APIRouter(prefix="/quarantine", tags=["quarantine"])

_SHOWN_CHARACTERS: Final = 1_000_000
_ACCEPTED: Final = 202


@router.get("")
def held_messages(
    conn: Db,
    viewer: SeesQuarantine,
    state: Annotated[list[HeldState] | None, Query(description="states to list; none given: all")] = None,
    reason: Annotated[str | None, Query(max_length=64)] = None,
    market: Annotated[str | None, Query(max_length=64)] = None,
    scale: Annotated[str | None, Query(max_length=64)] = None,
    since: Annotated[AwareDatetime | None, Query(description="received then or later")] = None,
    until: Annotated[AwareDatetime | None, Query(description="received before")] = None,
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="only what has a smaller number")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[HeldMessage]:
    """The newest held messages; ask for the next ones with the last one's number as `before`."""
    where = Where(
        reason=reason,
        market_id=viewer.narrow(None if market is None else MarketId(market)),
        scale_id=None if scale is None else ScaleId(scale),
        since=since,
        until=until,
    )
    states = frozenset(state or HeldState)
    return [_summary(one) for one in quarantine_pages.listed(conn, where, states, before=before, limit=limit)]


@router.get("/reasons")
def counted(
    conn: Db,
    viewer: SeesQuarantine,
    market: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=10_000, description="of how many scales and reasons at most")] = 1000,
) -> list[HeldCount]:
    """How many are held by reason and scale, counted to the last one; the most come first."""
    scope = viewer.narrow(None if market is None else MarketId(market))
    return [HeldCount.model_validate(one) for one in quarantine_counts.tally(conn, scope, limit=limit)]


@router.get("/{quarantine_id}")
def read_message(conn: Db, viewer: SeesQuarantine, quarantine_id: int) -> HeldMessageDetail:
    """One message with its payload and everything that was done about it."""
    return _detail(conn, held_for(conn, viewer, quarantine_id))


@router.get("/{quarantine_id}/payload", response_class=Response)
def read_payload(conn: Db, viewer: SeesQuarantine, quarantine_id: int) -> Response:
    """The bytes as they came, to be saved and not shown."""
    held = held_for(conn, viewer, quarantine_id)
    name = f'attachment; filename="held-{quarantine_id}.bin"'
    return Response(held.payload, media_type="application/octet-stream", headers={"Content-Disposition": name})


@router.post("/{quarantine_id}/replay", status_code=_ACCEPTED)
def replay_message(conn: Db, now: Now, viewer: HandlesQuarantine, quarantine_id: int) -> HeldMessageDetail:
    """Ask that it be read again. An ingest worker does it within a second or two: read it to see what came of it."""
    ask_for_replay(conn, viewer, quarantine_id, now)
    return _detail(conn, held_for(conn, viewer, quarantine_id))


@router.post("/{quarantine_id}/settle")
def settle_message(
    conn: Db, now: Now, viewer: HandlesQuarantine, quarantine_id: int, body: SettleRequest
) -> HeldMessageDetail:
    """Close it, with the reason. It stays on record."""
    settle(conn, viewer, quarantine_id, body.because, now)
    return _detail(conn, held_for(conn, viewer, quarantine_id))


def _summary(one: HeldSummary) -> HeldMessage:
    return HeldMessage.model_validate(one)


def _detail(conn: Connection, held: HeldDetail) -> HeldMessageDetail:
    shown = show_payload(held.payload, _SHOWN_CHARACTERS)
    events = quarantine_pages.events_of(conn, held.quarantine_id)
    return HeldMessageDetail(
        **_summary(held).model_dump(),
        payload_kind=shown.kind,
        payload_text=shown.text,
        payload_base64=b64encode(held.payload).decode(),
        steps=[HeldStepTaken.model_validate(event) for event in events],
    )
