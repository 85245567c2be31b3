"""Rounds of stall rotation: made, frozen, proposed, confirmed, put in force, given up; and their lists."""

from datetime import date, datetime, time
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection

from credit.rotation import applying, planning
from credit.rotation.comparing import Turn
from credit.rotation.editing import EditKind
from credit.rotation.listing import as_csv, turns_of
from credit.rules.book import rules_now
from db import alert_pages, registry, rotation_rounds
from domain.errors import IllegalTransition, NotAllowed, NotFound, RuleViolation
from domain.ids import MarketId
from domain.register.records import Source
from domain.rotation import Round
from web.access import Permission, Viewer
from web.i18n import language_of
from web.rendering import LANGUAGE_COOKIE
from web.rotation_views import seen_round, shown
from web.signed_in import PlansRotation, SeesRotation
from web.state import Db, Now, Running, Service

router = APIRouter(include_in_schema=False)

PAGE_SIZE: Final = 100
_SEE_OTHER: Final = 303
_CONFLICT: Final = 409
_UNPROCESSABLE: Final = 422

_Text = Annotated[str, Form(max_length=600)]
_Number = Annotated[int, Form(ge=0, le=2**31 - 1)]


@router.get("/rotation")
def rounds(request: Request, running: Running, conn: Db, viewer: SeesRotation) -> HTMLResponse:
    """Every round of the markets seen, the newest first, and the form for a new one."""
    return _list(request, running, conn, viewer)


@router.post("/rotation")
def begin(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: PlansRotation,
    market: _Text = "",
    title: _Text = "",
    takes_effect_on: _Text = "",
) -> Response:
    """Begin a round."""
    market_id = viewer.narrow(MarketId(market))
    chosen = next((one for one in registry.markets(conn) if one.market_id == market_id), None)
    if chosen is None:
        raise NotFound(f"there is no market {market} that you may see")
    today = now.astimezone(ZoneInfo(chosen.timezone)).date()
    try:
        round_id = planning.draft(
            conn, chosen.market_id, title, _day(takes_effect_on), by=viewer.username, now=now, today=today
        )
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        typed = {"market": market, "title": title, "takes_effect_on": takes_effect_on}
        return _list(request, running, conn, viewer, refusal=error, typed=typed)
    return RedirectResponse(f"/rotation/{round_id}", _SEE_OTHER)


@router.get("/rotation/{round_id}")
def one_round(
    request: Request,
    running: Running,
    conn: Db,
    viewer: SeesRotation,
    round_id: int,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    turn: Turn | None = None,
    version: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
) -> HTMLResponse:
    """A round and what it proposes; `turn`: only those for whom it comes to that."""
    return round_page(request, running, conn, viewer, round_id, page=page, turn=turn, version=version)


@router.post("/rotation/{round_id}/freeze")
def freeze(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: PlansRotation,
    round_id: int,
    public_source: _Text = "",
    public_from: _Text = "",
) -> Response:
    """Fix who takes part, and publish the hash."""
    of = seen_round(conn, viewer, round_id)
    try:
        planning.freeze(
            conn,
            round_id,
            public_source=public_source,
            public_from=_moment(public_from, of.timezone),
            rules=running.config.rotation_rules,
            credit_rules=rules_now(conn, running.config.credit_rules, now),
            by=viewer.username,
            now=now,
        )
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        typed = {"public_source": public_source, "public_from": public_from}
        return round_page(request, running, conn, viewer, round_id, refusal=error, typed=typed)
    return RedirectResponse(f"/rotation/{round_id}", _SEE_OTHER)


@router.post("/rotation/{round_id}/propose")
def propose(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: PlansRotation,
    round_id: int,
    public_value: _Text = "",
) -> Response:
    """Make the seed with the public value, and the proposal."""
    seen_round(conn, viewer, round_id)
    try:
        planning.propose(conn, round_id, public_value, by=viewer.username, now=now)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        typed = {"public_value": public_value}
        return round_page(request, running, conn, viewer, round_id, refusal=error, typed=typed)
    return RedirectResponse(f"/rotation/{round_id}", _SEE_OTHER)


@router.post("/rotation/{round_id}/confirm")
def confirm(
    request: Request, running: Running, conn: Db, now: Now, viewer: PlansRotation, round_id: int, seen: _Number = 0
) -> Response:
    """Confirm what is proposed, as a second person."""
    seen_round(conn, viewer, round_id)
    try:
        planning.confirm(conn, round_id, seen=seen, by=viewer.username, now=now)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        return round_page(request, running, conn, viewer, round_id, refusal=error)
    return RedirectResponse(f"/rotation/{round_id}", _SEE_OTHER)


