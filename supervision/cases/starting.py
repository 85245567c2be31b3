"""Open a case without an alert: on what a visit found, or for a reason that a regulator gives."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from psycopg import Connection

from db import case_findings, cases, credit, inspection_answers
from db.register import vendors
from domain.case import Case, CaseAction, CaseCause, CaseStep
from domain.errors import FieldRefused, NotAllowed, NotFound
from domain.ids import MarketId, VendorId
from domain.inspection import Answer, Visit, VisitAction
from domain.supervision_item import AnswerKind
from supervision.alerts.handling import Actor
from supervision.alerts.needs import LONGEST_NOTE
from supervision.alerts.states import Authority
from supervision.cases.opening import opened, taking_more
from supervision.cases.states import UNDECIDED
from supervision.inspections.answers import standing_answers
from supervision.inspections.asking import checklist
from supervision.inspections.checklist import Asked, Checklist
from supervision.inspections.policy import InspectionPolicy
from supervision.inspections.visiting import act
from supervision.inspections.visiting import seen as visit_seen

_DOES_NOT_COMPLY: Final = "no"

#: The codes of an item and of one of its questions.
Question = tuple[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What a visit found wrong. `case_id`: the newest case it is in; `is_decided`: none is undecided about it."""

    asked: Asked
    answer: Answer
    case_id: int | None
    is_decided: bool

    @property
    def question(self) -> Question:
        """Its codes."""
        return self.asked.item_code, self.asked.question.code


def findings_of(conn: Connection, inspection_id: int) -> list[Finding]:
    """Return what a visit found wrong, by the answers that stand, in the order of its checklist."""
    standing = standing_answers(inspection_answers.of_inspection(conn, inspection_id))
    return findings_among(conn, inspection_id, checklist(conn, inspection_id), standing)


def findings_among(
    conn: Connection, inspection_id: int, everything: Checklist, standing: Mapping[Question, Answer]
) -> list[Finding]:
    """Return the same for who has read the checklist and the answers that stand."""
    known = case_findings.cases_of_visit(conn, inspection_id)
    found = []
    for asked in everything.questions:
        codes = (asked.item_code, asked.question.code)
        answer = standing.get(codes)
        if asked.question.answer is not AnswerKind.COMPLIES or answer is None or answer.value != _DOES_NOT_COMPLY:
            continue
        case_id, state = known.get(codes, (None, None))
        found.append(Finding(asked=asked, answer=answer, case_id=case_id, is_decided=state not in UNDECIDED))
    return found


def open_on_findings(
    conn: Connection, inspection_id: int, wanted: Collection[Question], *, reason: str, by: Actor, now: datetime
) -> int:
    """Put findings of a visit into a case within the caller's transaction; return its case_id.

    They join the vendor's case that takes more, as an alert does, or open one. A finding stays in the case that is
    undecided about it. Raise NotFound, NotAllowed, FieldRefused.
    """
    _require_regulator(by)
    visit = visit_seen(conn, inspection_id, by.market_id)
    _require_reason(reason)
    credit.lock_vendor(conn, visit.market_id, visit.vendor_id)
    chosen = set(wanted)
    found = [one for one in findings_of(conn, inspection_id) if one.question in chosen]
    if not found or len(found) != len(chosen):
        shown = ", ".join(f"{item}/{question}" for item, question in wanted)
        raise FieldRefused("finding", shown, "what the visit found not to comply", problem="no_finding")
    new = [one for one in found if one.is_decided]
    if not new:
        return next(one.case_id for one in found if one.case_id is not None)
    case = taking_more(conn, visit.market_id, visit.vendor_id)
    if case is None:
        who = {"by": by.username, "origin": by.origin}
        case = opened(conn, visit.market_id, visit.vendor_id, CaseCause.FINDING, **who, note=reason.strip(), at=now)
    for one in new:
        case_findings.add(conn, case.case_id, inspection_id, one.question, one.answer.answer_id, by=by.username, at=now)
    _tell(conn, case, inspection_id, reason, by=by, now=now)
    return case.case_id


def act_on_visit(
    conn: Connection,
    inspection_id: int,
    action: VisitAction,
    *,
    by: Actor,
    policy: InspectionPolicy,
    now: datetime,
    note: str = "",
    rectify_by: date | None = None,
) -> Visit:
    """Take one step with a visit in one transaction: what is handed to enforcement comes to a case.

    Raise what `supervision.inspections.visiting.act` raises.
    """
    with conn.transaction():
        visit = act(
            conn,
            inspection_id,
            action,
            actor=by.username,
            market_id=by.market_id,
            policy=policy,
            now=now,
            note=note,
            rectify_by=rectify_by,
        )
        if action is VisitAction.ESCALATE:
            found = [one.question for one in findings_of(conn, inspection_id)]
            if found:
                open_on_findings(conn, inspection_id, found, reason=note, by=by, now=now)
            else:
                # What makes it this visit's own case is not what is cut off.
                of_visit = f" (visit {inspection_id})"
                why = note.strip()[: LONGEST_NOTE - len(of_visit)] + of_visit
                open_for_reason(conn, visit.market_id, visit.vendor_id, reason=why, by=by, now=now)
    return visit


def open_for_reason(
    conn: Connection, market_id: MarketId, vendor_id: VendorId, *, reason: str, by: Actor, now: datetime
) -> int:
    """Open a case about a vendor within the caller's transaction; return its case_id.

    It is a case of its own whatever others there are; asked again in the same words while it is undecided, it is the
    same one. Raise NotFound, NotAllowed, FieldRefused.
    """
    _require_regulator(by)
    if by.market_id not in (None, market_id) or vendors.one(conn, market_id, vendor_id) is None:
        raise NotFound(f"there is no vendor {vendor_id} in market {market_id} that you may see")
    _require_reason(reason)
    credit.lock_vendor(conn, market_id, vendor_id)
    known = case_findings.opened_for_reason(conn, market_id, vendor_id, reason.strip())
    if known is not None:
        return known
    who = {"by": by.username, "origin": by.origin}
    return opened(conn, market_id, vendor_id, CaseCause.REASON, **who, note=reason.strip(), at=now).case_id


def _tell(conn: Connection, case: Case, inspection_id: int, reason: str, *, by: Actor, now: datetime) -> None:
    step = CaseStep(
        at=now,
        actor=by.username,
        action=CaseAction.ADD_FINDING,
        from_state=case.state,
        to_state=case.state,
        note=reason.strip(),
        origin=by.origin,
        inspection_id=inspection_id,
    )
    # Its revision moves, so that whoever decides has seen what came.
    cases.move(conn, case.case_id, state=case.state, officer=case.officer, at=now)
    cases.append(conn, case.case_id, step)


def _require_regulator(by: Actor) -> None:
    if by.authority is not Authority.REGULATOR:
        raise NotAllowed("only a regulator may open a case")


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise FieldRefused("reason", "", "words that say why", problem="missing")
    if len(reason) > LONGEST_NOTE:
        raise FieldRefused("reason", f"{len(reason)} characters", f"{LONGEST_NOTE} at most", problem="too_long")
