"""Approvals and the checks after them: what is to be done, and one approval with all that was told of it."""

from datetime import date, datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection

from db import alert_pages, inspections
from db.approvals import checks, records
from db.approvals.checks import Which
from domain.approval import CheckAction, CheckResult
from domain.errors import FieldRefused, IllegalTransition, NotFound, RuleViolation
from domain.ids import MarketId, VendorId
from supervision.approvals import checking
from supervision.approvals.entries import plain_number
from supervision.approvals.states import LONGEST_NOTE, UNFINISHED, Move, actions_from
from web.access import Permission, Viewer
from web.approvals import assign_to, check_of, shown, shown_changes, view_of
from web.i18n import mark
from web.signed_in import HandlesApprovals, SeesApprovals
from web.state import Db, Now, Running, Service
from web.words_of_approvals import APPROVAL_FIELDS, approval_field

router = APIRouter(prefix="/registry/approvals", include_in_schema=False)

_SEE_OTHER: Final = 303
_PAGE: Final = 50
_LATE: Final = mark("Somebody was faster. Your step was not taken; this is how it stands.")
_MISSING: Final = mark("Say what was found, or why: it stands in the trail.")
_NO_RESULT: Final = mark("Choose what was found.")
_NOBODY: Final = mark("There is nobody of that name who may do checks.")
_NO_VENDOR: Final = mark("There is no such vendor in that market, or it is not matched.")
_NO_ITEM: Final = mark("There is no such item in the catalogue in force.")
_NOTHING_TYPED: Final = dict.fromkeys(
    ("form", "note", "result", "market", "vendor", "because", "assigned_to", "item"), ""
)
_PROBLEMS: Final = {"no_note": _MISSING, "no_reason": _MISSING, "too_long": _MISSING, "no_result": _NO_RESULT}


class Shown(StrEnum):
    """Which part of the list is shown."""

    OPEN = "open"
    OVERDUE = "overdue"
    UNMATCHED = "unmatched"
    DONE = "done"


@router.get("")
def list_page(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: SeesApprovals,
    show: Shown = Shown.OPEN,
    number: Annotated[str, Query(max_length=100)] = "",
    after: Annotated[str, Query(max_length=40)] = "",
) -> HTMLResponse:
    """The list: checks by their due day, what nobody is known for, what is done; or approvals by their number."""
    today = running.config.approvals_policy.today(now)
    ids, check_ids, more = _listed(conn, viewer, show, plain_number(number), after, today)
    approvals = records.several(conn, ids)
    found = checks.several(conn, check_ids) if check_ids else checks.latest_of(conn, ids)
    rows = [(approvals[one], found.get(key)) for one, key in zip(ids, check_ids or ids, strict=True)]
    awaiting, overdue = checks.counts(conn, viewer.scope, today)
    return running.renderer.page(
        request,
        "approvals.html",
        viewer=viewer,
        rows=rows,
        more=more,
        show=show,
        kinds=[one for one in Shown if one is not Shown.UNMATCHED or viewer.scope is None],
        labels=_LABELS,
        number=number,
        after=after,
        today=today,
        awaiting=awaiting,
        overdue=overdue,
        people=alert_pages.display_names(conn, {one.assigned_to for _, one in rows if one and one.assigned_to}),
    )


_LABELS: Final = {
    Shown.OPEN: mark("To be checked"),
    Shown.OVERDUE: mark("Overdue"),
    Shown.UNMATCHED: mark("Nobody is known for it"),
    Shown.DONE: mark("Done or withdrawn"),
}


@router.get("/checks/{check_id}")
def one_check(conn: Db, viewer: SeesApprovals, check_id: int) -> Response:
    """Where a check stands: on the page of its approval."""
    return RedirectResponse(f"/registry/approvals/{check_of(conn, viewer, check_id).approval_id}", _SEE_OTHER)


@router.get("/{approval_id}")
def one_page(
    request: Request, running: Running, conn: Db, now: Now, viewer: SeesApprovals, approval_id: int
) -> HTMLResponse:
    """One approval with its versions and its checks."""
    return _page(request, running, conn, now, viewer, approval_id)


@router.post("/{approval_id}/matches")
def match(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: HandlesApprovals,
    approval_id: int,
    market: Annotated[str, Form(max_length=64)] = "",
    vendor: Annotated[str, Form(max_length=64)] = "",
    because: Annotated[str, Form(max_length=4_000)] = "",
    ends: Annotated[bool, Form()] = False,
) -> Response:
    """Say that an approval is, or is not, about a vendor."""
    view_of(conn, viewer, approval_id)
    typed = {"form": "match", "market": market, "vendor": vendor, "because": because}
    do = checking.unmatch if ends else checking.match
    try:
        with conn.transaction():
            where, who = MarketId(market.strip()), VendorId(vendor.strip())
            do(conn, approval_id, where, who, because=because, by=viewer.username, at=now)
    except (FieldRefused, NotFound) as error:
        problem = _NO_VENDOR if isinstance(error, NotFound) else _MISSING
        return _page(request, running, conn, now, viewer, approval_id, typed=typed, problem=problem)
    return RedirectResponse(f"/registry/approvals/{approval_id}", _SEE_OTHER)