@router.post("/rotation/{round_id}/in-force")
def put_in_force(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: PlansRotation,
    round_id: int,
    moment: _Text = "",
    scales_follow: _Text = "",
) -> Response:
    """Change the register as a confirmed round says."""
    of = seen_round(conn, viewer, round_id)
    viewer.require(Permission.EDIT_REGISTRY)
    try:
        applying.put_in_force(
            conn,
            round_id,
            _moment(moment, of.timezone),
            scales_follow=bool(scales_follow),
            by=viewer.username,
            now=now,
            source=Source.PAGE,
        )
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        typed = {"moment": moment, "scales_follow": scales_follow}
        return round_page(request, running, conn, viewer, round_id, refusal=error, typed=typed)
    return RedirectResponse(f"/rotation/{round_id}", _SEE_OTHER)


@router.post("/rotation/{round_id}/abandon")
def abandon(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: PlansRotation,
    round_id: int,
    because: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Give a round up, with the reason."""
    seen_round(conn, viewer, round_id)
    try:
        planning.abandon(conn, round_id, because, by=viewer.username, now=now)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        return round_page(request, running, conn, viewer, round_id, refusal=error, typed={"because": because})
    return RedirectResponse(f"/rotation/{round_id}", _SEE_OTHER)


@router.get("/rotation/{round_id}/list")
def printed_list(request: Request, running: Running, conn: Db, viewer: SeesRotation, round_id: int) -> HTMLResponse:
    """The whole list, to print and to put up in the market."""
    found = shown(conn, seen_round(conn, viewer, round_id))
    return running.renderer.page(
        request, "rotation_list.html", viewer=viewer, round=found.round, shown=found, turns=turns_of(found.lines)
    )


@router.get("/rotation/{round_id}/list.csv")
def list_as_csv(request: Request, conn: Db, viewer: SeesRotation, round_id: int) -> Response:
    """The whole list as CSV."""
    found = shown(conn, seen_round(conn, viewer, round_id))
    language = language_of(request.cookies.get(LANGUAGE_COOKIE))
    name = {"Content-Disposition": f'attachment; filename="rotation-{round_id}.csv"'}
    return Response(as_csv(found.lines, language.value), media_type="text/csv; charset=utf-8", headers=name)


def round_page(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    round_id: int,
    *,
    page: int = 1,
    turn: Turn | None = None,
    version: int | None = None,
    refusal: RuleViolation | None = None,
    typed: dict[str, str] | None = None,
) -> HTMLResponse:
    """Render a round."""
    of = seen_round(conn, viewer, round_id)
    found = None if of.version is None else shown(conn, of, version)
    lines = [] if found is None else [one for one in found.lines if turn in {None, one.turn}]
    first = (page - 1) * PAGE_SIZE
    versions = rotation_rounds.proposals(conn, round_id)
    return running.renderer.page(
        request,
        "rotation_round.html",
        viewer=viewer,
        status=_status(refusal),
        round=of,
        shown=found,
        versions=versions,
        turns={} if found is None else turns_of(found.lines),
        turn=turn,
        lines=lines[first : first + PAGE_SIZE],
        page=page,
        pages=max(1, -(-len(lines) // PAGE_SIZE)),
        people=alert_pages.display_names(conn, _people(of) | {one.made_by for one in versions}),
        may_plan=viewer.may(Permission.PLAN_ROTATION),
        is_newest=found is not None and found.proposal.version == of.version,
        EditKind=EditKind,
        starts_at=_starts_at(of),
        refusal=refusal,
        typed=typed or {},
    )


def _list(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    *,
    refusal: RuleViolation | None = None,
    typed: dict[str, str] | None = None,
) -> HTMLResponse:
    return running.renderer.page(
        request,
        "rotation.html",
        viewer=viewer,
        status=_status(refusal),
        rounds=rotation_rounds.listed(conn, viewer.scope),
        markets=[one for one in registry.markets(conn) if viewer.sees(one.market_id)],
        rules=running.config.rotation_rules,
        may_plan=viewer.may(Permission.PLAN_ROTATION),
        refusal=refusal,
        typed=typed or {},
    )


def _people(of: Round) -> set[str]:
    named = (of.created_by, of.frozen_by, of.proposed_by, of.confirmed_by, of.applied_by, of.abandoned_by)
    return {one for one in named if one}


def _starts_at(of: Round) -> str:
    return datetime.combine(of.takes_effect_on, time()).strftime("%Y-%m-%dT%H:%M")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RuleViolation(f"takes_effect_on is {text!r}; expected a day like 2027-01-01", problem="no_day") from None


def _moment(text: str, timezone: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise RuleViolation(
            f"{text!r} is no moment; expected a time like 2026-11-30T15:30", problem="no_moment"
        ) from None
    return moment.replace(tzinfo=ZoneInfo(timezone)) if moment.tzinfo is None else moment


def _status(refusal: RuleViolation | None) -> int:
    return 200 if refusal is None else _CONFLICT if isinstance(refusal, IllegalTransition) else _UNPROCESSABLE
