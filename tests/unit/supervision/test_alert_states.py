"""The life of an alert, as its table says it."""

from itertools import product

import pytest

from domain.alert import AlertState
from domain.alert_step import AlertAction
from domain.errors import IllegalTransition, NotAllowed
from supervision.alerts.states import (
    AWAITING,
    BESIDE,
    DECIDED,
    FINISHED,
    IN_PROGRESS,
    OF_ITSELF,
    STANDING,
    TRANSITIONS,
    Authority,
    actions_from,
    next_state,
)

_EVERY_STEP = list(product(AlertState, AlertAction, Authority))


@pytest.mark.parametrize(("state", "action", "authority"), _EVERY_STEP)
def test_every_step_leads_where_the_table_says_or_is_refused_in_words(
    state: AlertState, action: AlertAction, authority: Authority
) -> None:
    found = TRANSITIONS.get((state, action))
    if found is None:
        with pytest.raises(IllegalTransition, match=f"cannot {action} an alert that is {state}; possible: "):
            next_state(state, action, authority)
    elif (found.by, authority) == (Authority.REGULATOR, Authority.MARKET):
        with pytest.raises(NotAllowed, match=f"only a regulator may .* an alert that is {state}"):
            next_state(state, action, authority)
    else:
        assert next_state(state, action, authority) is found.to
    is_offered = action in actions_from(state, authority)
    assert is_offered == (found is not None and (authority is Authority.REGULATOR or found.by is Authority.MARKET))


def test_every_state_is_reached_and_every_one_in_progress_can_be_left() -> None:
    reached, waiting = {AlertState.OPEN}, [AlertState.OPEN]
    while waiting:
        state = waiting.pop()
        for (source, _), transition in TRANSITIONS.items():
            if source is state and transition.to not in reached:
                reached.add(transition.to)
                waiting.append(transition.to)
    assert reached | set(OF_ITSELF.values()) == set(AlertState)
    for state in AWAITING | IN_PROGRESS:
        assert actions_from(state, Authority.REGULATOR), state


def test_the_life_of_the_issue_can_be_walked_from_end_to_end() -> None:
    walks = {
        AlertState.CLOSED: ["acknowledge", "confirm", "order_rectification", "report_rectified", "close"],
        AlertState.PENALISED: ["confirm", "order_rectification", "escalate", "record_penalty"],
        AlertState.OVERTURNED: ["confirm", "escalate", "record_penalty", "appeal", "overturn"],
        AlertState.UPHELD: ["confirm", "appeal", "uphold"],
        AlertState.DISMISSED: ["acknowledge", "dismiss"],
        AlertState.MERGED: ["merge"],
    }
    for end, steps in walks.items():
        state = AlertState.OPEN
        for step in steps:
            state = next_state(state, AlertAction(step), Authority.REGULATOR)
        assert state is end


def test_what_an_authority_decides_is_not_the_markets_to_decide() -> None:
    of_regulators = {step for step, transition in TRANSITIONS.items() if transition.by is Authority.REGULATOR}
    assert {action for state, action in of_regulators if state is AlertState.APPEALED} == {"uphold", "overturn"}
    assert (AlertState.ESCALATED, AlertAction.RECORD_PENALTY) in of_regulators
    assert (AlertState.PENALISED, AlertAction.OVERTURN) in of_regulators
    assert not {state for state, _ in of_regulators} & AWAITING


def test_the_groups_of_states_are_whole_and_do_not_overlap() -> None:
    assert set(AlertState) == AWAITING | IN_PROGRESS | FINISHED
    assert not AWAITING & IN_PROGRESS | AWAITING & FINISHED | IN_PROGRESS & FINISHED
    assert frozenset(AlertState) - AWAITING == DECIDED
    assert IN_PROGRESS | {AlertState.CLOSED} == STANDING


def test_by_itself_an_alert_is_withdrawn_undecided_and_overturned_where_a_breach_stood() -> None:
    withdrawn = {state for state, action in OF_ITSELF if action is AlertAction.WITHDRAW}
    assert withdrawn == AWAITING | {AlertState.MERGED}
    assert {state for state, action in OF_ITSELF if action is AlertAction.OVERTURN} == STANDING
    assert not [action for _, action in TRANSITIONS if action is AlertAction.WITHDRAW or action in BESIDE]


def test_what_is_over_for_good_stays_over() -> None:
    for state in (AlertState.OVERTURNED, AlertState.WITHDRAWN):
        assert actions_from(state, Authority.REGULATOR) == []
        assert not [source for source, _ in OF_ITSELF if source is state]
