"""The life of an application for repair as a table: the buttons, the API and the errors come from it. Pure."""

from collections.abc import Mapping
from typing import Final

from domain.errors import IllegalTransition
from domain.repair import RepairAction, RepairState

_S, _A = RepairState, RepairAction

TRANSITIONS: Final[Mapping[tuple[RepairState, RepairAction], RepairState]] = {
    (_S.APPLIED, _A.GRANT): _S.GRANTED,
    (_S.APPLIED, _A.REFUSE): _S.REFUSED,
    (_S.APPLIED, _A.WITHDRAW): _S.WITHDRAWN,
}
#: What a regulator decides; whoever may apply may withdraw.
DECISIONS: Final = frozenset({_A.GRANT, _A.REFUSE})


def next_state(state: RepairState, action: RepairAction) -> RepairState:
    """Return where `action` leads from `state`. Raise IllegalTransition where it leads nowhere."""
    found = TRANSITIONS.get((state, action))
    if found is None:
        possible = ", ".join(actions_from(state)) or "nothing more"
        raise IllegalTransition(f"cannot {action} an application that is {state}; possible: {possible}", problem="late")
    return found


def actions_from(state: RepairState) -> list[RepairAction]:
    """Return what may be done with an application in `state`, in the order buttons are shown."""
    return [action for of, action in TRANSITIONS if of is state]
