"""Two who act at once on a case, its alerts and the list: the second sees what the first did."""

import pytest
from psycopg import Connection

from credit.cases import decide
from credit.ledger import handle_alert
from db import cases
from db.publicity import entries_changed_since
from domain.alert import AlertKind, AlertState
from domain.alert_step import AlertAction
from domain.case import CaseAction, CaseOutcome, CaseState
from domain.errors import IllegalTransition
from domain.publicity import PenaltyKind
from supervision.alerts.needs import Asked
from supervision.cases.handling import Move
from supervision.cases.handling import act as act_on_case
from tests.alert_acts import MANAGER, POLICIES, REGULATOR, act
from tests.at_once import meanwhile
from tests.case_acts import BASES, case_of, decision_of, step
from tests.case_decisions import decided, escalated, state_of, told
from tests.factories import NOW, put_market
from tests.integration.test_alert_life import PENALTY, raised
from tests.integration.test_publicity import LATER, publish


@pytest.fixture
def market(conn: Connection) -> Connection:
    put_market(conn)
    conn.commit()
    return conn


def test_what_is_overturned_while_the_list_is_made_is_not_on_it(market: Connection, database_url: str) -> None:
    case_id, alert_id = told(market)
    decided(market, case_id)
    asked = Asked(action=AlertAction.OVERTURN, note="a court said so")

    def overturn(conn: Connection) -> None:
        handle_alert(conn, alert_id, asked, by=REGULATOR, now=LATER, policies=POLICIES)

    assert meanwhile(market, database_url, first=overturn, second=publish) is None
    assert state_of(market, alert_id) is AlertState.OVERTURNED
    assert entries_changed_since(market, 0, 10) == []


@pytest.mark.parametrize("way", ["decided", "told"])
def test_an_alert_that_comes_while_a_case_is_decided_or_told_of_opens_another(
    market: Connection, database_url: str, way: str
) -> None:
    case_id = case_of(market, escalated(market)).case_id
    step(market, case_id, CaseAction.INVESTIGATE)
    other = raised(market, AlertKind.TARE_ABUSE)
    act(market, other, AlertAction.CONFIRM)

    def end(conn: Connection) -> None:
        if way == "told":
            act_on_case(conn, case_id, Move(action=CaseAction.NOTIFY, note="a fine"), by=REGULATOR, now=NOW)
        else:
            none = decision_of(PENALTY, outcome=CaseOutcome.NO_PENALTY, kind=PenaltyKind.UNSTATED)
            decide(conn, case_id, none, by=REGULATOR, now=NOW, policies=POLICIES, bases=BASES)

    def escalate(conn: Connection) -> None:
        act(conn, other, AlertAction.ESCALATE, note="again above the cap")

    assert meanwhile(market, database_url, first=end, second=escalate) is None
    assert other not in cases.alerts_of(market, case_id)
    assert case_of(market, other).state is CaseState.OPENED


def test_a_case_is_not_decided_over_an_alert_that_came_meanwhile(market: Connection, database_url: str) -> None:
    case_id = case_of(market, escalated(market)).case_id
    other = raised(market, AlertKind.TARE_ABUSE)
    act(market, other, AlertAction.CONFIRM)

    def escalate(conn: Connection) -> None:
        asked = Asked(action=AlertAction.ESCALATE, note="again above the cap")
        handle_alert(conn, other, asked, by=MANAGER, now=NOW, policies=POLICIES)

    def end(conn: Connection) -> None:
        none = decision_of(PENALTY, outcome=CaseOutcome.NO_PENALTY, kind=PenaltyKind.UNSTATED)
        decide(conn, case_id, none, by=REGULATOR, now=NOW, policies=POLICIES, bases=BASES)

    assert isinstance(meanwhile(market, database_url, first=escalate, second=end), IllegalTransition)
    assert (case_of(market, other).case_id, case_of(market, other).state) == (case_id, CaseState.OPENED)
