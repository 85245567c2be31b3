"""Approvals for programs: handed in, read, checked, and the results fetched."""

from datetime import date, datetime
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import ConfigDict, Field

from db.approvals import checks
from domain.approval import ApprovalAct, ApprovalKind, Check, CheckAction, CheckResult, CheckState, Feed
from domain.errors import FieldRefused
from domain.ids import MarketId, VendorId
from supervision.approvals import checking, exporting
from supervision.approvals.entries import plain_number
from supervision.approvals.judging import Arrival
from supervision.approvals.receiving import MOST_RECORDS, Taken, take_records
from supervision.approvals.states import LONGEST_NOTE, Move, actions_from
from web.access import Permission
from web.api.models import Body, Model
from web.approvals import ApprovalView, as_seen, assign_to, check_of, feeding_of, shown, view_of, views_of
from web.signed_in import HandlesApprovals, SeesApprovals
from web.state import Db, Now, Running
from web.texts import Text

router = APIRouter(prefix="/approvals", tags=["approvals"])

_CREATED: Final = 201
#: Fields without a meaning that an answer names of one record.
_MOST_NAMED: Final = 20
_Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
_Long = Annotated[Text, Field(max_length=1_000)]
_Note = Annotated[Text, Field(max_length=LONGEST_NOTE)]


class RecordIn(Model):
    """A record as its office tells it; values as in a file. A wrong one refuses this record only.

    Fields of other names mean nothing here: the answer names them, as it does the columns of a file.
    """

    model_config = ConfigDict(extra="allow")

    authority: _Long = ""
    number: _Long = ""
    kind: _Long = ""
    act: _Long = ""
    subject_name: _Long = ""
    credit_code: _Long = ""
    licence_no: _Long = ""
    issued_on: _Long = ""
    valid_from: _Long = ""
    valid_until: _Long = ""
    scope: _Long = ""
    changed_at: _Long = ""


class RecordsIn(Body):
    """One record or many."""

    records: Annotated[list[RecordIn], Field(min_length=1, max_length=MOST_RECORDS)]


class ProblemOut(Model):
    """What is wrong with a field."""

    field: str
    says: str


class TakenOut(Model):
    """What became of a record; `index` counts from 0 as they were sent. `check_id`: the check it opened or went on.

    `ignored`: fields that mean nothing here, so that a mistyped name is seen.
    """

    index: int
    number: str
    outcome: Arrival
    approval_id: int | None
    version: int | None
    check_id: int | None
    changed_fields: list[str]
    problems: list[ProblemOut]
    ignored: list[str]


class CheckOut(Model):
    """A check; `due_on` is its last day. `actions`: what may be done now."""

    check_id: int
    approval_id: int
    version: int
    state: CheckState
    opened_at: datetime
    due_on: date
    assigned_to: str | None
    result: CheckResult | None
    note: str
    checked_by: str | None
    checked_at: datetime | None
    export_no: int | None
    inspection_id: int | None
    actions: list[CheckAction]


class MatchOut(Model):
    """A vendor whom an approval is about."""

    market_id: str
    vendor_id: str
    vendor_name: str
    how: str


class ApprovalOut(Model):
    """An approval as it holds today, a person's data masked; its versions' numbers, newest first, and its checks."""

    approval_id: int
    version: int
    kind: ApprovalKind
    act: ApprovalAct
    says: dict[str, str]
    changed_at: datetime | None
    received_at: datetime
    versions: list[int]
    late_versions: list[int]
    matches: list[MatchOut]
    checks: list[CheckOut]


class ActIn(Body):
    """A step with a check. `result`: with `check`, and only with it."""

    result: CheckResult | None = None
    note: _Note = ""


class AssignIn(Body):
    """Who is to do a check."""

    assigned_to: Annotated[Text, Field(min_length=1, max_length=64)]


class InspectIn(Body):
    """Whom to visit, of those whom the approval is about, and the code of an item of the catalogue in force."""

    market_id: Annotated[Text, Field(max_length=64)]
    vendor_id: Annotated[Text, Field(max_length=64)]
    item: Annotated[Text, Field(max_length=64)]


class VisitOpened(Model):
    """The visit that is made for a check."""

    inspection_id: int


class MatchIn(Body):
    """A vendor whom an approval is about (or not, with `ends`), and how one knows."""

    market_id: Annotated[Text, Field(max_length=64)]
    vendor_id: Annotated[Text, Field(max_length=64)]
    because: _Note
    ends: bool = False


class ExportOut(Model):
    """Results that went back; digests are SHA-256 in hexadecimal."""

    export_no: int
    made_by: str
    made_at: datetime
    results: int
    csv_digest: str
    json_digest: str


@router.post("")
def hand_in(running: Running, conn: Db, now: Now, viewer: HandlesApprovals, given: RecordsIn) -> list[TakenOut]:
    """Hand records in; each has its own outcome, and the same again changes nothing."""
    texts = [one.model_dump(include=set(RecordIn.model_fields)) for one in given.records]
    taken = take_records(conn, texts, feeding_of(viewer, running.config, Feed.API, now))
    return [_taken(one, given.records[one.planned.record.row - 1]) for one in taken]


@router.get("")
def find_approvals(
    conn: Db,
    viewer: SeesApprovals,
    number: Annotated[str, Query(min_length=1, max_length=100)],
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
) -> list[ApprovalOut]:
    """Approvals whose number begins so, in the order of their numbers; a manager's: about vendors of their market."""
    found = checks.by_number(conn, plain_number(number), viewer.scope, limit=limit)
    views = views_of(conn, viewer, found)
    return [_approval(views[approval_id]) for approval_id in found if approval_id in views]


