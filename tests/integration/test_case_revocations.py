"""A decision that is revoked: its alerts, its entry in public, and what of it stays."""

import pytest
from psycopg import Connection

from credit.cases import revoke
from credit.ledger import handle_alert, overturn_by_itself
from db import cases
from db.publicity import entries_changed_since
from domain.alert import AlertKind, AlertState
from domain.alert_step import AlertAction
from domain.case import CaseAction, CaseState
from domain.publicity import TakenOffWhy
from supervision.alerts.needs import Asked
from supervision.cases.handling import Move
from supervision.cases.handling import act as act_on_case
from supervision.cases.states import StepNotPossible
from tests.alert_acts import POLICIES, REGULATOR, act, someone
from tests.case_acts import case_of, step
from tests.case_decisions import decided, escalated, state_of, told, went_on
from tests.factories import NOW, put_market
from tests.integration.test_alert_life import points
from tests.integration.test_publicity import LATER, publish


@pytest.fixture
def market(conn: Connection) -> Connection:
    put_market(conn)
    conn.commit()
    return conn


def test_revoked_the_alerts_are_overturned_and_the_entry_comes_off_at_once(market: Connection) -> None:
    case_id, alert_id = told(market)
    decided(market, case_id)
    publish(market)
    revoke(market, case_id, "revoked on review", by=REGULATOR, now=LATER, policies=POLICIES)
    assert state_of(market, alert_id) is AlertState.OVERTURNED
    assert entries_changed_since(market, 0, 10)[0].taken_off_why is TakenOffWhy.REVOKED
    case = cases.by_id(market, case_id)
    assert case is not None
    assert case.state is CaseState.REVOKED


@pytest.mark.parametrize("is_listed", [True, False])
@pytest.mark.parametrize("way", ["closed and taken up again", "upheld and ordered", "upheld and escalated"])
def test_revoked_no_penalty_stays_or_becomes_public_whatever_became_of_its_alert(
    market: Connection, way: str, is_listed: bool
) -> None:
    case_id, alert_id = told(market)
    decided(market, case_id)
    went_on(market, alert_id, way)
    assert not is_listed or publish(market) == 1
    revoke(market, case_id, "revoked by a court", by=REGULATOR, now=LATER, policies=POLICIES)
    market.commit()
    assert (state_of(market, alert_id), sum(points(market))) == (AlertState.OVERTURNED, 0)
    assert publish(market) == 0
    assert [one.taken_off_why for one in entries_changed_since(market, 0, 10)] == [TakenOffWhy.REVOKED] * is_listed


@pytest.mark.parametrize("by_itself", [True, False])
def test_a_case_tells_that_its_alert_was_overturned_beside_it(market: Connection, by_itself: bool) -> None:
    case_id, alert_id = told(market)
    decided(market, case_id)
    seen = case_of(market, alert_id).revision
    if by_itself:
        overturn_by_itself(market, alert_id, why="the list was withdrawn", now=LATER, policies=POLICIES)
    else:
        act(market, alert_id, AlertAction.APPEAL, note="the list was another")
        act(market, alert_id, AlertAction.OVERTURN, by=someone("another"), note="it was", now=LATER)
    newest = cases.steps_of(market, case_id)[-1]
    who, why = ("system", "the list was withdrawn") if by_itself else ("another", "it was")
    assert (newest.action, newest.alert_id) == (CaseAction.ALERT_OVERTURNED, alert_id)
    assert (newest.actor, newest.note) == (who, why)
    assert case_of(market, alert_id).revision == seen + 1


def test_what_was_revoked_is_not_revoked_again_once_its_case_is_closed(market: Connection) -> None:
    case_id, _ = told(market)
    decided(market, case_id)
    revoke(market, case_id, "by a court", by=REGULATOR, now=LATER, policies=POLICIES)
    step(market, case_id, CaseAction.CLOSE)
    with pytest.raises(StepNotPossible, match="cannot revoke a case that is closed; possible: nothing more"):
        revoke(market, case_id, "again", by=REGULATOR, now=LATER, policies=POLICIES)


def test_a_revocation_is_told_once(market: Connection) -> None:
    case_id, _ = told(market)
    decided(market, case_id)
    revoke(market, case_id, "by a court", by=REGULATOR, now=LATER, policies=POLICIES)
    assert [one.action for one in cases.steps_of(market, case_id)][-2:] == [CaseAction.DECIDE, CaseAction.REVOKE]


def test_what_was_closed_without_a_penalty_stays_when_the_penalty_of_its_case_is_revoked(market: Connection) -> None:
    other = escalated(market, AlertKind.TARE_ABUSE)
    case_id, alert_id = told(market)
    assert cases.alerts_of(market, case_id) == [other, alert_id]
    closed = Asked(action=AlertAction.CLOSE, note="closed beside its case, as versions before this one let it be")
    handle_alert(market, other, closed, by=REGULATOR, now=NOW, policies=POLICIES, of_case=case_id)
    market.commit()
    before = points(market)
    decided(market, case_id)
    revoke(market, case_id, "revoked by a court", by=REGULATOR, now=LATER, policies=POLICIES)
    market.commit()
    assert (state_of(market, alert_id), state_of(market, other)) == (AlertState.OVERTURNED, AlertState.CLOSED)
    assert points(market) == [*before, -before[1]]


def test_what_was_decided_in_a_case_that_was_revoked_is_not_published(market: Connection) -> None:
    """Where an alert could not follow, as those that versions before this one left behind."""
    case_id, alert_id = told(market)
    decided(market, case_id)
    act_on_case(market, case_id, Move(action=CaseAction.REVOKE, note="by a court"), by=REGULATOR, now=LATER)
    assert state_of(market, alert_id) is AlertState.PENALISED
    assert publish(market) == 0
