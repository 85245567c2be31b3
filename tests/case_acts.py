"""Deciding cases as a regulator does: for tests."""

from datetime import datetime
from typing import Any, Final

from psycopg import Connection

from credit.cases import decide
from db import cases
from domain.alert_step import PenaltyDecision
from domain.case import Case, CaseAction, CaseDecision, CaseOutcome
from domain.publicity import PenaltyKind
from steelyard.resources import data_directory
from supervision.alerts.handling import Actor
from supervision.cases.handling import Move
from supervision.cases.handling import act as act_on_case
from supervision.cases.legal_bases import read_legal_bases
from tests.alert_acts import POLICIES, REGULATOR
from tests.factories import NOW

BASES: Final = read_legal_bases(data_directory() / "legal_bases.toml")


def decision_of(penalty: PenaltyDecision, **more: Any) -> CaseDecision:
    """Return the decision of a case that its document words as `penalty`."""
    said: dict[str, Any] = {name: getattr(penalty, name) for name in PenaltyDecision.__slots__}
    usual = {"outcome": CaseOutcome.PENALISED, "basis_code": "guided_price", "kind": PenaltyKind.FINE}
    return CaseDecision(**{**usual, **said, **more})


def case_of(conn: Connection, alert_id: int) -> Case:
    """Return the case that an alert is in."""
    case_id = cases.case_of_alert(conn, alert_id)
    assert case_id is not None
    case = cases.by_id(conn, case_id)
    assert case is not None
    return case


def step(conn: Connection, case_id: int, *actions: CaseAction, by: Actor = REGULATOR) -> None:
    """Take steps that need no more than words, and commit them."""
    for action in actions:
        act_on_case(conn, case_id, Move(action=action, note="as it is"), by=by, now=NOW)
    conn.commit()


def penalise(
    conn: Connection,
    alert_id: int,
    penalty: PenaltyDecision,
    *,
    by: Actor = REGULATOR,
    now: datetime = NOW,
    **more: Any,
) -> int:
    """Decide the case of an escalated alert, once its vendor was told, and commit it; return the case_id."""
    case_id = case_of(conn, alert_id).case_id
    step(conn, case_id, CaseAction.INVESTIGATE, CaseAction.NOTIFY, by=by)
    decide(conn, case_id, decision_of(penalty, **more), by=by, now=now, policies=POLICIES, bases=BASES)
    conn.commit()
    return case_id
