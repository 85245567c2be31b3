"""What a webhook is sent: one JSON object, versioned, as docs/notices.md describes it. Pure."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Final, Literal

import msgspec

from db.letters import Line
from domain.alert import AlertKind, AlertState, Severity
from domain.approval import CheckState
from domain.case import CaseState
from domain.complaint import ComplaintChannel, ComplaintReason, ComplaintState
from domain.notice import NoticeKind
from domain.promise import PromiseState

VERSION: Final = 1


class ToldAlert(msgspec.Struct, frozen=True, kw_only=True):
    """An alert as it was when the message was written. Excess is fen per the unit of the cap, money is fen."""

    alert_id: int
    kind: AlertKind
    state: AlertState
    market_id: str
    market_name: str
    vendor_id: str | None
    vendor_name: str
    stall_id: str | None
    scale_id: str
    species_code: str
    species_name: str
    business_day: date
    occurrences: int
    worst_excess_fen: int
    worst_excess_permille: int
    cap_fen: int | None
    cap_unit: str | None
    overcharge_fen: int
    url: str | None


class ToldCheck(msgspec.Struct, frozen=True, kw_only=True):
    """The check after an approval, as it was when the message was written; `due_on` is its last day."""

    check_id: int
    approval_id: int
    authority: str
    number: str
    subject_name: str
    due_on: date
    state: CheckState
    url: str | None


class ToldPromise(msgspec.Struct, frozen=True, kw_only=True):
    """A promise as it was when the message was written; `alert_id` is the alert that it answers."""

    promise_id: int
    alert_id: int
    state: PromiseState
    url: str | None


class ToldComplaint(msgspec.Struct, frozen=True, kw_only=True):
    """A complaint as it was when the message was written: never its words, nor how the complainant is reached."""

    complaint_id: int
    channel: ComplaintChannel
    reason: ComplaintReason
    state: ComplaintState
    market_id: str
    market_name: str
    stall_id: str | None
    url: str | None


class ToldCase(msgspec.Struct, frozen=True, kw_only=True):
    """A case as it was when the message was written; the note beside it is the number of its document."""

    case_id: int
    state: CaseState
    market_id: str
    market_name: str
    vendor_id: str
    vendor_name: str
    url: str | None


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened. `due_at`: of a deadline. `alert`, `check` and so on null: it is about none."""

    id: int
    kind: NoticeKind
    severity: Severity
    at: datetime
    due_at: datetime | None
    note: str
    alert: ToldAlert | None
    check: ToldCheck | None
    promise: ToldPromise | None
    complaint: ToldComplaint | None
    case: ToldCase | None


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """The whole body. `type` is `test` where somebody tries an endpoint out: then nothing happened."""

    v: int
    id: str
    type: Literal["notices", "test"]
    at: datetime
    notices: tuple[Told, ...]


def body_of(message_id: str, at: datetime, lines: Sequence[Line], public_url: str | None) -> bytes:
    """Return the bytes to sign and send; `public_url` is where the console is, None where that is not known."""
    told = tuple(_told(line, public_url) for line in lines)
    return _encode(Message(v=VERSION, id=message_id, type="notices", at=at.astimezone(UTC), notices=told))


def trial_body(message_id: str, at: datetime) -> bytes:
    """Return a message that tells of nothing."""
    return _encode(Message(v=VERSION, id=message_id, type="test", at=at.astimezone(UTC), notices=()))


def _encode(message: Message) -> bytes:
    return msgspec.json.encode(message)


def _told(line: Line, public_url: str | None) -> Told:
    return Told(
        id=line.happening_id,
        kind=line.kind,
        severity=line.severity,
        at=line.at.astimezone(UTC),
        due_at=None if line.due_at is None else line.due_at.astimezone(UTC),
        note=line.note,
        alert=_alert(line, public_url),
        check=_check(line, public_url),
        promise=_promise(line, public_url),
        complaint=_complaint(line, public_url),
        case=_case(line, public_url),
    )


def _alert(line: Line, public_url: str | None) -> ToldAlert | None:
    if line.alert_id is None or line.alert_kind is None or line.alert_state is None or line.business_day is None:
        return None
    return ToldAlert(
        alert_id=line.alert_id,
        kind=line.alert_kind,
        state=line.alert_state,
        market_id=line.market_id or "",
        market_name=line.market_name or "",
        vendor_id=line.vendor_id,
        vendor_name=line.vendor_name or "",
        stall_id=line.stall_id,
        scale_id=line.scale_id or "",
        species_code=line.species_code or "",
        species_name=line.species_name or "",
        business_day=line.business_day,
        occurrences=line.occurrences or 0,
        worst_excess_fen=line.worst_excess_fen or 0,
        worst_excess_permille=line.worst_excess_permille or 0,
        cap_fen=line.worst_cap_fen,
        cap_unit=line.worst_cap_unit,
        overcharge_fen=line.overcharge_fen or 0,
        url=None if public_url is None else f"{public_url}/alerts/{line.alert_id}",
    )


def _check(line: Line, public_url: str | None) -> ToldCheck | None:
    if line.check_id is None or line.approval_id is None or line.check_due_on is None or line.check_state is None:
        return None
    return ToldCheck(
        check_id=line.check_id,
        approval_id=line.approval_id,
        authority=line.approval_authority or "",
        number=line.approval_number or "",
        subject_name=line.approval_subject or "",
        due_on=line.check_due_on,
        state=line.check_state,
        url=None if public_url is None else f"{public_url}/registry/approvals/{line.approval_id}",
    )


def _promise(line: Line, public_url: str | None) -> ToldPromise | None:
    if line.promise_id is None or line.promise_alert_id is None or line.promise_state is None:
        return None
    return ToldPromise(
        promise_id=line.promise_id,
        alert_id=line.promise_alert_id,
        state=line.promise_state,
        url=None if public_url is None else f"{public_url}/alerts/{line.promise_alert_id}",
    )


def _complaint(line: Line, public_url: str | None) -> ToldComplaint | None:
    if (
        line.complaint_id is None
        or line.complaint_channel is None
        or line.complaint_reason is None
        or line.complaint_state is None
    ):
        return None
    return ToldComplaint(
        complaint_id=line.complaint_id,
        channel=line.complaint_channel,
        reason=line.complaint_reason,
        state=line.complaint_state,
        market_id=line.market_id or "",
        market_name=line.market_name or "",
        stall_id=line.stall_id,
        url=None if public_url is None else f"{public_url}/complaints/{line.complaint_id}",
    )


def _case(line: Line, public_url: str | None) -> ToldCase | None:
    if line.case_id is None or line.case_state is None:
        return None
    return ToldCase(
        case_id=line.case_id,
        state=line.case_state,
        market_id=line.market_id or "",
        market_name=line.market_name or "",
        vendor_id=line.vendor_id or "",
        vendor_name=line.vendor_name or "",
        url=None if public_url is None else f"{public_url}/cases/{line.case_id}",
    )
