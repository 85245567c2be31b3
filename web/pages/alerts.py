"""The alert list, which keeps itself up to date, and the page of one alert."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from psycopg import Connection

from credit.rules.book import rulebook
from db import alert_pages, alert_photos, alert_steps, alerts, cases, complaints, registry, scale_caps
from domain.alert import Alert, AlertState, DismissReason
from domain.alert_step import AlertAction
from domain.promise import MadeHow
from supervision.alerts.states import AWAITING, BESIDE
from supervision.items.keeping import item_for
from web.access import Permission, Viewer
from web.alert_clocks import clocks_by_alert
from web.alert_filter import GROUPS, PAGE_SIZE, SHOW_WORDS, AlertFilter, Order, Show, alert_filter, states_of
from web.alert_forms import offered
from web.alert_lines import in_their_cases, lines_of, listed
from web.consequences import consequences_of
from web.evidence import evidence_of
from web.freshness import freshness
from web.handling import alert_for
from web.i18n import mark
from web.missing_lines import by_journal
from web.pages.refusals import Refusal, with_form_left
from web.promises import AnswerRefused, of_alert
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
def one_alert(
    request: Request, running: Running, conn: Db, now: Now, viewer: SeesAlerts, alert_id: int
) -> HTMLResponse:
    """One alert, with its weighings and everything that was done about it."""
    return alert_page(request, running, conn, viewer, alert_for(conn, viewer, alert_id), now=now)


@router.get("/alerts/{alert_id}/clock")
def clock_again(
    request: Request, running: Running, conn: Db, now: Now, viewer: SeesAlerts, alert_id: int
) -> HTMLResponse:
    """What is due of an alert, for its page to show anew."""
    alert = alert_for(conn, viewer, alert_id)
    [line] = lines_of([alert], running.config.rules_policy)
    clocks = clocks_by_alert([line], running.config, now).get(alert_id, ())
    return running.renderer.page(request, "_alert_clock.html", viewer=viewer, alert=alert, clocks=clocks, now=now)


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
    if refusal is not None and refusal.meanwhile is not None:
        actor = refusal.meanwhile.actor
        values["people"] = {**values["people"], **alert_pages.display_names(conn, {actor})}
    status = 200 if refusal is None else refusal.status
    return running.renderer.page(
        request, "alert_list.html", viewer=viewer, status=status, **{**values, "refusal": refusal}
    )


def list_values(
    conn: Connection, running: Service, viewer: Viewer, asked: AlertFilter, now: datetime
) -> dict[str, Any]:
    """Return what the list's template shows."""
    market = viewer.narrow(asked.market)
    found = listed(
        conn,
        market,
        asked.states,
        limit=PAGE_SIZE,
        offset=(asked.page - 1) * PAGE_SIZE,
        gravest=running.config.rules_policy.gravest,
        newest_first=asked.is_newest_first,
        assignee=viewer.username if asked.show is Show.MINE else None,
        is_overdue=asked.show is Show.OVERDUE,
    )
    counts = alert_pages.counts_up_to(conn, market, _COUNTED)
    mine = alert_pages.count_assigned(conn, market, viewer.username, GROUPS[Show.MINE], _COUNTED)
    overdue = alert_pages.count_overdue(conn, market, _COUNTED)
    of_people = {Show.MINE: mine, Show.OVERDUE: overdue}
    shown = of_people.get(asked.show, sum(counts[s] for s in asked.states))
    lines = lines_of(found, running.config.rules_policy, authority=viewer.acts_with)
    fresh = freshness(conn, market, now, most=_MARKETS_SHOWN)
    return {
        "lines": lines,
        "clocks": clocks_by_alert(lines, running.config, now),
        "now": now,
        "asked": asked,
        "orders": [(Order.WORST, mark("Worst first")), (Order.NEWEST, mark("Newest first"))],
        "pinyin": alert_pages.pinyin_of_local_names(conn),
        "tabs": [
            (show, SHOW_WORDS[show], _capped(of_people[show]) if show in of_people else _count(counts, states_of(show)))
            for show in GROUPS
        ],
        "singles": [(Show(state.value), _count(counts, frozenset({state}))) for state in asked.singles],
        "pages": -(-shown // PAGE_SIZE),
        "awaiting": _count(counts, states_of(Show.AWAITING)),
        "freshness": fresh,
        "holding": {
            one.market_id: one for one in scale_caps.in_force(conn, [one.market.market_id for one in fresh], now)
        },
        "markets_shown": _MARKETS_SHOWN,
        "rules_version": running.config.rules_policy.version,
        "refusal": None,
        "people": alert_pages.display_names(conn, {one.assignee for one in found if one.assignee is not None}),
    }


def _count(counts: Mapping[AlertState, int], states: frozenset[AlertState]) -> str:
    return f"{sum(counts[s] for s in states)}{'+' if any(counts[s] >= _COUNTED for s in states) else ''}"


def _capped(count: int) -> str:
    return f"{count}{'+' if count >= _COUNTED else ''}"


def alert_page(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    alert: Alert,
    *,
    now: datetime,
    refusal: Refusal | None = None,
    answer_refused: AnswerRefused | None = None,
) -> HTMLResponse:
    """Return the page of an alert; with what was refused above it, where something was."""
    [line] = in_their_cases(conn, lines_of([alert], running.config.rules_policy, authority=viewer.acts_with))
    found = evidence_of(conn, line)
    charging = rulebook(conn, running.config.credit_rules).at(alert.business_day)
    steps = alert_steps.of_alert(conn, alert.alert_id)
    merged = alerts.handled_with(conn, alert.alert_id)
    meanwhile = [] if refusal is None or refusal.meanwhile is None else [refusal.meanwhile]
    people = {alert.assignee or "", *(step.assignee or "" for step in steps)}
    policy = running.config.supervision_policy
    may_see_credit = viewer.may(Permission.SEE_CREDIT)
    promised = of_alert(conn, alert.alert_id) if may_see_credit else None
    offers = offered(conn, line, steps, viewer=viewer, policy=policy, now=now)
    if refusal is not None:
        forms = {one for one in line.actions if one is not AlertAction.APPEAL or offers.appeal_until is not None}
        refusal = with_form_left(refusal, forms | set(BESIDE))
    refused_with = [one.status for one in (refusal, answer_refused) if one is not None]
    of_promise = () if promised is None else promised.steps
    actors = {*(step.actor for step in [*steps, *meanwhile]), *(step.actor for step in of_promise), *people}
    return running.renderer.page(
        request,
        "alert.html",
        viewer=viewer,
        status=next(iter(refused_with), 200),
        promised=promised,
        answer_refused=answer_refused,
        made_how=list(MadeHow),
        line=line,
        clocks=clocks_by_alert([line], running.config, now).get(alert.alert_id, ()),
        alert=alert,
        now=now,
        is_awaiting=alert.state in AWAITING,
        offers=offers,
        merged=merged,
        occurrences=alert.occurrences + sum(one.occurrences for one in merged),
        complained=complaints.of_alert(conn, alert.alert_id) if viewer.may(Permission.SEE_COMPLAINTS) else [],
        item=item_for(conn, alert.kind),
        case_id=cases.case_of_alert(conn, alert.alert_id),
        photos=alert_photos.of_alert(conn, alert.alert_id),
        needs_photo=policy.rectification.needs_photo,
        credit=consequences_of(conn, alert, config=running.config, now=now) if may_see_credit else None,
        is_charged=charging.deduction_for(alert.kind) is not None,
        weighings=found.weighings,
        cap_lists=found.cap_lists,
        gaps=by_journal(found.gaps),
        tamper=running.config.rules_policy.tamper_rule(alert.kind),
        happened=found.device_events,
        breaks=found.breaks,
        steps=steps,
        people=alert_pages.display_names(conn, actors),
        pinyin=alert_pages.pinyin_of_local_names(conn),
        reasons=[one for one in DismissReason if line.is_about_prices or one is not DismissReason.LIST_ERROR],
        rules_version=running.config.rules_policy.version,
        refusal=refusal,
    )
