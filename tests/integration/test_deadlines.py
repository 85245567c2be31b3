"""Deadlines of alerts in the database: looked at in time, said once, on the record, seen by a regulator."""

from datetime import date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from db import alert_steps, alerts, deadlines
from domain.alert import Alert, AlertState, DismissReason, Severity
from domain.alert_step import AlertAction
from ingest.batch import take_batch
from pricing.price_book import BookKeeper
from supervision.alerts.watch import Mark, watched
from supervision.deadlines.clock import Standing
from supervision.deadlines.duty import WatchingDeadlines
from supervision.deadlines.policy import Deadline
from supervision.deadlines.sweep import Swept, sweep
from tests.alert_acts import MANAGER, POLICIES, REGULATOR, act, someone
from tests.factories import MARKET, NOW, delivery, message, over, put_market

POLICY = POLICIES.supervision
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def alert_id(conn: Connection) -> int:
    """An alert that is opened at noon, by the market's clock."""
    put_market(conn)
    take_batch(
        conn, [delivery(message(over(1, unit_price_fen=13000)))], books=BookKeeper(), policy=POLICIES.rules, now=NOW
    )
    conn.commit()
    return alerts.visible(conn, MARKET, {AlertState.OPEN})[0].alert_id


def swept(conn: Connection, now: datetime, severity: Severity | None = Severity.HIGH) -> Swept:
    found = sweep(conn, policy=POLICY, severity_of=lambda _: severity, now=now)
    conn.commit()
    return found


def said(found: Swept) -> list[tuple[Deadline, Standing]]:
    return [(event.clock.deadline, event.standing) for event in found.events]


def at(conn: Connection, alert_id: int) -> Alert:
    alert = alerts.by_id(conn, alert_id)
    assert alert is not None
    return alert


def is_overdue(conn: Connection, alert_id: int) -> bool:
    row = conn.execute("SELECT is_overdue FROM alerts WHERE alert_id = %s", [alert_id]).fetchone()
    assert row is not None
    return bool(row[0])


def test_a_person_is_reminded_once_and_what_is_missed_is_on_the_record(conn: Connection, alert_id: int) -> None:
    assert said(swept(conn, NOW + MINUTE)) == []
    assert deadlines.next_look(conn) == NOW + 22.5 * MINUTE
    assert swept(conn, NOW + 20 * MINUTE).looked_at == 0
    near = swept(conn, NOW + 23 * MINUTE)
    assert said(near) == [(Deadline.RESPOND, Standing.NEAR)]
    assert near.events[0].clock.due_at == NOW + 30 * MINUTE
    assert not is_overdue(conn, alert_id)
    late = NOW + 31 * MINUTE
    assert said(swept(conn, late)) == [(Deadline.RESPOND, Standing.MISSED)]
    assert said(swept(conn, late)) == []
    assert is_overdue(conn, alert_id)
    [step] = alert_steps.of_alert(conn, alert_id)
    assert (step.action, step.actor, step.reason, step.at) == (AlertAction.MISS, "system", "respond", late)


def test_an_answer_ends_being_overdue_and_leaves_the_time_for_deciding(conn: Connection, alert_id: int) -> None:
    swept(conn, NOW + 31 * MINUTE)
    act(conn, alert_id, AlertAction.ACKNOWLEDGE, now=NOW + 40 * MINUTE)
    assert said(swept(conn, NOW + 41 * MINUTE)) == []
    assert not is_overdue(conn, alert_id)
    # 24 hours from when it was opened, not from when it was taken up.
    assert said(swept(conn, NOW + 18 * HOUR + MINUTE)) == [(Deadline.DECIDE, Standing.NEAR)]
    assert said(swept(conn, NOW + 24 * HOUR + MINUTE)) == [(Deadline.DECIDE, Standing.MISSED)]
    assert is_overdue(conn, alert_id)


def test_what_is_finished_is_looked_at_no_more(conn: Connection, alert_id: int) -> None:
    swept(conn, NOW + 31 * MINUTE)
    act(conn, alert_id, AlertAction.DISMISS, reason=DismissReason.FALSE_POSITIVE, now=NOW + HOUR)
    assert deadlines.next_look(conn) is None
    assert swept(conn, NOW + 100 * DAY).looked_at == 0
    assert not is_overdue(conn, alert_id)


def test_what_is_taken_up_again_has_its_time_anew(conn: Connection, alert_id: int) -> None:
    act(conn, alert_id, AlertAction.DISMISS, reason=DismissReason.FALSE_POSITIVE)
    later = NOW + 10 * DAY
    act(conn, alert_id, AlertAction.REOPEN, note="x", now=later)
    assert said(swept(conn, later + MINUTE)) == []
    assert said(swept(conn, later + 25 * HOUR)) == [(Deadline.DECIDE, Standing.MISSED)]


