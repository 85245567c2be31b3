"""Alerts that are handled together, and what a regulator decided: by whatever way they come back."""

from datetime import timedelta

import pytest
from psycopg import Connection

from credit.ledger import handle_alert
from db import alert_steps, alerts
from domain.alert import AlertKind, AlertState, DismissReason
from domain.alert_step import AlertAction, PenaltyDecision, WithdrawReason
from domain.errors import NotAllowed
from supervision.alerts.handling import withdraw_by_itself
from supervision.alerts.needs import Asked
from tests.alert_acts import MANAGER, POLICIES, REGULATOR, act
from tests.at_once import meanwhile
from tests.case_acts import penalise
from tests.factories import MARKET, NOW, put_market
from tests.integration.test_alert_life import TODAY, at, points, raised, sold_over

PENALTY = PenaltyDecision(document_no="三市监罚〔2026〕1号", authority="市监局", decided_on=TODAY, decision="罚款")


@pytest.fixture
def market(conn: Connection) -> Connection:
    put_market(conn)
    conn.commit()
    return conn


@pytest.fixture
def alert_id(market: Connection) -> int:
    return sold_over(market, 1)


def test_along_a_chain_of_merges_occurrences_go_on_joining(market: Connection, alert_id: int) -> None:
    between, last = raised(market, AlertKind.AMOUNT_MISMATCH), raised(market, AlertKind.TARE_ABUSE)
    act(market, alert_id, AlertAction.MERGE, into=between)
    act(market, between, AlertAction.MERGE, into=last)
    assert sold_over(market, 2) == alert_id
    assert (at(market, alert_id).occurrences, at(market, alert_id).merged_into) == (2, last)


def test_what_was_merged_goes_to_the_one_opened_meanwhile_when_the_other_is_withdrawn(
    market: Connection, alert_id: int
) -> None:
    into = raised(market, AlertKind.SEQUENCE_GAP)
    act(market, alert_id, AlertAction.MERGE, into=into)
    act(market, into, AlertAction.DISMISS, reason=DismissReason.DEVICE_FAULT)
    twin = sold_over(market, 2)
    act(market, into, AlertAction.REOPEN, note="设备无故障")
    assert withdraw_by_itself(market, into, WithdrawReason.GAP_FILLED, NOW)
    market.commit()
    assert (at(market, alert_id).state, at(market, alert_id).merged_into) == (AlertState.MERGED, twin)
    newest = alert_steps.of_alert(market, alert_id)[-1]
    assert (newest.actor, newest.action, newest.merged_into) == ("system", AlertAction.MERGE, twin)
    assert [one.alert_id for one in alerts.handled_with(market, twin)] == [alert_id]


@pytest.mark.parametrize("decides", [AlertAction.CONFIRM, AlertAction.ACKNOWLEDGE])
def test_what_was_merged_goes_to_no_alert_that_is_decided_meanwhile(
    market: Connection, alert_id: int, database_url: str, decides: AlertAction
) -> None:
    into = raised(market, AlertKind.SEQUENCE_GAP)
    act(market, alert_id, AlertAction.MERGE, into=into)
    act(market, into, AlertAction.DISMISS, reason=DismissReason.DEVICE_FAULT)
    twin = sold_over(market, 2)
    act(market, into, AlertAction.REOPEN, note="设备无故障")
    asked = Asked(action=decides)

    def decide(conn: Connection) -> None:
        handle_alert(conn, twin, asked, by=MANAGER, now=NOW, policies=POLICIES)

    def withdraw(conn: Connection) -> None:
        assert withdraw_by_itself(conn, into, WithdrawReason.GAP_FILLED, NOW)

    assert meanwhile(market, database_url, first=decide, second=withdraw) is None
    left = at(market, alert_id)
    if decides is AlertAction.CONFIRM:
        assert (left.state, left.merged_into) == (AlertState.ACKNOWLEDGED, None)
    else:
        assert (left.state, left.merged_into) == (AlertState.MERGED, twin)


@pytest.mark.parametrize("way", ["penalised and closed", "upheld"])
def test_the_market_undoes_nothing_that_a_regulator_had(market: Connection, alert_id: int, way: str) -> None:
    act(market, alert_id, AlertAction.CONFIRM)
    if way == "upheld":
        act(market, alert_id, AlertAction.APPEAL, note="记录不准")
        act(market, alert_id, AlertAction.UPHOLD, by=REGULATOR, note="记录准确")
        act(market, alert_id, AlertAction.ORDER_RECTIFICATION, due_on=TODAY + timedelta(days=5), note="整改")
    else:
        act(market, alert_id, AlertAction.ESCALATE, note="第三次")
    if way == "penalised and closed":
        penalise(market, alert_id, PENALTY)
        act(market, alert_id, AlertAction.CLOSE, note="已缴")
        act(market, alert_id, AlertAction.REOPEN, note="再看")
    with pytest.raises(NotAllowed, match="only a regulator may overturn"):
        act(market, alert_id, AlertAction.OVERTURN, note="算了")
    market.rollback()
    assert points(market) == [-3]
    act(market, alert_id, AlertAction.OVERTURN, by=REGULATOR, note="更正")
    assert points(market) == [-3, 3]


def test_a_scale_whose_clock_was_set_back_costs_on_the_day_that_is_judged(market: Connection, alert_id: int) -> None:
    market.execute(
        "UPDATE alerts SET first_at = first_at - interval '120 days', last_at = last_at - interval '120 days'"
    )
    act(market, alert_id, AlertAction.CONFIRM)
    row = market.execute(
        "SELECT (occurred_at AT TIME ZONE 'Asia/Shanghai')::date FROM credit_events WHERE market_id = %s", [MARKET]
    ).fetchone()
    assert row == (TODAY,)
