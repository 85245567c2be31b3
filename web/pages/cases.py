"""One case for regulators, and how it stands for the market that handed it over."""

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection

from db import alert_pages, cases
from domain.case import CaseAction, CaseOutcome
from domain.errors import FieldRefused, RuleViolation
from domain.publicity import PenaltyKind, PublicityField
from supervision.alerts.needs import LONGEST_NOTE
from supervision.cases.handling import Move
from supervision.cases.states import TAKES_ALERTS, WITH_WORDS, outcomes_from
from web.access import Permission, Viewer
from web.case_forms import TypedDecision
from web.case_handling import act, add_alert, bundle_for, decide, freeze, view_for
from web.pages.refused_steps import RefusedStep, refused_step
from web.signed_in import HandlesCases, SeesCases
from web.state import Db, Now, Running, Service

router = APIRouter(prefix="/cases", include_in_schema=False)

_SEE_OTHER: Final = 303
_MAX_ID: Final = 2**63 - 1

_Text = Annotated[str, Form(max_length=4000)]
_Revision = Annotated[int | None, Form()]


@router.get("/{case_id}")
def one_case(request: Request, running: Running, conn: Db, viewer: SeesCases, case_id: int) -> HTMLResponse:
    """One case with its alerts, what the law says, its evidence, decisions and trail."""
    return _page(request, running, conn, viewer, case_id)


@router.post("/{case_id}/steps/{action}")
def step(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: HandlesCases,
    case_id: int,
    action: CaseAction,
    note: _Text = "",
    officer: Annotated[str, Form(max_length=64)] = "",
    revision: _Revision = None,
) -> Response:
    """Take a step; refused, what was typed stays."""
    move = Move(action=action, note=note, officer=officer.strip() or None, revision=revision)
    try:
        act(conn, viewer, case_id, move, config=running.config, now=now)
    except RuleViolation as refused:
        return _page(
            request,
            running,
            conn,
            viewer,
            case_id,
            refused=refused_step(refused),
            step={"action": action, "note": note},
        )
    return RedirectResponse(f"/cases/{case_id}", _SEE_OTHER)


@router.post("/{case_id}/alerts")
def one_more(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: HandlesCases,
    case_id: int,
    alert_id: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Add an alert of the same vendor."""
    try:
        if not alert_id.strip().isdecimal() or int(alert_id) > _MAX_ID:
            raise FieldRefused("alert_id", repr(alert_id), "the number of an alert", problem="of_another_subject")
        add_alert(conn, viewer, case_id, int(alert_id), "", now)
    except RuleViolation as refused:
        return _page(request, running, conn, viewer, case_id, refused=refused_step(refused), alert_id=alert_id)
    return RedirectResponse(f"/cases/{case_id}", _SEE_OTHER)


@router.post("/{case_id}/decision")
def record(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: HandlesCases,
    case_id: int,
    typed: Annotated[TypedDecision, Form()],
) -> Response:
    """Record a decision; refused, everything stays in the form."""
    try:
        said = typed.understood()
        decide(conn, viewer, case_id, said, revision=typed.revision, config=running.config, now=now)
    except RuleViolation as refused:
        return _page(request, running, conn, viewer, case_id, refused=refused_step(refused), typed=typed)
    return RedirectResponse(f"/cases/{case_id}", _SEE_OTHER)


@router.post("/{case_id}/bundles")
def freeze_one(conn: Db, now: Now, running: Running, viewer: HandlesCases, case_id: int) -> Response:
    """Freeze the evidence as it is now."""
    freeze(conn, viewer, case_id, running.config, now)
    return RedirectResponse(f"/cases/{case_id}#evidence-title", _SEE_OTHER)


@router.get("/{case_id}/bundles/{bundle_id}")
def download(conn: Db, now: Now, viewer: HandlesCases, case_id: int, bundle_id: int) -> Response:
    """A bundle's bytes; who took it is written down."""
    return zip_answer(bundle_for(conn, viewer, case_id, bundle_id, now), case_id, bundle_id)


def zip_answer(content: bytes, case_id: int, bundle_id: int) -> Response:
    """Return a bundle as a file to keep."""
    name = f'attachment; filename="case-{case_id}-evidence-{bundle_id}.zip"'
    return Response(content, media_type="application/zip", headers={"Content-Disposition": name})


def _page(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    case_id: int,
    *,
    refused: RefusedStep | None = None,
    typed: TypedDecision | None = None,
    step: dict[str, str] | None = None,
    alert_id: str = "",
) -> HTMLResponse:
    view = view_for(conn, viewer, case_id, running.config)
    asked = step or {"action": "", "note": ""}
    # The form of a step that does not follow any more is not there: its words go into the comment's.
    step_left = bool(asked["note"]) and asked["action"] not in view.actions
    names = {one.actor for one in view.steps} | {one.by for one in view.downloads} | {view.case.officer or ""}
    names |= {one.finding.answered_by for one in view.findings}
    names |= {one.together_with or "" for one in view.decisions}
    return running.renderer.page(
        request,
        "case.html",
        viewer=viewer,
        status=200 if refused is None else refused.status,
        view=view,
        one=view.case,
        people=alert_pages.display_names(conn, names - {""}),
        regulators=cases.regulators(conn) if viewer.may(Permission.HANDLE_CASES) else {},
        refused=refused,
        typed=typed or TypedDecision(),
        kept_decision=typed is not None and not view.may_decide,
        step=asked,
        step_left=step_left,
        alert_id=alert_id,
        with_words=WITH_WORDS,
        outcomes=outcomes_from(view.case.state),
        all_outcomes=list(CaseOutcome),
        kinds=list(PenaltyKind),
        fields=list(PublicityField),
        longest=LONGEST_NOTE,
        takes_alerts=view.case.state in TAKES_ALERTS,
    )