def test_a_rectification_is_due_at_the_end_of_its_day_and_another_day_begins_anew(
    conn: Connection, alert_id: int
) -> None:
    act(conn, alert_id, AlertAction.CONFIRM)
    act(conn, alert_id, AlertAction.ORDER_RECTIFICATION, due_on=date(2026, 11, 24), note="x")
    midnight = datetime.fromisoformat("2026-11-25T00:00:00+08:00")
    assert said(swept(conn, midnight)) == [(Deadline.RECTIFY, Standing.NEAR)]
    assert said(swept(conn, midnight + MINUTE)) == [(Deadline.RECTIFY, Standing.MISSED)]
    act(conn, alert_id, AlertAction.ORDER_RECTIFICATION, due_on=date(2026, 11, 28), note="x", now=midnight + HOUR)
    assert said(swept(conn, midnight + 2 * HOUR)) == []
    assert not is_overdue(conn, alert_id)


def test_an_alert_that_grows_graver_has_less_time(conn: Connection, alert_id: int) -> None:
    swept(conn, NOW + MINUTE, Severity.LOW)
    take_batch(
        conn, [delivery(message(over(2, unit_price_fen=90000)))], books=BookKeeper(), policy=POLICIES.rules, now=NOW
    )
    conn.commit()
    assert at(conn, alert_id).occurrences == 2
    assert said(swept(conn, NOW + 4 * MINUTE, Severity.CRITICAL)) == [(Deadline.RESPOND, Standing.MISSED)]


def test_two_processes_say_nothing_twice(conn: Connection, alert_id: int, database_url: str) -> None:
    late = NOW + 31 * MINUTE
    with psycopg.connect(database_url) as other:
        held = sweep(conn, policy=POLICY, severity_of=lambda _: Severity.HIGH, now=late)
        assert sweep(other, policy=POLICY, severity_of=lambda _: Severity.HIGH, now=late).looked_at == 0
        conn.rollback()  # the first is killed before it commits: nothing was said
        again = sweep(other, policy=POLICY, severity_of=lambda _: Severity.HIGH, now=late)
        assert said(again) == said(held) == [(Deadline.RESPOND, Standing.MISSED)]
        other.commit()
    assert len(alert_steps.of_alert(conn, alert_id)) == 1


def test_a_round_is_bounded_and_says_that_there_is_more(conn: Connection, alert_id: int) -> None:
    conn.execute(
        "INSERT INTO alerts (market_id, kind, scale_id, business_day, occurrences, first_at, last_at, opened_at,"
        " updated_at, due_since, next_look_at)"
        " SELECT %s, 'unbound_scale', 'S-' || n, '2026-11-22', 1, %s, %s, %s, %s, %s, %s"
        " FROM generate_series(10, 700) n",
        [MARKET, *([NOW] * 6)],
    )
    first = swept(conn, NOW + 31 * MINUTE)
    assert (first.looked_at, first.is_full) == (500, True)
    second = swept(conn, NOW + 31 * MINUTE)
    assert (second.looked_at, second.is_full) == (192, False)


def test_how_alerts_are_handled_is_counted_by_person_and_marked(conn: Connection, alert_id: int) -> None:
    conn.execute(
        "INSERT INTO alerts (market_id, kind, vendor_id, scale_id, species_code, business_day, occurrences, first_at,"
        " last_at, opened_at, updated_at, due_since, next_look_at)"
        " SELECT %s, 'amount_mismatch', 'V-1', 'S-1', 'F01', date '2026-10-01' + n, 1, %s, %s, %s, %s, %s, %s"
        " FROM generate_series(1, 40) n",
        [MARKET, *([NOW] * 6)],
    )
    conn.commit()
    swept(conn, NOW + 31 * MINUTE)
    open_ones = [one.alert_id for one in alerts.visible(conn, MARKET, {AlertState.OPEN}, limit=100)]
    assert len(open_ones) == 41
    quick = someone("quick", MANAGER.authority, MARKET)
    for number, one in enumerate(open_ones):
        if number < 20:
            act(conn, one, AlertAction.DISMISS, by=quick, reason=DismissReason.FALSE_POSITIVE, now=NOW + HOUR)
        else:
            act(conn, one, AlertAction.CONFIRM, now=NOW + 2 * HOUR)
            act(conn, one, AlertAction.CLOSE, note="口头警告", by=REGULATOR, now=NOW + 3 * HOUR)
    span = (NOW - DAY, NOW + DAY)
    people = deadlines.handled_by_person(conn, MARKET, *span)
    by_name = {one.actor: one for one in people}
    assert set(by_name) == {"quick", "manager", "regulator"}
    assert (by_name["quick"].dismissed, by_name["quick"].answered) == (20, 20)
    assert by_name["quick"].median_answer_s == 3600
    assert (by_name["manager"].confirmed, by_name["manager"].median_answer_s) == (21, 7200)
    assert (by_name["regulator"].closed, by_name["regulator"].without_evidence) == (21, 21)
    missed = deadlines.missed_by_market(conn, None, *span)
    assert missed == {(MARKET, "respond"): 41}
    [market] = watched(deadlines.opened_by_market(conn, None, *span), people, missed, POLICY.watch)
    assert (market.opened, market.missed_percent) == (41, 100)
    assert market.marks == (Mark.MANY_DISMISSED, Mark.CLOSED_WITHOUT_EVIDENCE, Mark.MANY_MISSED)
    marked = {person.handled.actor: person.marks for person in market.people}
    assert marked == {
        "quick": (Mark.MANY_DISMISSED,),
        "manager": (),
        "regulator": (Mark.CLOSED_WITHOUT_EVIDENCE,),
    }
    assert deadlines.handled_by_person(conn, MARKET, NOW + DAY, NOW + 2 * DAY) == []


