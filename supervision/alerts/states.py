"""The life of an alert as a table. The buttons, the API, the errors and the diagram of the docs all come from it.

An alert is a lead, never a penalty: only `confirmed` moves a vendor's score, and an overturned one gives it back. What
is decided in the market stands under the market; what an authority decides, and what undoes an authority's decision,
under the regulator.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from domain.alert import AlertState
from domain.alert_step import AlertAction
from domain.errors import IllegalTransition, NotAllowed


class Authority(StrEnum):
    """Who may take a step: whoever handles the alerts of the market, a regulator too, or only a regulator."""

    MARKET = "market"
    REGULATOR = "regulator"


@dataclass(frozen=True, slots=True)
class Transition:
    """Where a step leads, and who may take it. `is_of_case`: left to the case that is undecided about the alert."""

    to: AlertState
    by: Authority = Authority.MARKET
    is_of_case: bool = False


_S, _A = AlertState, AlertAction
_MARKET, _REGULATOR = Authority.MARKET, Authority.REGULATOR

#: In each state the usual step stands first: buttons are shown in this order.
TRANSITIONS: Final[dict[tuple[AlertState, AlertAction], Transition]] = {
    (_S.OPEN, _A.ACKNOWLEDGE): Transition(_S.ACKNOWLEDGED),
    (_S.OPEN, _A.CONFIRM): Transition(_S.CONFIRMED),
    (_S.OPEN, _A.DISMISS): Transition(_S.DISMISSED),
    (_S.OPEN, _A.MERGE): Transition(_S.MERGED),
    (_S.ACKNOWLEDGED, _A.CONFIRM): Transition(_S.CONFIRMED),
    (_S.ACKNOWLEDGED, _A.DISMISS): Transition(_S.DISMISSED),
    (_S.ACKNOWLEDGED, _A.MERGE): Transition(_S.MERGED),
    (_S.CONFIRMED, _A.ORDER_RECTIFICATION): Transition(_S.RECTIFYING),
    (_S.CONFIRMED, _A.ESCALATE): Transition(_S.ESCALATED),
    (_S.CONFIRMED, _A.APPEAL): Transition(_S.APPEALED),
    (_S.CONFIRMED, _A.OVERTURN): Transition(_S.OVERTURNED),
    (_S.CONFIRMED, _A.CLOSE): Transition(_S.CLOSED),
    (_S.RECTIFYING, _A.REPORT_RECTIFIED): Transition(_S.RECTIFIED),
    # Ordered again: another due date.
    (_S.RECTIFYING, _A.ORDER_RECTIFICATION): Transition(_S.RECTIFYING),
    (_S.RECTIFYING, _A.ESCALATE): Transition(_S.ESCALATED),
    (_S.RECTIFYING, _A.APPEAL): Transition(_S.APPEALED),
    (_S.RECTIFYING, _A.OVERTURN): Transition(_S.OVERTURNED),
    (_S.RECTIFIED, _A.CLOSE): Transition(_S.CLOSED),
    (_S.RECTIFIED, _A.SEND_BACK): Transition(_S.RECTIFYING),
    (_S.RECTIFIED, _A.ESCALATE): Transition(_S.ESCALATED),
    (_S.RECTIFIED, _A.APPEAL): Transition(_S.APPEALED),
    (_S.RECTIFIED, _A.OVERTURN): Transition(_S.OVERTURNED),
    # With the authority: it penalises, hands the matter back, or lets it rest. Where there is a case, that decides it.
    (_S.ESCALATED, _A.RECORD_PENALTY): Transition(_S.PENALISED, _REGULATOR, is_of_case=True),
    (_S.ESCALATED, _A.ORDER_RECTIFICATION): Transition(_S.RECTIFYING, _REGULATOR, is_of_case=True),
    (_S.ESCALATED, _A.APPEAL): Transition(_S.APPEALED),
    (_S.ESCALATED, _A.OVERTURN): Transition(_S.OVERTURNED, _REGULATOR, is_of_case=True),
    (_S.ESCALATED, _A.CLOSE): Transition(_S.CLOSED, _REGULATOR, is_of_case=True),
    (_S.PENALISED, _A.APPEAL): Transition(_S.APPEALED),
    (_S.PENALISED, _A.OVERTURN): Transition(_S.OVERTURNED, _REGULATOR),
    (_S.PENALISED, _A.CLOSE): Transition(_S.CLOSED),
    (_S.APPEALED, _A.UPHOLD): Transition(_S.UPHELD, _REGULATOR),
    (_S.APPEALED, _A.OVERTURN): Transition(_S.OVERTURNED, _REGULATOR),
    (_S.UPHELD, _A.ORDER_RECTIFICATION): Transition(_S.RECTIFYING, is_of_case=True),
    (_S.UPHELD, _A.ESCALATE): Transition(_S.ESCALATED),
    (_S.UPHELD, _A.OVERTURN): Transition(_S.OVERTURNED, _REGULATOR, is_of_case=True),
    (_S.UPHELD, _A.CLOSE): Transition(_S.CLOSED, is_of_case=True),
    # Who closes an alert soon takes none of the days that its decision may be appealed in.
    (_S.CLOSED, _A.APPEAL): Transition(_S.APPEALED),
    (_S.CLOSED, _A.OVERTURN): Transition(_S.OVERTURNED, _REGULATOR),
    (_S.CLOSED, _A.REOPEN): Transition(_S.CONFIRMED),
    (_S.DISMISSED, _A.REOPEN): Transition(_S.ACKNOWLEDGED),
    (_S.MERGED, _A.REOPEN): Transition(_S.ACKNOWLEDGED),
}

#: Undecided: somebody has to say whether it was a breach.
AWAITING: Final = frozenset({_S.OPEN, _S.ACKNOWLEDGED})
DECIDED: Final = frozenset(AlertState) - AWAITING
#: The breach stands: it was confirmed and not overturned. An appeal does not lift it before it is decided.
STANDING: Final = frozenset(
    {
        *(_S.CONFIRMED, _S.RECTIFYING, _S.RECTIFIED, _S.ESCALATED, _S.PENALISED, _S.APPEALED, _S.UPHELD, _S.CLOSED),
    }
)
#: Decided, and something is still to be done.
IN_PROGRESS: Final = STANDING - {_S.CLOSED}
FINISHED: Final = DECIDED - IN_PROGRESS

#: What happens to an alert whose cause is gone. No person may do it. Where nobody had decided nothing follows; where a
#: breach stood, what it took is given back.
OF_ITSELF: Final[dict[tuple[AlertState, AlertAction], AlertState]] = {
    **{(state, _A.WITHDRAW): _S.WITHDRAWN for state in (*sorted(AWAITING), _S.MERGED)},
    **{(state, _A.OVERTURN): _S.OVERTURNED for state in sorted(STANDING)},
    # The one it was merged into is withdrawn, and something of this one is left.
    (_S.MERGED, _A.REOPEN): _S.ACKNOWLEDGED,
}

#: What a person does beside moving an alert, in whichever state it is.
BESIDE: Final = (_A.ASSIGN, _A.COMMENT, _A.ATTACH)


def next_state(state: AlertState, action: AlertAction, authority: Authority) -> AlertState:
    """Return where a person's `action` leads from `state`.

    Raise IllegalTransition where it leads nowhere, NotAllowed where only a regulator may take it.
    """
    found = TRANSITIONS.get((state, action))
    if found is None:
        possible = ", ".join(actions_from(state, authority)) or "nothing more"
        raise IllegalTransition(f"cannot {action} an alert that is {state}; possible: {possible}")
    if not _may(authority, found):
        raise NotAllowed(f"only a regulator may {action.replace('_', ' ')} an alert that is {state}")
    return found.to


def actions_from(state: AlertState, authority: Authority) -> list[AlertAction]:
    """Return what a person may do to an alert in `state`, in the order buttons are shown."""
    return [action for (of, action), found in TRANSITIONS.items() if of is state and _may(authority, found)]


def is_of_its_case(state: AlertState, action: AlertAction) -> bool:
    """Say whether a step is left to the case that is undecided about the alert, which it would otherwise overtake."""
    found = TRANSITIONS.get((state, action))
    return found is not None and found.is_of_case


def _may(authority: Authority, transition: Transition) -> bool:
    return authority is _REGULATOR or transition.by is _MARKET
