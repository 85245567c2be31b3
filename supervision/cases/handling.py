"""Act on a case: decided by the table, done under a lock, written to the trail. credit/cases.py decides on it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection

from db import alerts, cases, credit
from domain.alert import Alert
from domain.alert_step import AlertAction
from domain.case import Case, CaseAction, CaseState, CaseStep
from domain.errors import FieldRefused, IllegalTransition, NotAllowed, NotFound
from supervision.alerts.handling import Actor
from supervision.alerts.needs import LONGEST_NOTE, Problem
from supervision.alerts.states import Authority, is_of_its_case
from supervision.cases.states import UNDECIDED, WITH_WORDS, next_state


@dataclass(frozen=True, kw_only=True, slots=True)
class Move:
    """A step that a person asks for. `revision`: of the case as they saw it (None: not compared)."""

    action: CaseAction
    note: str = ""
    officer: str | None = None
    revision: int | None = None


class CaseChangedMeanwhile(IllegalTransition):
    """Somebody acted on the case after the person who acts had looked at it."""


def seen(conn: Connection, case_id: int, by: Actor) -> Case:
    """Return a case, not held, for a regulator who leaves it as it is. Raise NotFound, NotAllowed."""
    return _acted_on(cases.by_id(conn, case_id), case_id, by)


def held(conn: Connection, case_id: int, by: Actor) -> Case:
    """Return a case, held for a regulator's step. Raise NotFound, NotAllowed."""
    return _acted_on(cases.by_id_locked(conn, case_id), case_id, by)


def held_whole(conn: Connection, case_id: int, by: Actor) -> Case:
    """Return a case, held with the alerts it concerns and its vendor, for a step that all of them follow.

    In the order in which everybody takes them (db/alerts.py). Raise NotFound, NotAllowed, and CaseChangedMeanwhile
    where another alert came to the case meanwhile.
    """
    case = seen(conn, case_id, by)
    concerned = cases.concerned(conn, case_id)
    alerts.hold_together(conn, concerned)
    credit.lock_vendor(conn, case.market_id, case.vendor_id)
    case = held(conn, case_id, by)
    if cases.concerned(conn, case_id) != concerned:
        raise CaseChangedMeanwhile(f"another alert came to case {case_id}, which you had not seen")
    return case


def _acted_on(case: Case | None, case_id: int, by: Actor) -> Case:
    if case is None or by.market_id not in (None, case.market_id):
        raise NotFound(f"there is no case {case_id} that you may see")
    if by.authority is not Authority.REGULATOR:
        raise NotAllowed("only a regulator may act on a case")
    return case


def deciding_cases(conn: Connection, alert_ids: Collection[int]) -> dict[int, int]:
    """Return the undecided case that each alert is in: what follows from the alert is decided there."""
    found = cases.cases_of_alerts(conn, alert_ids) if alert_ids else {}
    return {alert_id: case_id for alert_id, (case_id, state) in found.items() if state in UNDECIDED}


def require_no_deciding_case(conn: Connection, alert: Alert, action: AlertAction) -> None:
    """Refuse a step that is left to the case an alert is in: nobody was told, nobody else looked. Raise FieldRefused.

    `alert`: as it was before the step.
    """
    if not is_of_its_case(alert.state, action):
        return
    case_id = deciding_cases(conn, [alert.alert_id]).get(alert.alert_id)
    if case_id is not None:
        expected = f"the decision of case {case_id}, which alert {alert.alert_id} is in"
        raise FieldRefused("action", action, expected, problem=Problem.DECIDED_IN_A_CASE)


def act(conn: Connection, case_id: int, move: Move, *, by: Actor, now: datetime) -> Case:
    """Take one step within the caller's transaction; return the case as it was before.

    Raise NotFound, NotAllowed, CaseChangedMeanwhile, StepNotPossible, FieldRefused.
    """
    case = held(conn, case_id, by)
    require_seen(case, move.revision)
    to_state = next_state(case.state, move.action)
    if move.action is CaseAction.DECIDE:
        raise FieldRefused("action", move.action, "a decision, with its document", problem="needs_document")
    if move.action in WITH_WORDS and not move.note.strip():
        raise FieldRefused("note", "", "words that say why", problem="missing")
    if len(move.note) > LONGEST_NOTE:
        raise FieldRefused("note", f"{len(move.note)} characters", f"{LONGEST_NOTE} at most", problem="too_long")
    if move.action is CaseAction.ASSIGN and move.officer is not None and not cases.is_regulator(conn, move.officer):
        raise FieldRefused("officer", move.officer, "the login of a regulator", problem="no_such_person")
    take(conn, case, move, to_state, by=by, now=now)
    return case


def require_seen(case: Case, revision: int | None) -> None:
    """Raise CaseChangedMeanwhile where somebody acted after the person who acts had looked."""
    if revision not in (None, case.revision):
        raise CaseChangedMeanwhile(f"case {case.case_id} is {case.state} now, after a step that you had not seen")


def take(conn: Connection, case: Case, move: Move, to_state: CaseState, *, by: Actor, now: datetime) -> None:
    """Store a step that was decided on."""
    officer = move.officer if move.action is CaseAction.ASSIGN else case.officer
    if officer is None and move.action is CaseAction.INVESTIGATE:
        officer = by.username
    step = CaseStep(
        at=now,
        actor=by.username,
        action=move.action,
        from_state=case.state,
        to_state=to_state,
        note=move.note.strip(),
        origin=by.origin,
        officer=officer if officer != case.officer else None,
    )
    cases.move(conn, case.case_id, state=to_state, officer=officer, at=now)
    cases.append(conn, case.case_id, step)