def test_few_decisions_are_no_reason_to_look(conn: Connection, alert_id: int) -> None:
    act(conn, alert_id, AlertAction.DISMISS, reason=DismissReason.FALSE_POSITIVE)
    span = (NOW - DAY, NOW + DAY)
    people = deadlines.handled_by_person(conn, MARKET, *span)
    [market] = watched(deadlines.opened_by_market(conn, MARKET, *span), people, {}, POLICY.watch)
    assert market.people[0].dismissed_percent == 100
    assert market.marks == ()


def told(conn: Connection) -> list[tuple[Any, ...]]:
    return conn.execute(
        "SELECT h.kind, u.username, h.to_role FROM happenings h LEFT JOIN users u ON u.user_id = h.to_user"
        " WHERE h.kind NOT LIKE 'alert%%' ORDER BY h.happening_id"
    ).fetchall()


def test_who_is_on_it_is_reminded_and_everybody_hears_of_what_was_missed(conn: Connection, alert_id: int) -> None:
    conn.execute(
        "INSERT INTO users (username, display_name, password_hash, role, market_id)"
        " VALUES ('wang', '王敏', '', 'manager', %s), ('li', '李航', '', 'regulator', NULL)",
        [MARKET],
    )
    conn.commit()
    conn.autocommit = True
    duty = WatchingDeadlines(POLICY, lambda _kind, _permille: Severity.HIGH)
    assert duty.run_once(conn, NOW + MINUTE) == NOW + 22.5 * MINUTE
    duty.run_once(conn, NOW + 23 * MINUTE)
    assert told(conn) == [("deadline_near", None, "manager")]
    conn.autocommit = False
    act(conn, alert_id, AlertAction.ASSIGN, by=REGULATOR, assignee="wang", now=NOW + 24 * MINUTE)
    act(conn, alert_id, AlertAction.ACKNOWLEDGE, by=someone("wang", MANAGER.authority, MARKET), now=NOW + 25 * MINUTE)
    act(conn, alert_id, AlertAction.ASSIGN, by=someone("wang", MANAGER.authority, MARKET), assignee="wang", now=NOW)
    conn.autocommit = True
    for _ in range(2):
        duty.run_once(conn, NOW + 19 * HOUR)
    duty.run_once(conn, NOW + 25 * HOUR)
    conn.autocommit = False
    act(conn, alert_id, AlertAction.CONFIRM, now=NOW + 26 * HOUR)
    act(conn, alert_id, AlertAction.ESCALATE, note="第三次", now=NOW + 26 * HOUR)
    assert told(conn)[1:] == [
        ("assigned", "wang", None),
        ("deadline_near", "wang", None),
        ("deadline_missed", None, None),
        ("escalated", None, "regulator"),
    ]


def test_where_who_was_on_it_has_left_those_are_reminded_who_can_act(conn: Connection, alert_id: int) -> None:
    conn.execute(
        "INSERT INTO users (username, display_name, password_hash, role, market_id)"
        " VALUES ('wang', '', '', 'manager', %s)",
        [MARKET],
    )
    act(conn, alert_id, AlertAction.ASSIGN, by=REGULATOR, assignee="wang")
    conn.execute("UPDATE users SET disabled_at = now()")
    conn.commit()
    conn.autocommit = True
    WatchingDeadlines(POLICY, lambda _kind, _permille: Severity.HIGH).run_once(conn, NOW + 23 * MINUTE)
    assert told(conn)[-1] == ("deadline_near", None, "manager")
