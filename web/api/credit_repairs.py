"""Repair of credit: what may be repaired and why not yet, applications, decisions."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from credit.repairs.conditions import Checked, Condition, ConditionName
from credit.repairs.entry import Application, Verdict
from db import credit_repairs
from domain.ids import MarketId, VendorId
from domain.repair import CreditRepair, Effort, RepairAction, RepairState
from web.api.models import Body, Model
from web.credit_repairs import RepairView, file_application, party, repair_for, repairs_view, settle
from web.credit_reports import report_for
from web.signed_in import RecordsCredit, SeesCredit
from web.state import Db, Now, Running
from web.texts import Text

router = APIRouter(tags=["repairs"])

_MAX_ID = 2**63 - 1
_Text = Annotated[Text, Field(max_length=10_000)]


class RepairSeen(Model):
    """An application for the repair of the ledger's `event_id`. Granted: `points` by the line `granted_event`."""

    repair_id: int
    market_id: str
    vendor_id: str
    event_id: int
    effort: Effort
    document_no: str
    document: str
    promise_id: int | None
    words: str
    applied_by: str
    applied_at: datetime
    state: RepairState
    points: int | None
    granted_event: int | None
    rules_version: str | None
    decided_by: str | None
    decided_at: datetime | None
    reason: str
    revision: int


class ConditionSeen(Model):
    """One condition. `from_day`: from when on it may be met, where time alone will meet it."""

    name: ConditionName
    found: Checked
    is_met: bool
    facts: dict[str, str]
    from_day: date | None


class RepairStepSeen(Model):
    """One step of an application's trail."""

    at: datetime
    actor: str
    action: RepairAction
    from_state: RepairState
    to_state: RepairState
    note: str
    origin: str


class RepairDetail(RepairSeen):
    """An application with its conditions as they are now, what may be done with it, and its trail."""

    most: int
    conditions: list[ConditionSeen]
    actions: list[RepairAction]
    steps: list[RepairStepSeen]


class RepairableSeen(Model):
    """A deduction of the running cycle. `most`: how many points may come back; `waiting`: its open application."""

    event_id: int
    points: int
    reason: str
    most: int
    is_open: bool
    waiting: int | None
    promises: list[int]
    conditions: list[ConditionSeen]


class RepairsOfVendor(Model):
    """What of a vendor may be repaired, and what was asked, the newest first."""

    rules_version: str
    most_percent: int
    repairable: list[RepairableSeen]
    repairs: list[RepairSeen]


class RepairApplication(Body):
    """What a vendor asks for. Training: `document_no` and `document` of its certificate; a promise: `promise_id`."""

    event_id: Annotated[int, Field(ge=1, le=_MAX_ID)]
    effort: Text
    document_no: _Text = ""
    document: _Text = ""
    promise_id: int | None = None
    words: _Text = ""


class RepairVerdict(Body):
    """What is decided. `points`: with a grant; left out, as many as may be given back."""

    reason: _Text = ""
    points: int | None = None
    revision: int | None = None


@router.get("/repairs")
def list_repairs(
    conn: Db,
    viewer: SeesCredit,
    state: Annotated[list[RepairState] | None, Query(description="states to list; none given: all")] = None,
    market: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    before: Annotated[int | None, Query(ge=1, le=_MAX_ID, description="repair_id: only those before this one")] = None,
) -> list[RepairSeen]:
    """Applications, the newest first."""
    scope = viewer.narrow(None if market is None else MarketId(market))
    found = credit_repairs.listed(conn, scope, state or list(RepairState), limit=limit, before=before)
    return [_seen(one.repair) for one in found]


@router.get("/repairs/{repair_id}")
def read_repair(running: Running, conn: Db, now: Now, viewer: SeesCredit, repair_id: int) -> RepairDetail:
    """One application."""
    return _detail(repair_for(conn, running, viewer, repair_id, now=now))


@router.post("/repairs/{repair_id}/{action}")
def settle_repair(
    running: Running,
    conn: Db,
    now: Now,
    viewer: RecordsCredit,
    repair_id: int,
    action: RepairAction,
    body: RepairVerdict | None = None,
) -> RepairDetail:
    """Grant, refuse or withdraw an application."""
    said = body or RepairVerdict()
    points = "" if said.points is None else str(said.points)
    verdict = Verdict(action=action, reason=said.reason, points=points, revision=said.revision)
    settle(conn, running, party(viewer), repair_id, verdict, now=now)
    return _detail(repair_for(conn, running, viewer, repair_id, now=now))


@router.get("/vendors/{market_id}/{vendor_id}/repairs")
def read_repairs(
    running: Running, conn: Db, now: Now, viewer: SeesCredit, market_id: MarketId, vendor_id: VendorId
) -> RepairsOfVendor:
    """What of a vendor may be repaired, each with its conditions, and what was asked."""
    report = report_for(conn, running, viewer, market_id, vendor_id, now=now)
    ledger = [line.event for line in report.ledger]
    view = repairs_view(conn, market_id, vendor_id, ledger, report.score.counted, rules=report.rules, now=now)
    return RepairsOfVendor(
        rules_version=view.rules.version,
        most_percent=view.rules.repair.most_percent,
        repairable=[
            RepairableSeen(
                event_id=one.event.event_id,
                points=one.event.points,
                reason=one.event.reason,
                most=one.most,
                is_open=one.is_open,
                waiting=None if one.waiting is None else one.waiting.repair_id,
                promises=[promise.promise_id for promise in one.promises],
                conditions=[_condition(each) for each in one.conditions],
            )
            for one in view.repairable
        ],
        repairs=[_seen(one) for one in view.repairs],
    )


@router.post("/vendors/{market_id}/{vendor_id}/repairs")
def apply_for_repair(
    running: Running,
    conn: Db,
    now: Now,
    viewer: RecordsCredit,
    market_id: MarketId,
    vendor_id: VendorId,
    body: RepairApplication,
) -> RepairDetail:
    """File what a vendor asks for. The same again changes nothing."""
    asked = Application(
        event_id=body.event_id,
        effort=body.effort,
        document_no=body.document_no,
        document=body.document,
        promise_id="" if body.promise_id is None else str(body.promise_id),
        words=body.words,
    )
    filed = file_application(conn, running, party(viewer), market_id, vendor_id, asked, now=now)
    return _detail(repair_for(conn, running, viewer, filed.repair_id, now=now))


def _seen(one: CreditRepair) -> RepairSeen:
    return RepairSeen.model_validate({name: getattr(one, name) for name in RepairSeen.model_fields})


def _condition(one: Condition) -> ConditionSeen:
    facts = {name: str(value) for name, value in one.facts.items()}
    return ConditionSeen(name=one.name, found=one.found, is_met=one.is_met, facts=facts, from_day=one.from_day)


def _detail(view: RepairView) -> RepairDetail:
    return RepairDetail(
        **_seen(view.repair).model_dump(),
        most=view.most,
        conditions=[_condition(one) for one in view.conditions],
        actions=list(view.actions),
        steps=[
            RepairStepSeen.model_validate({name: getattr(one, name) for name in RepairStepSeen.model_fields})
            for one in view.steps
        ],
    )
