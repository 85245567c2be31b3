"""What a case hears of its alerts: one went to the authority, and opens or joins it; one was overturned beside it."""

from datetime import datetime

from psycopg import Connection

from db import alerts, cases, credit
from domain.alert import Alert, AlertState
from domain.alert_step import AlertStep
from domain.case import Case, CaseAction, CaseCause, CaseState, CaseStep
from domain.errors import FieldRefused
from domain.ids import MarketId, VendorId
from supervision.alerts.handling import Actor
from supervision.cases.handling import deciding_cases, held
from supervision.cases.states import TAKES_ALERTS


def case_for_escalated(conn: Connection, alert: Alert, *, by: str, origin: str, note: str, at: datetime) -> int | None:
    """Put an escalated alert into a case, within the caller's transaction, who holds the alert; return its case_id.

    None where no vendor answers for it. An alert stays in the case that is undecided about it; where its case was
    decided before, this is another matter, and another case.
    """
    if alert.vendor_id is None:
        return None
    credit.lock_vendor(conn, alert.market_id, alert.vendor_id)  # two escalations at once open one case
    known = deciding_cases(conn, [alert.alert_id]).get(alert.alert_id)
    if known is not None:
        return known
    case = taking_more(conn, alert.market_id, alert.vendor_id)
    if case is None:
        why = CaseCause.ALERT
        case = opened(conn, alert.market_id, alert.vendor_id, why, by=by, origin=origin, note=note, at=at)
    _add(conn, case, alert.alert_id, by=by, origin=origin, note=note, at=at)
    return case.case_id


def join(conn: Connection, case_id: int, alert_id: int, *, by: Actor, note: str, at: datetime) -> None:
    """Add an escalated alert of the same vendor to a case. Raise NotFound, NotAllowed, FieldRefused."""
    alert = alerts.by_id_locked(conn, alert_id)
    if alert is not None and alert.vendor_id is not None:
        credit.lock_vendor(conn, alert.market_id, alert.vendor_id)
    case = held(conn, case_id, by)
    expected = f"the number of an alert of vendor {case.vendor_id} that is with the authority and in no other case"
    value = str(alert_id)
    if alert is None or (alert.market_id, alert.vendor_id) != (case.market_id, case.vendor_id):
        raise FieldRefused("alert_id", value, expected, problem="of_another_subject")
    if alert.state is not AlertState.ESCALATED:
        raise FieldRefused("alert_id", f"{value}, which is {alert.state}", expected, problem="not_escalated")
    if case.state not in TAKES_ALERTS:
        said = f"a case that is {case.state}"
        raise FieldRefused("case", said, "one that is opened or investigated", problem="decided_already")
    if deciding_cases(conn, [alert_id]):
        raise FieldRefused("alert_id", value, expected, problem="in_another_case")
    _add(conn, case, alert_id, by=by.username, origin=by.origin, note=note, at=at)


def tell_cases_of_overturned(conn: Connection, alert_id: int, step: AlertStep, *, but: int | None) -> None:
    """Write into the trail of each case of an alert that it was overturned, within the caller's transaction.

    The caller holds the alert and its vendor. `but`: the case whose own decision overturned it, and says so.
    """
    for case_id in cases.all_of_alert(conn, alert_id):
        case = None if case_id == but else cases.by_id_locked(conn, case_id)
        if case is None:
            continue
        told = CaseStep(
            at=step.at,
            actor=step.actor,
            action=CaseAction.ALERT_OVERTURNED,
            from_state=case.state,
            to_state=case.state,
            note=step.note,
            origin=step.origin,
            alert_id=alert_id,
        )
        # Its revision moves, so that whoever decides has seen it.
        cases.move(conn, case_id, state=case.state, officer=case.officer, at=step.at)
        cases.append(conn, case_id, told)


def taking_more(conn: Connection, market_id: MarketId, vendor_id: VendorId) -> Case | None:
    """Hold the vendor's case that takes more; None where there is none, or none any more once it is held."""
    while (case_id := cases.undecided_of_vendor(conn, market_id, vendor_id)) is not None:
        case = cases.by_id_locked(conn, case_id)
        if case is not None and case.state in TAKES_ALERTS:
            return case
    return None


def opened(
    conn: Connection,
    market_id: MarketId,
    vendor_id: VendorId,
    cause: CaseCause,
    *,
    by: str,
    origin: str,
    note: str,
    at: datetime,
) -> Case:
    """Open a case with nothing in it yet, within the transaction of a caller who holds the vendor."""
    case_id = cases.open_case(conn, market_id, vendor_id, cause, by=by, at=at)
    step = CaseStep(
        at=at,
        actor=by,
        action=CaseAction.OPEN,
        from_state=CaseState.OPENED,
        to_state=CaseState.OPENED,
        note=note,
        origin=origin,
    )
    cases.append(conn, case_id, step)
    case = cases.by_id(conn, case_id)
    if case is None:
        raise LookupError(f"case {case_id} was opened and is not there")
    return case


def _add(conn: Connection, case: Case, alert_id: int, *, by: str, origin: str, note: str, at: datetime) -> None:
    """Add an alert to a case that is held."""
    cases.add_alert(conn, case.case_id, alert_id, by=by, at=at)
    step = CaseStep(
        at=at,
        actor=by,
        action=CaseAction.ADD_ALERT,
        from_state=case.state,
        to_state=case.state,
        note=note,
        origin=origin,
        alert_id=alert_id,
    )
    # It stays where it is; its revision moves, so that whoever decides has seen the alert.
    cases.move(conn, case.case_id, state=case.state, officer=case.officer, at=at)
    cases.append(conn, case.case_id, step)
