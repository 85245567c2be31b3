"""Cases, their decisions and evidence, and the publicity list, for programs."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field

from db import case_lists, publicity
from db import cases as stored
from domain.alert import AlertKind, AlertState
from domain.case import Case, CaseAction, CaseCause, CaseDecision, CaseOutcome, CaseState
from domain.publicity import PenaltyKind, PublicityEntry, PublicityField, TakenOffWhy
from domain.units import Fen
from supervision.cases.handling import Move
from web.api.models import Body, Model
from web.case_filter import CaseFilter, Show
from web.case_handling import act, bundle_for, case_for, decide, freeze, view_for
from web.pages.cases import zip_answer
from web.signed_in import HandlesCases, SeesCases
from web.state import Db, Now, Running
from web.texts import Text

router = APIRouter(tags=["cases"])

_MAX_ID = 2**63 - 1
_Text = Annotated[Text, Field(max_length=2000)]
_Line = Annotated[Text, Field(max_length=200)]


class CaseSeen(Model):
    """A case. `revision` moves with every step: sent back with one, it says which case was seen."""

    case_id: int
    market_id: str
    vendor_id: str
    vendor_name: str
    cause: CaseCause
    state: CaseState
    opened_at: datetime
    updated_at: datetime
    officer: str | None
    revision: int


class CaseListed(CaseSeen):
    """A case in a list: `kinds` of its alerts; from `outcome` on: of its last decision, null where there is none."""

    kinds: tuple[AlertKind, ...]
    alerts: int
    findings: int
    outcome: CaseOutcome | None
    document_no: str | None
    authority: str | None
    decided_on: date | None
    penalty: PenaltyKind | None
    amount_fen: int | None
    is_revoked: bool


class CaseAlert(Model):
    """An alert of a case."""

    alert_id: int
    kind: AlertKind
    state: AlertState


class StepSeen(Model):
    """A line of the trail."""

    at: datetime
    actor: str
    action: CaseAction
    from_state: CaseState
    to_state: CaseState
    note: str
    officer: str | None
    alert_id: int | None
    inspection_id: int | None


class FindingSeen(Model):
    """What a visit found wrong: the codes of the item and its question, and the answer that says so."""

    inspection_id: int
    item_code: str
    question_code: str
    answer_id: UUID
    note: str
    answered_by: str
    answered_at: datetime


class DecisionSeen(Model):
    """A decision as its document says it. `amount_fen` was entered, never computed."""

    outcome: CaseOutcome
    document_no: str
    authority: str
    decided_on: date
    delivered_on: date | None
    decision: str
    basis_code: str
    basis: str
    basis_reason: str
    kind: PenaltyKind
    field: PublicityField
    is_simple: bool
    amount_fen: int | None
    together_with: str | None
    is_revoked: bool = False


class BundleSeen(Model):
    """A frozen bundle; `sha256` is of the whole file."""

    bundle_id: int
    frozen_at: datetime
    frozen_by: str
    sha256: str
    files: int
    size: int


class WholeCase(Model):
    """A case with its record. `legal_bases`: codes of data/legal_bases.toml that may concern its alerts."""

    case: CaseSeen
    alerts: list[CaseAlert]
    findings: list[FindingSeen]
    steps: list[StepSeen]
    decisions: list[DecisionSeen]
    legal_bases: list[str]
    bundles: list[BundleSeen]
    actions: list[CaseAction]


class StepIn(Body):
    """What a step says."""

    note: _Text = ""
    officer: _Line | None = None
    revision: int | None = None


class DecisionIn(Body):
    """A decision to record: `basis_code`, or `basis` with `basis_reason`."""

    outcome: CaseOutcome
    document_no: _Line
    authority: _Line
    decided_on: date
    delivered_on: date | None = None
    decision: _Text
    basis_code: _Line = ""
    basis: _Text = ""
    basis_reason: _Text = ""
    kind: PenaltyKind = PenaltyKind.UNSTATED
    field: PublicityField = PublicityField.GENERAL
    is_simple: bool = False
    amount_fen: Annotated[int, Field(ge=0, le=_MAX_ID)] | None = None
    together_with: _Line | None = None
    revision: int | None = None


class EntrySeen(Model):
    """An entry of the publicity list. Go on with the largest `revision` you saw: no change is missed."""

    entry_id: int
    market_id: str
    vendor_id: str
    vendor_name: str
    credit_code: str
    case_id: int | None
    alert_id: int | None
    document_no: str
    authority: str
    decided_on: date
    kind: PenaltyKind
    decision: str
    basis: str
    amount_fen: int | None
    published_from: date
    published_to: date
    repairable_from: date
    taken_off_at: datetime | None
    taken_off_why: TakenOffWhy | None
    revision: int


@router.get("/cases")
def case_list(
    conn: Db,
    viewer: SeesCases,
    state: Annotated[CaseState | None, Query()] = None,
    show: Annotated[Show, Query(description="mine: undecided, with you as their officer")] = Show.ALL,
    market: Annotated[str | None, Query(max_length=64)] = None,
    vendor: Annotated[str | None, Query(max_length=200, description="a number, or how the name begins")] = None,
    kind: Annotated[AlertKind | None, Query(description="of an alert in the case")] = None,
    cause: Annotated[CaseCause | None, Query()] = None,
    before: Annotated[int | None, Query(ge=1, le=_MAX_ID, description="the last case_id seen")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[CaseListed]:
    """Cases, the newest first."""
    asked = CaseFilter(
        show=show, state=state, market=market or "", vendor=vendor or "", kind=kind, cause=cause, before=before
    )
    found = case_lists.listed(conn, **asked.asked(viewer), limit=limit)
    return [CaseListed.model_validate(one) for one in found]


@router.get("/cases/{case_id}")
def one_case(conn: Db, running: Running, viewer: SeesCases, case_id: int) -> WholeCase:
    """One case."""
    view = view_for(conn, viewer, case_id, running.config)
    return WholeCase(
        case=case_seen(view.case),
        alerts=[CaseAlert.model_validate(one) for one in view.alerts],
        findings=[FindingSeen.model_validate(one.finding) for one in view.findings],
        steps=[StepSeen.model_validate(one) for one in view.steps],
        decisions=[
            DecisionSeen.model_validate(one).model_copy(update={"is_revoked": place in view.revoked})
            for place, one in enumerate(view.decisions)
        ],
        legal_bases=[one.code for one in view.bases],
        bundles=[BundleSeen.model_validate(one) for one in view.bundles],
        actions=list(view.actions),
    )


@router.post("/cases/{case_id}/steps/{action}")
def step(
    conn: Db, now: Now, running: Running, viewer: HandlesCases, case_id: int, action: CaseAction, body: StepIn
) -> CaseSeen:
    """Take a step with a case."""
    move = Move(action=action, note=body.note, officer=body.officer, revision=body.revision)
    act(conn, viewer, case_id, move, config=running.config, now=now)
    return case_seen(case_for(conn, viewer, case_id))


@router.post("/cases/{case_id}/decision")
def record(conn: Db, now: Now, running: Running, viewer: HandlesCases, case_id: int, body: DecisionIn) -> CaseSeen:
    """Record a decision; the case's alerts follow."""
    said = body.model_dump(exclude={"revision", "amount_fen"})
    amount = None if body.amount_fen is None else Fen(body.amount_fen)
    decision = CaseDecision(**said, amount_fen=amount)
    decide(conn, viewer, case_id, decision, revision=body.revision, config=running.config, now=now)
    return case_seen(case_for(conn, viewer, case_id))


