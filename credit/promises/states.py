"""The life of a promise as a table: the buttons, the API, the errors and the diagram of the docs come from it. Pure."""

from collections.abc import Mapping
from typing import Final

from domain.errors import IllegalTransition
from domain.promise import PromiseAction, PromiseState

_S, _A = PromiseState, PromiseAction

TRANSITIONS: Final[Mapping[tuple[PromiseState, PromiseAction], frozenset[PromiseState]]] = {
    (_S.OFFERED, _A.MAKE): frozenset({_S.MADE}),
    (_S.OFFERED, _A.DECLINE): frozenset({_S.DECLINED}),
    (_S.OFFERED, _A.LAPSE): frozenset({_S.LAPSED}),
    (_S.OFFERED, _A.ANNUL): frozenset({_S.VOID}),
    (_S.MADE, _A.KEEP): frozenset({_S.KEPT}),
    (_S.MADE, _A.BREAK): frozenset({_S.BROKEN}),
    (_S.MADE, _A.ANNUL): frozenset({_S.VOID}),
    # What it answered was no breach: nothing was offered that counts.
    (_S.DECLINED, _A.ANNUL): frozenset({_S.VOID}),
    (_S.LAPSED, _A.ANNUL): frozenset({_S.VOID}),
    # An alert of within the term, confirmed after it.
    (_S.KEPT, _A.BREAK): frozenset({_S.BROKEN}),
    (_S.KEPT, _A.ANNUL): frozenset({_S.VOID}),
    # Broken again, by another alert.
    (_S.BROKEN, _A.BREAK): frozenset({_S.BROKEN}),
    # An alert that broke it was overturned: others may have broken it too, and its term may be over by now.
    (_S.BROKEN, _A.RESTORE): frozenset({_S.BROKEN, _S.MADE, _S.KEPT}),
    (_S.BROKEN, _A.ANNUL): frozenset({_S.VOID}),
}
#: What a person does; everything else follows from alerts and from time.
OF_PERSONS: Final = (_A.MAKE, _A.DECLINE)
#: The vendor has given its word: a breach within the term breaks it.
GIVEN: Final = frozenset({_S.MADE, _S.KEPT, _S.BROKEN})
#: The deduction was charged instead.
REFUSED: Final = frozenset({_S.DECLINED, _S.LAPSED})


def require_step(state: PromiseState, action: PromiseAction) -> frozenset[PromiseState]:
    """Return where `action` may lead from `state`. Raise IllegalTransition where it leads nowhere."""
    found = TRANSITIONS.get((state, action))
    if found is None:
        possible = ", ".join(actions_from(state)) or "nothing more"
        raise IllegalTransition(f"cannot {action} a promise that is {state}; possible: {possible}")
    return found


def actions_from(state: PromiseState) -> list[PromiseAction]:
    """Return what a person may do with a promise in `state`, in the order buttons are shown."""
    return [action for action in OF_PERSONS if (state, action) in TRANSITIONS]
