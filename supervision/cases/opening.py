"""Open a case for an alert that went to the authority, or let it join the one of its vendor that is undecided."""

from datetime import datetime

from psycopg import Connection

from db import alerts, cases, credit
from domain.alert import Alert, AlertState
from domain.case import CaseAction, CaseState, CaseStep
from domain.errors import FieldRefused, NotFound


def case_for_escalated(conn: Connection, alert: Alert, *, by: str, origin: str, note: str, at: datetime) -> int | None:
    """Put an escalated alert into a case, within the caller's transaction; return its case_id.

    None where no vendor answers for it. An alert that was in a case stays in it.
    """
    if alert.vendor_id is None:
        return None
    known = cases.case_of_alert(conn, alert.alert_id)
    if known is not None:
        return known
    credit.lock_vendor(conn, alert.market_id, alert.vendor_id)  # two escalations at once open one case
    case_id = cases.undecided_of_vendor(conn, alert.market_id, alert.vendor_id)
    if case_id is None:
        case_id = cases.open_case(conn, alert.market_id, alert.vendor_id, by=by, at=at)
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
    _add(conn, case_id, alert.alert_id, by=by, origin=origin, note=note, at=at)
    return case_id


def join(conn: Connection, case_id: int, alert_id: int, *, by: str, origin: str, note: str, at: datetime) -> None:
    """Add an escalated alert of the same vendor to a case. Raise NotFound, FieldRefused."""
    case, alert = cases.by_id_locked(conn, case_id), alerts.by_id(conn, alert_id)
    if case is None:
        raise NotFound(f"there is no case {case_id} that you may see")
    expected = f"the number of an alert of vendor {case.vendor_id} that is with the authority and in no other case"
    value = str(alert_id)
    if alert is None or (alert.market_id, alert.vendor_id) != (case.market_id, case.vendor_id):
        raise FieldRefused("alert_id", value, expected, problem="of_another_subject")
    if alert.state is not AlertState.ESCALATED:
        raise FieldRefused("alert_id", f"{value}, which is {alert.state}", expected, problem="not_escalated")
    if case.state not in (CaseState.OPENED, CaseState.INVESTIGATING):
        said = f"a case that is {case.state}"
        raise FieldRefused("case", said, "one that is opened or investigated", problem="decided_already")
    if not _add(conn, case_id, alert_id, by=by, origin=origin, note=note, at=at):
        raise FieldRefused("alert_id", value, expected, problem="in_another_case")


def _add(conn: Connection, case_id: int, alert_id: int, *, by: str, origin: str, note: str, at: datetime) -> bool:
    if not cases.add_alert(conn, case_id, alert_id, by=by, at=at):
        return False
    case = cases.by_id_locked(conn, case_id)
    if case is None:
        raise NotFound(f"there is no case {case_id} that you may see")
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
    cases.move(conn, case_id, state=case.state, officer=case.officer, at=at)
    cases.append(conn, case_id, step)
    return True