@router.post("/cases/{case_id}/bundles")
def freeze_one(conn: Db, now: Now, running: Running, viewer: HandlesCases, case_id: int) -> BundleSeen:
    """Freeze the evidence as it is now."""
    bundle_id = freeze(conn, viewer, case_id, running.config, now)
    found = next(one for one in stored.bundles_of(conn, case_id) if one.bundle_id == bundle_id)
    return BundleSeen.model_validate(found)


@router.get("/cases/{case_id}/bundles/{bundle_id}", response_class=Response)
def download(conn: Db, now: Now, viewer: HandlesCases, case_id: int, bundle_id: int) -> Response:
    """The ZIP. Who took it is written down."""
    return zip_answer(bundle_for(conn, viewer, case_id, bundle_id, now), case_id, bundle_id)


@router.get("/publicity")
def entries(
    conn: Db,
    viewer: SeesCases,
    since: Annotated[int, Query(ge=0, le=_MAX_ID, description="the largest revision seen")] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[EntrySeen]:
    """Entries that changed since a revision, by revision: those on the list and those that came off."""
    found = publicity.entries_changed_since(conn, since, limit, market_id=viewer.scope)
    return [_entry(one) for one in found]


def case_seen(case: Case) -> CaseSeen:
    """Return a case as the API says it."""
    return CaseSeen.model_validate(case)


def _entry(entry: PublicityEntry) -> EntrySeen:
    return EntrySeen.model_validate(entry)
