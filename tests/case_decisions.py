"""Cases taken to a decision, as their tests say it."""

from datetime import timedelta
from typing import Any

from psycopg import Connection

from credit.cases import decide
from db import alerts
from domain.alert import AlertKind, AlertState
from domain.alert_step import AlertAction
from domain.case import CaseAction, CaseDecision
from domain.units import Fen
from supervision.alerts.handling import Actor
from tests.alert_acts import MANAGER, POLICIES, REGULATOR, act, someone
from tests.case_acts import BASES, case_of, decision_of, step
from tests.factories import NOW
from tests.integration.test_alert_life import PENALTY, TODAY, raised

DECISION = decision_of(PENALTY, amount_fen=Fen(500_000))


def escalated(conn: Connection, kind: AlertKind = AlertKind.PRICE_OVER_CAP, *, by: Actor = MANAGER, **more: Any) -> int:
    alert_id = raised(conn, kind, **more)
    act(conn, alert_id, AlertAction.CONFIRM, by=by)
    act(conn, alert_id, AlertAction.ESCALATE, note="again above the cap")
    return alert_id


def told(conn: Connection, **more: Any) -> tuple[int, int]:
    """A case whose vendor was told what is intended, and its alert."""
    alert_id = escalated(conn, **more)
    case_id = case_of(conn, alert_id).case_id
    step(conn, case_id, CaseAction.INVESTIGATE, CaseAction.NOTIFY)
    return case_id, alert_id


def decided(conn: Connection, case_id: int, decision: CaseDecision = DECISION, **more: Any) -> None:
    decide(conn, case_id, decision, by=more.pop("by", REGULATOR), now=NOW, policies=POLICIES, bases=BASES, **more)
    conn.commit()


def state_of(conn: Connection, alert_id: int) -> AlertState:
    alert = alerts.by_id(conn, alert_id)
    assert alert is not None
    return alert.state


def went_on(conn: Connection, alert_id: int, way: str) -> None:
    """What becomes of a penalised alert before its penalty is revoked."""
    if way == "closed and taken up again":
        act(conn, alert_id, AlertAction.CLOSE, note="paid")
        act(conn, alert_id, AlertAction.REOPEN, note="not put right")
        return
    act(conn, alert_id, AlertAction.APPEAL, note="the list was another")
    act(conn, alert_id, AlertAction.UPHOLD, by=someone("another"), note="it was that list")
    if way == "upheld and ordered":
        act(conn, alert_id, AlertAction.ORDER_RECTIFICATION, due_on=TODAY + timedelta(days=5), note="new labels")
    else:
        act(conn, alert_id, AlertAction.ESCALATE, note="not put right")
