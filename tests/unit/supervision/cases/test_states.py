"""The life of a case: every way through it ends, and none leads out of a revocation."""

import pytest

from domain.case import CaseAction, CaseState
from domain.errors import IllegalTransition
from supervision.cases.states import TAKES_ALERTS, UNDECIDED, actions_from, next_state


def test_what_was_revoked_is_only_closed() -> None:
    assert actions_from(CaseState.REVOKED) == [CaseAction.CLOSE]
    with pytest.raises(IllegalTransition, match="cannot reopen a case that is revoked; possible: close"):
        next_state(CaseState.REVOKED, CaseAction.REOPEN)


@pytest.mark.parametrize("state", list(CaseState))
def test_no_decided_case_becomes_undecided_again(state: CaseState) -> None:
    reached = {next_state(state, action) for action in actions_from(state)}
    assert state in UNDECIDED or not reached & UNDECIDED
    assert TAKES_ALERTS < UNDECIDED
