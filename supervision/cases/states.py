"""The life of a case as a table. Buttons, the API and the errors come from it. Pure.

Only regulators take these steps. A penalty is decided once the vendor was told what is intended
(行政处罚法, article 44).
"""

from collections.abc import Collection, Iterable
from typing import Final

from domain.case import CaseAction, CaseOutcome, CaseState, CaseStep
from domain.errors import FieldRefused, IllegalTransition

_S, _A = CaseState, CaseAction

#: In each state the usual step stands first.
TRANSITIONS: Final[dict[tuple[CaseState, CaseAction], CaseState]] = {
    (_S.OPENED, _A.INVESTIGATE): _S.INVESTIGATING,
    (_S.OPENED, _A.DECIDE): _S.DECIDED,
    (_S.INVESTIGATING, _A.NOTIFY): _S.NOTIFIED,
    (_S.INVESTIGATING, _A.DECIDE): _S.DECIDED,
    (_S.NOTIFIED, _A.DECIDE): _S.DECIDED,
    (_S.NOTIFIED, _A.HEAR): _S.HEARD,
    (_S.NOTIFIED, _A.INVESTIGATE): _S.INVESTIGATING,
    (_S.HEARD, _A.DECIDE): _S.DECIDED,
    (_S.HEARD, _A.INVESTIGATE): _S.INVESTIGATING,
    (_S.DECIDED, _A.CLOSE): _S.CLOSED,
    (_S.DECIDED, _A.REVOKE): _S.REVOKED,
    (_S.CLOSED, _A.REVOKE): _S.REVOKED,
    # Not taken up again: its alerts are overturned for good. What is found later is another alert, and another case.
    (_S.REVOKED, _A.CLOSE): _S.CLOSED,
}
#: Still being looked into: what follows from its alerts is decided here.
UNDECIDED: Final = frozenset({_S.OPENED, _S.INVESTIGATING, _S.NOTIFIED, _S.HEARD})
#: Nothing was said to the vendor yet: other alerts may join.
TAKES_ALERTS: Final = frozenset({_S.OPENED, _S.INVESTIGATING})
BESIDE: Final = (_A.ASSIGN, _A.COMMENT)
#: What does not go without words.
WITH_WORDS: Final = frozenset({_A.NOTIFY, _A.HEAR, _A.REVOKE, _A.COMMENT})
_TOLD: Final = frozenset({_S.NOTIFIED, _S.HEARD})


class StepNotPossible(IllegalTransition):
    """A step that leads nowhere from where the case stands; `possible`: those that lead somewhere."""

    def __init__(self, state: CaseState, action: CaseAction, *, is_revoked: bool = False) -> None:
        self.state = state
        self.action = action
        self.possible = tuple(actions_from(state, is_revoked=is_revoked))
        possible = ", ".join(self.possible) or "nothing more"
        super().__init__(f"cannot {action.replace('_', ' ')} a case that is {state}; possible: {possible}")


def next_state(state: CaseState, action: CaseAction) -> CaseState:
    """Return where a step leads from `state`. Raise StepNotPossible where it leads nowhere."""
    if action in BESIDE:
        return state
    to = TRANSITIONS.get((state, action))
    if to is None:
        raise StepNotPossible(state, action)
    return to


def actions_from(state: CaseState, *, is_revoked: bool = False) -> list[CaseAction]:
    """Return the steps from a state, in the order of buttons. `is_revoked`: its decision was, and is not again."""
    steps = [action for (of, action) in TRANSITIONS if of is state]
    return [one for one in steps if one is not _A.REVOKE or not is_revoked]


def outcomes_from(state: CaseState) -> list[CaseOutcome]:
    """Return what may be decided in a state: no penalty before the vendor was told of it."""
    return [one for one in CaseOutcome if one is not CaseOutcome.PENALISED or state in _TOLD]


def require_outcome(outcome: CaseOutcome, state: CaseState) -> None:
    """Refuse a penalty that the vendor was not told of before. Raise FieldRefused."""
    if outcome not in outcomes_from(state):
        expected = "a decision other than a penalty: the vendor was not told yet what is intended (告知)"
        raise FieldRefused("outcome", outcome, expected, problem="not_notified")


def own_decision(deciders: Collection[str], confirmers: Collection[str]) -> bool:
    """Say whether all who decide had a part in confirming the case's alerts: nobody else looked at it."""
    return bool(deciders) and set(deciders) <= set(confirmers)


def revoked_of(trail: Iterable[CaseStep]) -> frozenset[int]:
    """Return which decisions of a case were revoked, counted from 0 in the order of its trail: for good."""
    found, last = set(), -1
    for step in trail:
        if step.action is _A.DECIDE:
            last += 1
        elif step.action is _A.REVOKE:
            found.add(last)
    return frozenset(found)