@router.post("/checks/{check_id}/assign")
def assign(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: HandlesApprovals,
    check_id: int,
    assigned_to: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Say who is to do a check."""
    approval_id = check_of(conn, viewer, check_id).approval_id
    typed = {"form": "assign", "assigned_to": assigned_to}
    try:
        with conn.transaction():
            assign_to(conn, viewer, check_id, assigned_to.strip(), now)
    except (FieldRefused, IllegalTransition) as error:
        return _page(request, running, conn, now, viewer, approval_id, typed=typed, problem=_problem(error, _NOBODY))
    return RedirectResponse(f"/registry/approvals/{approval_id}", _SEE_OTHER)


@router.post("/checks/{check_id}/inspect")
def inspect(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: HandlesApprovals,
    check_id: int,
    vendor: Annotated[str, Form(max_length=130)] = "",
    item: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Open a visit to the vendor whom the approval is about."""
    viewer.require(Permission.INSPECT)
    approval_id = check_of(conn, viewer, check_id).approval_id
    typed = {"form": "inspect", "vendor": vendor, "item": item}
    market_id, _, vendor_id = vendor.partition("/")
    try:
        with conn.transaction():
            inspection_id = checking.inspect(
                conn,
                check_id,
                MarketId(market_id),
                VendorId(vendor_id),
                item.strip(),
                actor=viewer.username,
                origin=viewer.origin,
                now=now,
                policy=running.config.approvals_policy,
            )
    except RuleViolation as error:
        problem = _NO_ITEM if isinstance(error, FieldRefused) else _problem(error, _NO_VENDOR)
        return _page(request, running, conn, now, viewer, approval_id, typed=typed, problem=problem)
    return RedirectResponse(f"/inspections/visits/{inspection_id}", _SEE_OTHER)


@router.post("/checks/{check_id}/{action}")
def step(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: HandlesApprovals,
    check_id: int,
    action: CheckAction,
    note: Annotated[str, Form(max_length=4_000)] = "",
    result: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Take a step with a check; refused, what was typed stays."""
    approval_id = check_of(conn, viewer, check_id).approval_id
    typed = {"form": str(action), "note": note, "result": result}
    try:
        with conn.transaction():
            if action is CheckAction.COMMENT:
                checking.comment(conn, check_id, note, actor=viewer.username, origin=viewer.origin, now=now)
            else:
                chosen = CheckResult(result) if result in set(CheckResult) and action is CheckAction.CHECK else None
                move = Move(action=action, result=chosen, note=note, origin=viewer.origin)
                checking.act(conn, check_id, move, actor=viewer.username, now=now)
    except (FieldRefused, IllegalTransition) as error:
        return _page(request, running, conn, now, viewer, approval_id, typed=typed, problem=_problem(error, _MISSING))
    return RedirectResponse(f"/registry/approvals/{approval_id}", _SEE_OTHER)


def _problem(error: RuleViolation, otherwise: str) -> str:
    if isinstance(error, IllegalTransition):
        return _LATE
    return _PROBLEMS.get(error.problem, otherwise) if isinstance(error, FieldRefused) else otherwise


def _listed(
    conn: Connection, viewer: Viewer, show: Shown, number: str, after: str, today: date
) -> tuple[list[int], list[int], str]:
    """Return the approvals to list, their checks where it is a list of checks, and where the next page begins."""
    if number:
        return checks.by_number(conn, number, viewer.scope, limit=_PAGE), [], ""
    last = int(after) if after.isdecimal() and after.isascii() and len(after) <= 18 else None  # noqa: PLR2004 - bigint
    if show is Shown.UNMATCHED:
        ids = checks.unmatched(conn, after=last, limit=_PAGE) if viewer.scope is None else []
        return ids, [], str(ids[-1]) if len(ids) == _PAGE else ""
    which = Which(market_id=viewer.scope, overdue_on=today if show is Shown.OVERDUE else None)
    if show is Shown.DONE:
        pairs = checks.finished(conn, which, after=last, limit=_PAGE)
    else:
        before = None if last is None else checks.by_id(conn, last)
        place = None if before is None else (before.due_on, before.check_id)
        pairs = checks.awaited(conn, which, after=place, limit=_PAGE)
    more = str(pairs[-1][0]) if len(pairs) == _PAGE else ""
    return [one for _, one in pairs], [one for one, _ in pairs], more


def _page(
    request: Request,
    running: Service,
    conn: Connection,
    now: datetime,
    viewer: Viewer,
    approval_id: int,
    *,
    typed: dict[str, Any] | None = None,
    problem: str = "",
) -> HTMLResponse:
    view = view_of(conn, viewer, approval_id)
    check = view.unfinished_or_last
    named = {step.actor for trail in view.trails.values() for step in trail}
    named |= {one.received_by for one in view.versions} | {one.assigned_to or "" for one in view.checks}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return running.renderer.page(
        request,
        "approval.html",
        viewer=viewer,
        status=HTTPStatus.CONFLICT if problem == _LATE else status,
        view=view,
        says=shown(view.stored),
        fields=[name for name in APPROVAL_FIELDS if name not in ("changed_at", "kind", "act")],
        changes=[shown_changes(one) for one in view.versions],
        check=check,
        actions=actions_from(check.state) if check and viewer.may(Permission.HANDLE_APPROVALS) else [],
        is_unfinished=check is not None and check.state in UNFINISHED,
        may_handle=viewer.may(Permission.HANDLE_APPROVALS),
        may_inspect=viewer.may(Permission.INSPECT),
        has_visit=check is not None and inspections.of_approval_check(conn, check.check_id) is not None,
        results=list(CheckResult),
        field_word=approval_field,
        longest=LONGEST_NOTE,
        people=alert_pages.display_names(conn, named - {""}),
        today=running.config.approvals_policy.today(now),
        timezone=running.config.approvals_policy.timezone,
        typed=_NOTHING_TYPED | (typed or {}),
        problem=problem,
    )
