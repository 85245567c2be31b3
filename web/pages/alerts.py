"""The alert list, which keeps itself up to date, and the page of one alert."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from psycopg import Connection

from db import alert_pages, alerts, caps, registry, weighings
from domain.alert import Alert, AlertState, DismissReason
from web.access import Permission, Viewer
from web.alert_filter import PAGE_SIZE, SHOW_WORDS, AlertFilter, Show, alert_filter, states_of
from web.alert_lines import lines_of, listed
from web.freshness import freshness
from web.handling import alert_for
from web.pages.refusals import Refusal
from web.signed_in import SeesAlerts
from web.state import Db, Now, Running, Service

router = APIRouter(include_in_schema=False)

#: Beyond this many in a state a list only says "more".
_COUNTED = 1000
#: The list says of this many markets what its silence is worth; every refresh asks for it again.
_MARKETS_SHOWN = 6

Filter = Annotated[AlertFilter, Depends(alert_filter)]


@router.get("/")
def alert_list(
    request: Request, running: Running, conn: Db, now: Now, viewer: SeesAlerts, asked: Filter
) -> HTMLResponse:
    """The list with everything around it."""
    values = list_values(conn, running, viewer, asked, now)
    markets = registry.markets(conn) if viewer.scope is None else []
    return running.renderer.page(request, "alerts.html", viewer=viewer, markets=markets, **values)


@router.get("/alerts/list")
def alert_list_again(
    request: Request, running: Running, conn: Db, now: Now, viewer: SeesAlerts, asked: Filter
) -> HTMLResponse:
    """Only the list, for a page that was told of a change."""
    return list_part(request, running, conn, viewer, asked, now=now)


@router.get("/alerts/{alert_id}")
def one_alert(request: Request, running: Running, conn: Db, viewer: SeesAlerts, alert_id: int) -> HTMLResponse:
    """One alert, with its weighings and everything that was done about it."""
    return alert_page(request, running, conn, viewer, alert_for(conn, viewer, alert_id))


def list_part(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    asked: AlertFilter,
    *,
    now: datetime,
    refusal: Refusal | None = None,
) -> HTMLResponse:
    """Return the list alone; with what was refused above it, where something was."""
    values = list_values(conn, running, viewer, asked, now)
    status = 200 if refusal is None else refusal.status
    return running.renderer.page(
        request, "alert_list.html", viewer=viewer, status=status, **{**values, "refusal": refusal}
    )


def list_values(
    conn: Connection, running: Service, viewer: Viewer, asked: AlertFilter, now: datetime
) -> dict[str, Any]:
    """Return what the list's template shows."""
    market = viewer.narrow(asked.market)
    found = listed(conn, market, asked.states, limit=PAGE_SIZE, offset=(asked.page - 1) * PAGE_SIZE)
    counts = alert_pages.counts_up_to(conn, market, _COUNTED)
    may_act = viewer.may(Permission.ACT_ON_ALERTS)
    return {
        "lines": lines_of(found, running.config.rules_policy, may_act=may_act),
        "asked": asked,
        "tabs": [(show, SHOW_WORDS.get(show), _count(counts, states_of(show))) for show in Show],
        "pages": -(-sum(counts[s] for s in asked.states) // PAGE_SIZE),
        "awaiting": _count(counts, states_of(Show.AWAITING)),
        "freshness": freshness(conn, market, now, most=_MARKETS_SHOWN),
        "markets_shown": _MARKETS_SHOWN,
        "rules_version": running.config.rules_policy.version,
        "refusal": None,
    }


def _count(counts: Mapping[AlertState, int], states: frozenset[AlertState]) -> str:
    return f"{sum(counts[s] for s in states)}{'+' if any(counts[s] >= _COUNTED for s in states) else ''}"


def alert_page(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    alert: Alert,
    *,
    refusal: Refusal | None = None,
) -> HTMLResponse:
    """Return the page of an alert; with what was refused above it, where something was."""
    weighed = weighings.of_alert(conn, alert.alert_id)
    headings = [caps.heading(conn, i) for i in sorted({w.cap_list_id for w in weighed if w.cap_list_id is not None})]
    may_act = viewer.may(Permission.ACT_ON_ALERTS)
    return running.renderer.page(
        request,
        "alert.html",
        viewer=viewer,
        status=200 if refusal is None else refusal.status,
        line=lines_of([alert], running.config.rules_policy, may_act=may_act)[0],
        weighings=weighed,
        cap_lists=[one for one in headings if one is not None],
        events=alerts.events_of(conn, alert.alert_id),
        reasons=list(DismissReason),
        rules_version=running.config.rules_policy.version,
        refusal=refusal,
    )
