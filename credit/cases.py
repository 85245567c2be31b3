"""Decide a case: what was decided is kept, and its alerts and their vendor's ledger follow, in one transaction."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from psycopg import Connection

from credit.ledger import Policies, handle_alert
from db import alert_steps, alerts, cases
from domain.alert_step import AlertAction
from domain.case import Case, CaseAction, CaseDecision, CaseOutcome
from domain.errors import FieldRefused
from domain.notice import NewHappening, NoticeKind
from supervision.alerts.handling import Actor
from supervision.alerts.needs import Asked
from supervision.alerts.states import STANDING
from supervision.cases.deciding import require_decision, require_something_to_penalise, what_follows
from supervision.cases.handling import Move, act, held_whole, require_seen, take
from supervision.cases.legal_bases import LegalBases
from supervision.cases.states import StepNotPossible, next_state, require_outcome, revoked_of
from supervision.notices.telling import tell
from supervision.publicity.publishing import take_off_document


def decide(
    conn: Connection,
    case_id: int,
    decision: CaseDecision,
    *,
    by: Actor,
    now: datetime,
    policies: Policies,
    bases: LegalBases,
    revision: int | None = None,
) -> None:
    """Record a decision as its document says it.

    Raise NotFound, NotAllowed, IllegalTransition, and FieldRefused for what is missing or wrong in it.
    """
    with conn.transaction():
        case = held_whole(conn, case_id, by)
        require_seen(case, revision)
        to_state = next_state(case.state, CaseAction.DECIDE)
        require_outcome(decision.outcome, case.state)
        today = now.astimezone(ZoneInfo(case.timezone)).date()
        confirmed_by = cases.confirmers(conn, case_id)
        require_decision(decision, decider=by.username, confirmers=confirmed_by, bases=bases, today=today)
        _require_colleague(conn, decision, by)
        found = [alerts.by_id(conn, one) for one in cases.alerts_of(conn, case_id)]
        steps = {one.alert_id: what_follows(decision, one) for one in found if one is not None}
        if decision.outcome is CaseOutcome.PENALISED:
            require_something_to_penalise(list(steps.values()), rests_on_more=cases.rests_on_more(conn, case_id))
        named = bases.by_code(decision.basis_code)
        decision = decision if named is None else replace(decision, basis=named.words, basis_reason="")
        if not cases.record(conn, case, decision, by=by.username, at=now):
            expected = "a number that no decision about this vendor has yet"
            raise FieldRefused("document_no", decision.document_no, expected, problem="known_already")
        for alert_id, asked in steps.items():
            if asked is not None:
                handle_alert(conn, alert_id, asked, by=by, now=now, policies=policies, of_case=case_id)
        said = Move(action=CaseAction.DECIDE, note=f"{decision.outcome}: {decision.document_no}")
        take(conn, case, said, to_state, by=by, now=now)
        _tell_colleague(conn, case, decision, now)


def revoke(
    conn: Connection,
    case_id: int,
    note: str,
    *,
    by: Actor,
    now: datetime,
    policies: Policies,
    revision: int | None = None,
) -> None:
    """Undo what was decided, on review or by a court: penalties are overturned and come off the list at once.

    Whatever became of an alert since, it is overturned where it carries the revoked document and still stands.
    """
    with conn.transaction():
        case = held_whole(conn, case_id, by)
        require_seen(case, revision)
        decisions = cases.decisions_of(conn, case_id)
        if len(decisions) - 1 in revoked_of(cases.steps_of(conn, case_id)):
            raise StepNotPossible(case.state, CaseAction.REVOKE, is_revoked=True)
        act(conn, case_id, Move(action=CaseAction.REVOKE, note=note, revision=revision), by=by, now=now)
        if decisions and decisions[-1].outcome is CaseOutcome.PENALISED:
            for alert_id in _standing_on(conn, case, decisions[-1]):
                asked = Asked(action=AlertAction.OVERTURN, note=note)
                handle_alert(conn, alert_id, asked, by=by, now=now, policies=policies, of_case=case_id)
            take_off_document(conn, case, decisions[-1], now)


def _standing_on(conn: Connection, case: Case, decision: CaseDecision) -> list[int]:
    document = {"authority": decision.authority, "document_no": decision.document_no}
    found = [alerts.by_id(conn, one) for one in alert_steps.carrying(conn, case.market_id, case.vendor_id, **document)]
    return [one.alert_id for one in found if one is not None and one.state in STANDING]


def _require_colleague(conn: Connection, decision: CaseDecision, by: Actor) -> None:
    colleague = decision.together_with
    if colleague is not None and (colleague == by.username or not cases.is_regulator(conn, colleague)):
        raise FieldRefused("together_with", colleague, "the login of another regulator", problem="no_such_person")


def _tell_colleague(conn: Connection, case: Case, decision: CaseDecision, now: datetime) -> None:
    """Who is named as having decided, too, hears of it: they did not sign in for it."""
    if decision.together_with is None:
        return
    new = NewHappening(
        kind=NoticeKind.CASE_DECIDED_WITH,
        market_id=case.market_id,
        alert_id=None,
        case_id=case.case_id,
        to_user=decision.together_with,
        note=decision.document_no,
        at=now,
    )
    tell(conn, new)
