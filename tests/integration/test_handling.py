"""Acting on an alert, and the ledger that follows."""

import threading
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from credit.export import as_csv
from credit.report import credit_report
from credit.rules.versions import Rulebook
from credit.standings import standings
from db import alert_steps, alerts, credit
from domain.alert import AlertState, DismissReason
from domain.alert_step import AlertAction
from domain.errors import FieldRefused, IllegalTransition, NotFound, SteelyardError
from domain.ids import MarketId, VendorId
from ingest.batch import take_batch
from pricing.price_book import BookKeeper
from supervision.alerts.states import Authority
from tests.alert_acts import POLICIES, REGULATOR, act, someone
from tests.factories import MARKET, NOW, delivery, message, over, put_market

RULES, POLICY = POLICIES.credit, POLICIES.rules
VENDOR = VendorId("V-1")
ELSEWHERE = someone("stranger", Authority.MARKET, MarketId("elsewhere"))


@pytest.fixture
def alert_id(conn: Connection) -> int:
    put_market(conn)
    take_batch(conn, [delivery(message(over(1, unit_price_fen=13000)))], books=BookKeeper(), policy=POLICY, now=NOW)
    conn.commit()
    return alerts.visible(conn, MARKET, {AlertState.OPEN})[0].alert_id


def score(conn: Connection) -> int:
    return credit_report(conn, MARKET, VENDOR, book=Rulebook((RULES,)), now=NOW).score.score


def state(conn: Connection, alert_id: int) -> AlertState:
    alert = alerts.by_id(conn, alert_id)
    assert alert is not None
    return alert.state


def test_only_a_confirmation_moves_the_score_and_the_report_explains_the_point(conn: Connection, alert_id: int) -> None:
    act(conn, alert_id, AlertAction.ACKNOWLEDGE)
    assert score(conn) == 100
    act(conn, alert_id, AlertAction.CONFIRM, note="seen on camera")
    report = credit_report(conn, MARKET, VENDOR, book=Rulebook((RULES,)), now=NOW)
    (line,) = report.ledger
    assert (report.score.score, report.score.tier.name) == (97, "A")
    assert (line.event.points, line.event.rule, line.counts) == (-3, "price_over_cap.points.medium", True)
    assert line.alert is not None
    assert (line.alert.alert_id, line.event.rules_version) == (alert_id, RULES.version)
    assert [event.action for event in alert_steps.of_alert(conn, alert_id)] == ["acknowledge", "confirm"]


def test_a_dismissal_needs_a_reason_and_costs_nothing(conn: Connection, alert_id: int) -> None:
    with pytest.raises(FieldRefused, match="reason is missing; expected one of false_positive"):
        act(conn, alert_id, AlertAction.DISMISS)
    conn.rollback()
    act(conn, alert_id, AlertAction.DISMISS, reason=DismissReason.DEVICE_FAULT)
    assert (state(conn, alert_id), score(conn)) == (AlertState.DISMISSED, 100)


def test_an_overturned_alert_gives_the_points_back_by_another_event(conn: Connection, alert_id: int) -> None:
    act(conn, alert_id, AlertAction.CONFIRM)
    act(conn, alert_id, AlertAction.OVERTURN, note="the list was wrong", by=REGULATOR)
    ledger = credit.of_vendor(conn, MARKET, VENDOR)
    assert [(event.points, event.reverses) for event in ledger] == [(-3, None), (3, ledger[0].event_id)]
    assert score(conn) == 100


def test_the_second_of_two_is_told_and_nothing_happens_twice(conn: Connection, alert_id: int) -> None:
    act(conn, alert_id, AlertAction.CONFIRM)
    with pytest.raises(
        IllegalTransition,
        match="cannot confirm an alert that is confirmed; possible: order_rectification, escalate",
    ):
        act(conn, alert_id, AlertAction.CONFIRM)
    conn.rollback()
    assert len(credit.of_vendor(conn, MARKET, VENDOR)) == 1


def test_two_people_at_the_same_moment_are_put_in_a_row(conn: Connection, alert_id: int, database_url: str) -> None:
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def try_to(action: AlertAction, **more: Any) -> None:
        with psycopg.connect(database_url) as own:
            start.wait()
            try:
                act(own, alert_id, action, **more)
                outcomes.append("done")
            except SteelyardError as error:
                outcomes.append(type(error).__name__)

    people = [
        threading.Thread(target=try_to, args=[AlertAction.CONFIRM]),
        threading.Thread(target=try_to, args=[AlertAction.DISMISS], kwargs={"reason": DismissReason.LIST_ERROR}),
    ]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sorted(outcomes) == ["IllegalTransition", "done"]
    assert len(alert_steps.of_alert(conn, alert_id)) == 1


def test_another_markets_alert_does_not_exist_for_a_manager(conn: Connection, alert_id: int) -> None:
    with pytest.raises(NotFound):
        act(conn, alert_id, AlertAction.CONFIRM, by=ELSEWHERE)
    conn.rollback()
    assert state(conn, alert_id) is AlertState.OPEN


def test_an_alert_without_a_vendor_can_be_dismissed_and_not_confirmed(conn: Connection) -> None:
    put_market(conn)
    conn.execute("DELETE FROM scale_bindings")
    take_batch(conn, [delivery(message(over(1)))], books=BookKeeper(), policy=POLICY, now=NOW)
    conn.commit()
    nobodys = next(one for one in alerts.visible(conn, MARKET, {AlertState.OPEN}) if one.kind == "price_over_cap")
    with pytest.raises(FieldRefused, match="names no vendor"):
        act(conn, nobodys.alert_id, AlertAction.CONFIRM)
    conn.rollback()
    act(conn, nobodys.alert_id, AlertAction.DISMISS, reason=DismissReason.DEVICE_FAULT)
    assert state(conn, nobodys.alert_id) is AlertState.DISMISSED


def test_standings_show_who_needs_attention_first(conn: Connection, alert_id: int) -> None:
    act(conn, alert_id, AlertAction.CONFIRM)
    lines = standings(conn, MARKET, rules=RULES, now=NOW)
    assert [(line.vendor.vendor_id, line.score.score) for line in lines] == [("V-1", 97), ("V-2", 100)]


def test_the_score_is_of_the_running_cycle(conn: Connection, alert_id: int) -> None:
    act(conn, alert_id, AlertAction.CONFIRM)
    next_quarter = credit_report(conn, MARKET, VENDOR, book=Rulebook((RULES,)), now=NOW + timedelta(days=45))
    assert (next_quarter.score.score, next_quarter.ledger[0].counts) == (100, False)


def test_the_csv_has_every_point_and_runs_no_formula(conn: Connection, alert_id: int) -> None:
    act(conn, alert_id, AlertAction.CONFIRM, by=someone("=cmd|' /C calc'!A0"))
    report = credit_report(conn, MARKET, VENDOR, book=Rulebook((RULES,)), now=NOW)
    head, line = as_csv(report, "en").removeprefix("\ufeff").splitlines()
    assert head.split(",")[:5] == ["event_id", "market", "vendor_id", "vendor", "occurred_at"]
    assert "2026-11-22 12:00:01,declared price above the cap,species F01,13.1,30.00,-3,yes,'=cmd|" in line
    chinese = as_csv(report)
    assert chinese.startswith("\ufeff编号,市场,商户编号,商户,发生时间,事由,品种,超出%,多收(元),分值,计入本周期")
    assert "2026-11-22 12:00:01,标价超过调控价,东星斑,13.1,30.00,-3,是," in chinese
