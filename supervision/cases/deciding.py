"""What a decision has to say, and what a case's alerts do with it. Pure."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Final

from domain.alert import Alert, AlertState
from domain.alert_step import AlertAction, PenaltyDecision
from domain.case import CaseDecision, CaseOutcome
from domain.errors import FieldRefused
from domain.publicity import PenaltyKind
from supervision.alerts.needs import LONGEST_NOTE, Asked
from supervision.alerts.states import TRANSITIONS, is_of_its_case
from supervision.cases.legal_bases import LegalBases
from supervision.cases.states import own_decision

_LONGEST_LINE: Final = 200
#: Whoever handles the alert could close it in these states, and waits for the case.
_LEFT_TO_THE_CASE: Final = frozenset(
    state for state, action in TRANSITIONS if action is AlertAction.CLOSE and is_of_its_case(state, action)
)


def require_decision(
    decision: CaseDecision, *, decider: str, confirmers: Collection[str], bases: LegalBases, today: date
) -> None:
    """Refuse a decision that lacks what its document says, or that nobody else looked at. Raise FieldRefused."""
    for name, longest in (("document_no", _LONGEST_LINE), ("authority", _LONGEST_LINE), ("decision", LONGEST_NOTE)):
        _require_text(name, getattr(decision, name), longest)
    if decision.decided_on > today:
        _refuse("decided_on", decision.decided_on.isoformat(), f"a day that is not after {today}", "not_decided_yet")
    if decision.delivered_on is not None and not decision.decided_on <= decision.delivered_on <= today:
        expected = f"a day from {decision.decided_on} to {today}"
        _refuse("delivered_on", decision.delivered_on.isoformat(), expected, "not_a_day")
    _require_basis(decision, bases)
    is_penalty = decision.outcome is CaseOutcome.PENALISED
    if is_penalty and decision.kind is PenaltyKind.UNSTATED:
        _refuse("kind", "", "what kind of penalty the document decides", "missing")
    if decision.amount_fen is not None and (not is_penalty or decision.amount_fen < 0):
        _refuse("amount_fen", str(decision.amount_fen), "an amount only where a penalty says one", "not_taken")
    deciders = {decider, *({decision.together_with} if decision.together_with else ())}
    if own_decision(deciders, confirmers):
        expected = "another regulator who decides with the one who confirmed the alert"
        _refuse("together_with", decision.together_with or "", expected, "own_decision")


def what_follows(decision: CaseDecision, alert: Alert) -> Asked | None:
    """Return the step that an alert of the case takes; None where it stands outside the decision already."""
    words = f"{decision.authority} {decision.document_no}: {decision.decision}"[:LONGEST_NOTE]
    if decision.outcome is CaseOutcome.DROPPED:
        undone = {AlertState.OVERTURNED, AlertState.DISMISSED, AlertState.MERGED, AlertState.WITHDRAWN}
        return None if alert.state in undone else Asked(action=AlertAction.OVERTURN, note=words)
    if decision.outcome is not CaseOutcome.PENALISED and alert.state in _LEFT_TO_THE_CASE:
        return Asked(action=AlertAction.CLOSE, note=words)
    if decision.outcome is not CaseOutcome.PENALISED or alert.state is not AlertState.ESCALATED:
        return None
    penalty = PenaltyDecision(
        document_no=decision.document_no,
        authority=decision.authority,
        decided_on=decision.decided_on,
        decision=decision.decision,
    )
    return Asked(action=AlertAction.RECORD_PENALTY, penalty=penalty)


def require_something_to_penalise(steps: Sequence[Asked | None], *, rests_on_more: bool) -> None:
    """Refuse a penalty over alerts of which none is with the authority. Raise FieldRefused.

    `rests_on_more`: the case rests on findings, or on a reason of its own.
    """
    if not rests_on_more and not any(steps):
        _refuse("outcome", CaseOutcome.PENALISED, "an alert of the case that is with the authority", "no_alert")


def _require_basis(decision: CaseDecision, bases: LegalBases) -> None:
    if decision.basis_code:
        if bases.by_code(decision.basis_code) is None:
            _refuse("basis_code", decision.basis_code, "a row of the legal bases", "no_such_basis")
        return
    _require_text("basis", decision.basis, LONGEST_NOTE)
    _require_text("basis_reason", decision.basis_reason, LONGEST_NOTE)


def _require_text(name: str, text: str, longest: int) -> None:
    if not text.strip():
        _refuse(name, "", "what the document says", "missing")
    if len(text) > longest:
        _refuse(name, f"{len(text)} characters", f"{longest} at most", "too_long")


def _refuse(field: str, value: str, expected: str, problem: str) -> None:
    raise FieldRefused(field, value, expected, problem=problem)