@router.get("/checks")
def list_checks(
    running: Running,
    conn: Db,
    now: Now,
    viewer: SeesApprovals,
    overdue: Annotated[bool, Query()] = False,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[CheckOut]:
    """Checks that await a step, the first due first."""
    today = running.config.approvals_policy.today(now) if overdue else None
    pairs = checks.awaited(conn, checks.Which(market_id=viewer.scope, overdue_on=today), limit=limit)
    found = checks.several(conn, [one for one, _ in pairs])
    return [_check(one) for one in as_seen(conn, viewer, [found[number] for number, _ in pairs])]


@router.get("/exports")
def list_exports(conn: Db, _viewer: HandlesApprovals) -> list[ExportOut]:
    """The exports, the newest first."""
    return [ExportOut.model_validate(one) for one in checks.exports(conn)]


@router.post("/exports", status_code=_CREATED)
def make_export(conn: Db, now: Now, viewer: HandlesApprovals) -> ExportOut:
    """Export the results that did not go back yet; 422 where there is none."""
    exporting.export(conn, by=viewer.username, origin=viewer.origin, now=now)
    return ExportOut.model_validate(checks.exports(conn, limit=1)[0])


@router.get("/exports/{export_no}/{form}")
def fetch_export(conn: Db, _viewer: HandlesApprovals, export_no: _Id, form: Literal["csv", "json"]) -> Response:
    """An export as it went, byte for byte."""
    files = exporting.exported(conn, export_no)
    if form == "csv":
        return Response(files.csv, media_type="text/csv; charset=utf-8")
    return Response(files.json, media_type="application/json")


@router.get("/{approval_id}")
def one_approval(conn: Db, viewer: SeesApprovals, approval_id: _Id) -> ApprovalOut:
    """One approval."""
    return _approval(view_of(conn, viewer, approval_id))


@router.post("/{approval_id}/matches")
def match(conn: Db, now: Now, viewer: HandlesApprovals, approval_id: _Id, asked: MatchIn) -> ApprovalOut:
    """Say that an approval is, or is not, about a vendor."""
    do = checking.unmatch if asked.ends else checking.match
    market_id, vendor_id = MarketId(asked.market_id), VendorId(asked.vendor_id)
    do(conn, approval_id, market_id, vendor_id, because=asked.because, by=viewer.username, at=now)
    return _approval(view_of(conn, viewer, approval_id))


@router.post("/checks/{check_id}/assign")
def assign(conn: Db, now: Now, viewer: HandlesApprovals, check_id: _Id, asked: AssignIn) -> CheckOut:
    """Say who is to do a check."""
    return _check(assign_to(conn, viewer, check_id, asked.assigned_to, now))


@router.post("/checks/{check_id}/inspect")
def inspect(
    conn: Db, now: Now, running: Running, viewer: HandlesApprovals, check_id: _Id, asked: InspectIn
) -> VisitOpened:
    """Open a visit for a check; asked again, it is the same one until it came to something, which is the result."""
    viewer.require(Permission.INSPECT)
    check_of(conn, viewer, check_id)
    inspection_id = checking.inspect(
        conn,
        check_id,
        MarketId(asked.market_id),
        VendorId(asked.vendor_id),
        asked.item,
        actor=viewer.username,
        origin=viewer.origin,
        now=now,
        policy=running.config.approvals_policy,
    )
    return VisitOpened(inspection_id=inspection_id)


@router.post("/checks/{check_id}/{action}")
def step(
    conn: Db,
    now: Now,
    viewer: HandlesApprovals,
    check_id: _Id,
    action: CheckAction,
    asked: ActIn,
) -> CheckOut:
    """Take a step with a check."""
    check_of(conn, viewer, check_id)
    if action is CheckAction.COMMENT:
        if asked.result is not None:
            raise FieldRefused("result", asked.result, "none with a comment", problem="no_result")
        return _check(
            checking.comment(conn, check_id, asked.note, actor=viewer.username, origin=viewer.origin, now=now)
        )
    move = Move(action=action, result=asked.result, note=asked.note, origin=viewer.origin)
    return _check(checking.act(conn, check_id, move, actor=viewer.username, now=now))


def _taken(one: Taken, given: RecordIn) -> TakenOut:
    return TakenOut(
        index=one.planned.record.row - 1,
        number=one.planned.record.name,
        outcome=one.planned.judged.arrival,
        approval_id=one.approval_id,
        version=one.version,
        check_id=one.check_id,
        changed_fields=sorted(one.planned.judged.changes),
        problems=[ProblemOut(field=problem.field, says=problem.says) for problem in one.planned.problems],
        ignored=sorted(given.model_extra or {})[:_MOST_NAMED],
    )


def _check(one: Check) -> CheckOut:
    values = {name: getattr(one, name) for name in CheckOut.model_fields if name != "actions"}
    return CheckOut(**values, actions=actions_from(one.state))


def _approval(view: ApprovalView) -> ApprovalOut:
    return ApprovalOut(
        approval_id=view.stored.approval_id,
        version=view.stored.version,
        kind=view.stored.approval.kind,
        act=view.stored.approval.act,
        says=shown(view.stored),
        changed_at=view.stored.changed_at,
        received_at=view.stored.received_at,
        versions=[one.version for one in view.versions],
        late_versions=[one.version for one in view.versions if one.is_late],
        matches=[MatchOut.model_validate(one) for one in view.matches],
        checks=[_check(one) for one in view.checks],
    )
