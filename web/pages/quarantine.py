"""What could not be accepted: the list with its filters, the page of one message, and what is done about it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection

from db import alert_pages, quarantine_counts, quarantine_pages, quarantine_replays, registry
from db.quarantine_pages import Where
from domain.errors import NotAllowed, NotFound, RuleViolation
from domain.quarantine import HeldState
from messages.showing import show_payload
from web.access import Permission, Viewer
from web.held_filter import DEFAULT_TIMEZONE, PAGE_SIZE, HeldFilter, held_filter
from web.held_handling import NotHeld, ask_for_replay, held_for, settle
from web.i18n import mark
from web.signed_in import HandlesQuarantine, SeesQuarantine
from web.state import Db, Now, Running, Service

router = APIRouter(include_in_schema=False)

#: Of a span of time, beyond this many the page only says "more"; without one it counts to the last one.
_COUNTED: Final = 1_000
#: Of replays of many, the list tells of the last ones that are not a day old.
_REPLAYS_TOLD: Final = 3
_TOLD_FOR: Final = timedelta(days=1)
#: Characters of a payload on the page; all of it through the API and the command line.
_SHOWN_CHARACTERS: Final = 100_000
_SEE_OTHER: Final = 303
_CONFLICT: Final = 409
_UNPROCESSABLE: Final = 422

Filter = Annotated[HeldFilter, Depends(held_filter)]


@router.get("/quarantine")
def held_messages(
    request: Request, running: Running, conn: Db, now: Now, viewer: SeesQuarantine, asked: Filter
) -> HTMLResponse:
    """The messages in a state, the newest first."""
    markets = registry.markets(conn)
    where = asked.where(viewer, markets)
    found = quarantine_pages.listed(conn, where, {asked.state}, before=asked.before, limit=PAGE_SIZE + 1)
    counts, most = _counts(conn, where)
    replays = quarantine_replays.newest_ones(conn, viewer.scope, _REPLAYS_TOLD)
    return running.renderer.page(
        request,
        "quarantine.html",
        viewer=viewer,
        asked=asked,
        held=found[:PAGE_SIZE],
        older=found[PAGE_SIZE - 1].quarantine_id if len(found) > PAGE_SIZE else None,
        tabs=[(state, _count([n for (of, _), n in counts.items() if of is state], most)) for state in HeldState],
        reasons=sorted(
            ((reason, _count([n], most)) for (state, reason), n in counts.items() if state is asked.state),
            key=lambda one: -counts[asked.state, one[0]],
        ),
        timezones=_timezones(markets),
        markets=markets if viewer.scope is None else [],
        replays=[one for one in replays if one.is_going_on or now - one.asked_at < _TOLD_FOR],
        may_replay=viewer.may(Permission.HANDLE_QUARANTINE)
        and asked.state is HeldState.HELD
        and any(one.may_be_replayed for one in found),
    )


@router.get("/quarantine/{quarantine_id}")
def one_message(
    request: Request, running: Running, conn: Db, viewer: SeesQuarantine, quarantine_id: int
) -> HTMLResponse:
    """One message: why, what to do, what was done, and its payload."""
    return _page(request, running, conn, viewer, quarantine_id)


@router.post("/quarantine/{quarantine_id}/replay")
def replay_message(
    request: Request, running: Running, conn: Db, now: Now, viewer: HandlesQuarantine, quarantine_id: int
) -> Response:
    """Ask that it be read again; the page shows the outcome when it is there."""
    try:
        ask_for_replay(conn, viewer, quarantine_id, now)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        return _page(request, running, conn, viewer, quarantine_id, refusal=error)
    return RedirectResponse(f"/quarantine/{quarantine_id}", _SEE_OTHER)


@router.post("/quarantine/{quarantine_id}/settle")
def settle_message(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: HandlesQuarantine,
    quarantine_id: int,
    because: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Close it, with the reason."""
    try:
        settle(conn, viewer, quarantine_id, because, now)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        return _page(request, running, conn, viewer, quarantine_id, refusal=error)
    return RedirectResponse(f"/quarantine/{quarantine_id}", _SEE_OTHER)


def _page(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    quarantine_id: int,
    *,
    refusal: RuleViolation | None = None,
) -> HTMLResponse:
    held = held_for(conn, viewer, quarantine_id)
    events = quarantine_pages.events_of(conn, quarantine_id)
    actors = {event.actor for event in events} | {held.replay_requested_by or ""}
    is_late = isinstance(refusal, NotHeld)
    return running.renderer.page(
        request,
        "held_message.html",
        viewer=viewer,
        status=200 if refusal is None else _CONFLICT if is_late else _UNPROCESSABLE,
        held=held,
        shown=show_payload(held.payload, _SHOWN_CHARACTERS),
        events=events,
        people=alert_pages.display_names(conn, actors),
        timezone=_timezones(registry.markets(conn)).get(held.market_id or "", DEFAULT_TIMEZONE),
        may_handle=viewer.may(Permission.HANDLE_QUARANTINE),
        refusal=None if refusal is None else _LATE if is_late else _NOT_ALLOWED,
    )


_LATE: Final = mark("Somebody was faster. Your step was not taken; this is how it stands.")
_NOT_ALLOWED: Final = mark("Say why nothing more is to be done. A number that came twice can only be settled.")


def _timezones(markets: list[registry.Market]) -> dict[str, str]:
    return {market.market_id: market.timezone for market in markets}


def _counts(conn: Connection, where: Where) -> tuple[Mapping[tuple[HeldState, str], int], int | None]:
    """Return how many there are, and up to how many of each that was counted; None: to the last one."""
    if where.since is None and where.until is None:
        return quarantine_counts.counts(conn, where), None
    return quarantine_pages.counts_up_to(conn, where, _COUNTED + 1), _COUNTED


def _count(counted: list[int], most: int | None) -> str:
    """Return a count; one that stopped at the most that is counted says so."""
    if most is None:
        return f"{sum(counted):,}"
    return f"{sum(min(n, most) for n in counted):,}{'+' if any(n > most for n in counted) else ''}"
