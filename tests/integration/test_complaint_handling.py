"""What becomes of a complaint: its steps, its alert, its sales and contacts, its time; lists and figures."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from db import complaints, tickets, vendor_files
from domain.alert_step import AlertAction
from domain.complaint import (
    COMPLAINANT,
    ComplaintAction,
    ComplaintState,
    Outcome,
    RefuseReason,
    Ticket,
)
from domain.errors import IllegalTransition, NotFound, RuleViolation
from domain.ids import StallId
from domain.units import Fen
from domain.weighing import WeighingKey
from messages.ticket_codes import ticket_code
from supervision.alerts.states import Authority
from supervision.complaints.duty import TendingComplaints
from supervision.complaints.handling import handle_complaint, link_to, show_contact
from supervision.complaints.moves import Move
from supervision.complaints.tending import tend
from tests.alert_acts import act, someone
from tests.complaint_acts import NOW, RULES, entry, file, sell, step
from tests.web_world import ELSEWHERE, HERE, VENDOR, furnish, raise_alert


@pytest.fixture
def world(conn: Connection) -> Iterator[Connection]:
    furnish(conn)
    yield conn
    conn.rollback()


def test_a_complaint_goes_through_its_life(world: Connection) -> None:
    filed = file(world, entry(ticket=sell(world, 7)))
    assert step(world, filed, ComplaintAction.ACCEPT) == "accepted"
    assert step(world, filed, ComplaintAction.INVESTIGATE) == "investigating"
    said: dict[str, Any] = {"note": "已退还差价", "outcome": Outcome.SETTLED, "settled_fen": Fen(2340)}
    assert step(world, filed, ComplaintAction.ANSWER, **said) == "answered"
    complaint = complaints.by_id(world, filed.complaint_id)
    assert complaint is not None
    assert (complaint.outcome, complaint.settled_fen, complaint.due_at) == ("settled", 2340, None)
    with pytest.raises(IllegalTransition, match="cannot answer a complaint that is answered"):
        step(world, filed, ComplaintAction.ANSWER, **said)
    reopened = step(world, filed, ComplaintAction.REOPEN, actor=COMPLAINANT, note="没有收到")
    assert reopened == "investigating"
    step(world, filed, ComplaintAction.ANSWER, note="已查", outcome=Outcome.NOT_UPHELD)
    with pytest.raises(RuleViolation, match="reopened once"):
        step(world, filed, ComplaintAction.REOPEN, actor=COMPLAINANT, note="again")
    assert step(world, filed, ComplaintAction.CLOSE) == "closed"
    trail = complaints.steps_of(world, filed.complaint_id)
    assert [one.action for one in trail if one.settled_fen] == ["answer"], "what was paid stays in the trail"
    with pytest.raises(psycopg.errors.RestrictViolation, match="append-only"), world.transaction():
        world.execute("DELETE FROM complaint_steps")


def test_a_vendors_file_tells_of_complaints_about_its_sales_and_about_its_stall(world: Connection) -> None:
    linked = file(world, entry(ticket=sell(world, 7)))
    of_its_stall = file(world, entry(stall_id="A-01"))
    before_it_came = file(world, entry(stall_id="A-01", occurred_at=NOW - timedelta(days=170)))
    file(world, entry())
    world.execute("UPDATE stall_occupancies SET valid = tstzrange(%s, NULL)", [NOW - timedelta(days=100)])
    told = [one.complaint_id for one in vendor_files.complaints(world, HERE, VENDOR, limit=10)]
    assert told == [of_its_stall.complaint_id, linked.complaint_id]
    assert before_it_came.complaint_id not in told


def test_what_was_said_is_never_rewritten(world: Connection) -> None:
    file(world, entry())
    for statement in ("UPDATE complaints SET words = 'all is well'", "DELETE FROM complaints"):
        with pytest.raises(psycopg.errors.RestrictViolation), world.transaction():
            world.execute(statement)


def test_the_second_of_two_people_is_told(database_url: str) -> None:
    with psycopg.connect(database_url) as conn:
        furnish(conn)
        filed = file(conn, entry())
        conn.commit()
    barrier, outcomes = threading.Barrier(2), list[str]()

    def act(action: ComplaintAction, **said: Any) -> None:
        with psycopg.connect(database_url) as mine:
            barrier.wait()
            try:
                outcomes.append(step(mine, filed, action, **said))
            except IllegalTransition:
                outcomes.append("told")

    refusing: dict[str, Any] = {"note": "不属于本市场", "refuse_reason": RefuseReason.NOT_OURS}
    threads = [
        threading.Thread(target=act, args=(ComplaintAction.ACCEPT,)),
        threading.Thread(target=act, args=(ComplaintAction.REFUSE,), kwargs=refusing),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(outcomes) in (["accepted", "told"], ["refused", "told"])


def test_another_market_does_not_meet_it(world: Connection) -> None:
    filed = file(world, entry())
    move = Move(action=ComplaintAction.ACCEPT)
    with pytest.raises(NotFound):
        handle_complaint(world, filed.complaint_id, move, actor="x", market_id=ELSEWHERE, now=NOW, policy=RULES)


def test_an_upheld_complaint_moves_the_score_only_through_its_alert(world: Connection) -> None:
    filed = file(world, entry(ticket=sell(world, 7)))
    step(world, filed, ComplaintAction.ACCEPT)
    step(world, filed, ComplaintAction.ANSWER, note="属实", outcome=Outcome.UPHELD)
    assert world.execute("SELECT count(*) FROM credit_events").fetchone() == (0,)
    complaint = complaints.by_id(world, filed.complaint_id)
    assert complaint is not None
    (link,) = complaints.links_of(world, complaint)
    manager = someone("manager", Authority.MARKET, HERE)
    act(world, link.alert_id, AlertAction.CONFIRM, by=manager, now=NOW)
    assert world.execute("SELECT points, reason FROM credit_events").fetchall() == [(-3, "complaint")]
    again = file(world, entry(words="又贵了", ticket=sale_ticket(world)))
    after = complaints.by_id(world, again.complaint_id)
    assert after is not None
    assert complaints.links_of(world, after)[0].alert_id != link.alert_id, "a decided alert is not joined"


def sale_ticket(conn: Connection) -> Ticket:
    row = conn.execute("SELECT scale_id, journal_id, seq, weighed_at, digest FROM weighings").fetchone()
    assert row is not None
    return Ticket(market_id=HERE, scale_id=row[0], journal_id=row[1], seq=row[2], code=ticket_code(row[3], row[4]))


def test_staff_link_more_sales_and_only_of_their_market(world: Connection) -> None:
    filed = file(world, entry())
    raise_alert(world)
    other = world.execute("SELECT scale_id, journal_id, seq, weighed_at FROM weighings").fetchone()
    assert other is not None
    key = WeighingKey(HERE, *other)
    alert_id = link_to(world, filed.complaint_id, key, actor="manager", market_id=HERE, now=NOW)
    assert link_to(world, filed.complaint_id, key, actor="manager", market_id=HERE, now=NOW) == alert_id
    with pytest.raises(NotFound):
        link_to(world, filed.complaint_id, key._replace(seq=999), actor="m", market_id=HERE, now=NOW)
    void = sell(world, 50, voids_seq=49, verdict=None, paid_verdict=None, cap_fen=None)
    with pytest.raises(RuleViolation, match="takes another sale back"):
        link_to(
            world,
            filed.complaint_id,
            WeighingKey(HERE, void.scale_id, void.journal_id, 50, NOW),
            actor="m",
            market_id=HERE,
            now=NOW,
        )


def test_a_contact_is_shown_on_record_and_goes_when_its_time_is_over(world: Connection) -> None:
    filed = file(world, entry())
    contact = show_contact(world, filed.complaint_id, actor="manager", market_id=HERE, now=NOW)
    assert contact is not None
    assert contact.text == "+8613800138000"
    step(world, filed, ComplaintAction.WITHDRAW, actor=COMPLAINANT)
    ended = NOW + timedelta(minutes=5)
    assert tend(world, ended + timedelta(days=90), RULES).contacts_removed == 0, "at the day itself it is still there"
    assert tend(world, ended + timedelta(days=90, seconds=1), RULES).contacts_removed == 1
    assert show_contact(world, filed.complaint_id, actor="manager", market_id=HERE, now=NOW) is None
    trail = [(one.action.value, one.actor) for one in complaints.steps_of(world, filed.complaint_id)]
    assert trail == [
        ("file", "complainant"),
        ("show_contact", "manager"),
        ("withdraw", "complainant"),
        ("remove_contact", "system"),
    ]
    assert world.execute("SELECT count(*) FROM complaint_contacts").fetchone() == (0,)


def test_a_clerk_tends_complaints(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as conn:
        furnish(conn)
        filed = file(conn, entry())
        step(conn, filed, ComplaintAction.WITHDRAW, actor=COMPLAINANT)
        duty = TendingComplaints(RULES)
        conn.commit()
        conn.autocommit = True
        assert duty.run_once(conn, NOW) == NOW + timedelta(minutes=1)
        assert conn.execute("SELECT count(*) FROM complaint_contacts").fetchone() == (1,)
        later = NOW + timedelta(days=91)
        assert duty.run_once(conn, later) == later + timedelta(minutes=1)
        assert conn.execute("SELECT count(*) FROM complaint_contacts").fetchone() == (0,)


def test_what_was_answered_closes_when_it_can_no_longer_be_reopened(world: Connection) -> None:
    filed = file(world, entry())
    step(world, filed, ComplaintAction.ACCEPT)
    step(world, filed, ComplaintAction.ANSWER, note="已查", outcome=Outcome.NOT_UPHELD)
    answered = NOW + timedelta(minutes=5)
    assert tend(world, answered + timedelta(days=15), RULES).closed == 0
    assert tend(world, answered + timedelta(days=15, seconds=1), RULES).closed == 1
    complaint = complaints.by_id(world, filed.complaint_id)
    assert complaint is not None
    assert complaint.state is ComplaintState.CLOSED


def test_figures_count_what_was_answered_in_time(world: Connection) -> None:
    quick, slow = file(world, entry(words="1")), file(world, entry(words="2"))
    file(world, entry(words="3"))
    step(world, quick, ComplaintAction.ACCEPT)
    step(world, quick, ComplaintAction.ANSWER, note="a", outcome=Outcome.UPHELD)
    answer = Move(action=ComplaintAction.ANSWER, note="b", outcome=Outcome.NOT_UPHELD)
    for move in (Move(action=ComplaintAction.ACCEPT), answer):
        handle_complaint(
            world,
            slow.complaint_id,
            move,
            actor="manager",
            market_id=HERE,
            now=NOW + timedelta(hours=49),
            policy=RULES,
        )
    close = timedelta(seconds=RULES.clocks.close_s)
    (found,) = complaints.figures(
        world, HERE, NOW - timedelta(days=1), NOW + timedelta(days=1), close=close, now=NOW + timedelta(hours=1)
    )
    assert (found.received, found.late, found.upheld, found.decided) == (3, 1, 1, 2)
    assert found.answer_s == (300, 49 * 3600)
    assert found.late_permille == 333
    assert complaints.counts(world, HERE, NOW + timedelta(hours=25)) == (1, 1)


def test_overdue_comes_first_and_pages_go_on_from_there(world: Connection) -> None:
    ids = [
        file(world, entry(words=str(n)), now=NOW - timedelta(hours=n), address=f"203.0.113.{n}").complaint_id
        for n in range(4)
    ]
    which = complaints.Which(market_id=HERE)
    assert [one.complaint_id for one in complaints.awaited(world, which)] == ids[::-1]
    first = complaints.awaited(world, which, limit=2)
    rest = complaints.awaited(world, replace(which, before=first[-1].complaint_id))
    assert [one.complaint_id for one in (*first, *rest)] == ids[::-1]
    listed = complaints.listed(world, which, list(ComplaintState))
    assert [one.complaint_id for one in listed] == sorted(ids, reverse=True)
    assert complaints.listed(world, replace(which, stall_id=StallId("A-01")), list(ComplaintState)) == []


def test_sales_are_searched_by_stall_span_and_amount(world: Connection) -> None:
    for n in range(3):
        sell(world, n + 1, at=NOW + timedelta(minutes=n), paid_fen=1000 + n)
    span = (NOW - timedelta(minutes=1), NOW + timedelta(minutes=9))
    found = tickets.between(world, HERE, *span, stall_id=StallId("A-01"), amount_fen=None, limit=2)
    assert [one.seq for one in found] == [3, 2]
    found = tickets.between(world, HERE, *span, stall_id=None, amount_fen=1000, limit=9)
    assert [one.seq for one in found] == [1]
