"""Complaints in a real database: kept once, limited, linked to sales and an alert, stepped, rid of their contacts."""

import hashlib
import secrets
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import psycopg
import pytest
from psycopg import Connection

from db import alerts, complaints, tickets
from domain.alert import AlertKind, AlertState
from domain.alert_step import AlertAction
from domain.complaint import (
    COMPLAINANT,
    ComplaintAction,
    ComplaintChannel,
    ComplaintReason,
    ComplaintState,
    Outcome,
    RefuseReason,
    Ticket,
)
from domain.errors import IllegalTransition, NotFound, RuleViolation
from domain.ids import JournalId, ScaleId, StallId
from domain.units import Fen
from domain.weighing import WeighingKey
from messages.ticket_codes import ticket_code
from supervision.alerts.states import Authority
from supervision.complaints.duty import TendingComplaints
from supervision.complaints.entry import BadComplaint, Entry
from supervision.complaints.filing import Filed, FiledOtherwise, file_complaint
from supervision.complaints.handling import handle_complaint, link_to, show_contact
from supervision.complaints.limits import ByWhat, Purpose, TooMany
from supervision.complaints.moves import Move
from supervision.complaints.policy import ComplaintsPolicy, read_complaints_policy
from supervision.complaints.tending import tend
from supervision.complaints.ticket_sales import sale_by_amount, sale_of
from tests.alert_acts import act, someone
from tests.integration.test_web_world import ELSEWHERE, HERE, POLICY, VENDOR, furnish, raise_alert
from tests.stored import store_rows

RULES = read_complaints_policy(POLICY / "complaints.toml")
NOW = datetime.now(UTC).replace(microsecond=412_000)
MOBILE = "138 0013 8000"


@pytest.fixture
def world(conn: Connection) -> Iterator[Connection]:
    furnish(conn)
    yield conn
    conn.rollback()


def sell(conn: Connection, seq: int, *, at: datetime = NOW, paid_fen: int = 8640, **fields: Any) -> Ticket:
    """Store a sale of the vendor's scale as ingest does; return its ticket."""
    body = f"the bytes of {seq} {at} {paid_fen}".encode()
    digest = hashlib.sha256(body).digest()
    key = WeighingKey(HERE, ScaleId(f"{HERE}-s01"), JournalId("j"), seq, at)
    row = {
        **key._asdict(),
        "received_at": at,
        "business_day": at.date(),
        "stall_id": "A-01",
        "vendor_id": VENDOR,
        "species_code": "F01",
        "grade": "",
        "plu": "",
        "name": "东星斑",
        "net_g": 100,
        "stable": True,
        "clock_synced": True,
        "unit_price_fen": 86_400,
        "price_unit": "kg",
        "unit_price_fen_per_kg": 86_400,
        "amount_fen": paid_fen,
        "paid_fen": paid_fen,
        "verdict": "over",
        "paid_verdict": "over",
        "cap_list_id": 1,
        "cap_unit": "kg",
        "cap_fen": 63_000,
        "excess_fen": 23_400,
        "overcharge_fen": 2340,
        "digest": digest,
        "body": body,
        **fields,
    }
    store_rows(conn, [row])
    return Ticket(
        market_id=HERE, scale_id=key.scale_id, journal_id=key.journal_id, seq=seq, code=ticket_code(at, digest)
    )


def entry(**fields: Any) -> Entry:
    said = Entry(
        market_id=HERE,
        channel=ComplaintChannel.TICKET,
        reason=ComplaintReason.OVER_CAP,
        words="贵了",
        contact=MOBILE,
    )
    return replace(said, **fields)


def token() -> str:
    return secrets.token_urlsafe(24)


def file(
    conn: Connection,
    said: Entry,
    *,
    by: str | None = None,
    address: str | None = "203.0.113.7/32",
    now: datetime = NOW,
    policy: ComplaintsPolicy = RULES,
    with_token: str = "",
) -> Filed:
    return file_complaint(conn, said, token=with_token or token(), by=by, address=address, now=now, policy=policy)


def step(conn: Connection, filed: Filed, action: ComplaintAction, *, actor: str = "manager", **said: Any) -> str:
    move = Move(action=action, **said)
    now = NOW + timedelta(minutes=5)
    return handle_complaint(
        conn, filed.complaint_id, move, actor=actor, market_id=HERE, now=now, policy=RULES
    ).state.value


def test_a_ticket_is_found_by_its_code_and_by_nothing_less(world: Connection) -> None:
    ticket = sell(world, 7)
    sell(world, 8)
    sale = sale_of(world, ticket)
    assert sale is not None
    assert (sale.seq, sale.vendor_name, sale.paid_fen) == (7, "阿海海鲜档", 8640)
    guesses = ("", "0" * 22, ticket.code[:-1], ticket.code[:6] + "0" * 16)
    for code in guesses:
        assert sale_of(world, replace(ticket, code=code)) is None, code
    assert sale_of(world, replace(ticket, seq=8)) is None, "the code of one sale is no key to the next"
    assert sale_of(world, replace(ticket, code=ticket.code.lower())) is not None


def test_a_ticket_without_a_code_is_found_by_stall_amount_and_time(world: Connection) -> None:
    sell(world, 7)
    sell(world, 8, at=NOW + timedelta(minutes=3))
    near = sale_by_amount(world, HERE, StallId("A-01"), 8640, NOW + timedelta(minutes=2), timedelta(minutes=10))
    assert near is not None
    assert near.seq == 8
    assert sale_by_amount(world, HERE, StallId("A-01"), 8641, NOW, timedelta(minutes=10)) is None
    assert sale_by_amount(world, HERE, StallId("A-02"), 8640, NOW, timedelta(minutes=10)) is None
    assert sale_by_amount(world, HERE, StallId("A-01"), 8640, NOW - timedelta(hours=1), timedelta(minutes=10)) is None


def test_a_sale_that_was_taken_back_says_so(world: Connection) -> None:
    ticket = sell(world, 7)
    sell(world, 8, at=NOW + timedelta(minutes=1), voids_seq=7, verdict=None, paid_verdict=None, cap_fen=None)
    sale = sale_of(world, ticket)
    assert sale is not None
    assert sale.voided_at == NOW + timedelta(minutes=1)


def test_a_complaint_opens_an_alert_about_the_sale(world: Connection) -> None:
    filed = file(world, entry(ticket=sell(world, 7)))
    complaint = complaints.by_id(world, filed.complaint_id)
    assert complaint is not None
    assert (complaint.state, complaint.vendor_id, complaint.stall_id) == ("received", VENDOR, "A-01")
    assert complaint.due_at == NOW + timedelta(hours=24)
    (link,) = complaints.links_of(world, complaint)
    alert = alerts.by_id(world, link.alert_id)
    assert alert is not None
    assert (alert.kind, alert.state, alert.occurrences) == (AlertKind.COMPLAINT, AlertState.OPEN, 1)
    assert alert.note == f"complaint={filed.complaint_id}"
    steps = complaints.steps_of(world, filed.complaint_id)
    assert [one.action for one in steps] == ["file", "link"]


def test_a_second_complaint_about_the_sale_joins_and_the_two_are_shown_together(world: Connection) -> None:
    ticket = sell(world, 7)
    first = file(world, entry(ticket=ticket))
    second = file(world, entry(ticket=ticket, contact="a@b.example"))
    both = [complaints.by_id(world, one.complaint_id) for one in (first, second)]
    alert_ids = {link.alert_id for one in both if one is not None for link in complaints.links_of(world, one)}
    assert len(alert_ids) == 1
    alert = alerts.by_id(world, alert_ids.pop())
    assert alert is not None
    assert alert.occurrences == 1, "the sale counts once, whoever complains"
    together = complaints.about_the_same(world, first.complaint_id)
    assert [one.complaint_id for one in together] == [second.complaint_id]


def test_a_ticket_that_has_not_arrived_is_linked_when_it_does(world: Connection) -> None:
    sale_at = NOW - timedelta(minutes=2)
    ticket = sell(world, 9, at=sale_at)
    world.execute("DELETE FROM weighings")
    filed = file(world, entry(ticket=ticket))
    assert tend(world, NOW, RULES).linked == 0
    sell(world, 9, at=sale_at)
    assert tend(world, NOW, RULES).linked == 1
    assert tend(world, NOW, RULES).linked == 0
    complaint = complaints.by_id(world, filed.complaint_id)
    assert complaint is not None
    assert (complaint.linked, complaint.vendor_id) == (1, VENDOR)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"reason": None}, "reason_missing"),
        ({"words": "  "}, "words_missing"),
        ({"words": "x" * 2001}, "words_too_long ('2000')"),
        ({"contact": ""}, "contact_missing"),
        ({"contact": "call me"}, "contact_unusable ('call me')"),
        ({"stall_id": "Z-99"}, "stall_unknown ('Z-99')"),
        ({"channel_no": "1"}, "number_not_wanted ('1')"),
        ({"occurred_at": NOW + timedelta(hours=1)}, "time_ahead"),
        ({"occurred_at": NOW - timedelta(days=400)}, "time_old ('180')"),
        ({"unreadable": ("gestern",)}, "time_unreadable ('gestern')"),
        ({"channel": ComplaintChannel.HOTLINE_12315}, "number_missing"),
        ({"channel": ComplaintChannel.HOTLINE_12315, "channel_no": "9" * 65}, "number_too_long ('64')"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_cannot_be_taken_is_refused_with_its_field(
    world: Connection, fields: dict[str, Any], problem: str
) -> None:
    with pytest.raises(BadComplaint) as refused:
        file(world, entry(**fields))
    assert problem in str(refused.value)


def test_every_problem_is_named_at_once(world: Connection) -> None:
    with pytest.raises(BadComplaint) as refused:
        file(world, entry(reason=None, words="", contact=""))
    assert [problem for problem, _ in refused.value.problems] == ["reason_missing", "words_missing", "contact_missing"]


def test_a_form_that_is_sent_twice_is_one_complaint(world: Connection) -> None:
    once = token()
    first = file(world, entry(), with_token=once)
    again = file(world, entry(), with_token=once)
    assert (first.is_new, again) == (True, Filed(first.complaint_id, is_new=False))
    with pytest.raises(FiledOtherwise, match="sent before, with other content"):
        file(world, entry(words="something else"), with_token=once)


def test_a_hotlines_number_is_entered_once_and_loud_on_conflict(world: Connection) -> None:
    said = entry(channel=ComplaintChannel.HOTLINE_12345, channel_no="SY-2026-1", contact="")
    first = file(world, said, by="manager", address=None)
    assert file(world, said, by="regulator", address=None) == Filed(first.complaint_id, is_new=False)
    with pytest.raises(FiledOtherwise, match="number SY-2026-1 of hotline_12345"):
        file(world, replace(said, words="otherwise"), by="manager", address=None)
    other = file(world, replace(said, channel=ComplaintChannel.HOTLINE_12315), by="manager", address=None)
    assert other.is_new, "each hotline counts for itself"


def test_the_same_form_on_two_connections_at_once_is_one_complaint(database_url: str) -> None:
    with psycopg.connect(database_url) as conn:
        furnish(conn)
    once, barrier, found = token(), threading.Barrier(2), list[Filed]()

    def send() -> None:
        with psycopg.connect(database_url) as mine:
            barrier.wait()
            found.append(file(mine, entry(), with_token=once))

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len({one.complaint_id for one in found}) == 1
    assert sorted(one.is_new for one in found) == [False, True]


def limited(by: ByWhat, most: int) -> ComplaintsPolicy:
    """The shipped policy with one limit made small, the others for complaints out of the way."""
    others = [one for one in RULES.limit if one.purpose is not Purpose.COMPLAIN]
    only = [one for one in RULES.limit if one.purpose is Purpose.COMPLAIN and one.by is by]
    return msgspec.structs.replace(RULES, limit=(*others, *(msgspec.structs.replace(one, most=most) for one in only)))


@pytest.mark.parametrize(
    ("by", "other"),
    [
        (ByWhat.ADDRESS, {"address": "203.0.113.8/32"}),
        (ByWhat.CONTACT, {"contact": "139 0013 9000"}),
        (ByWhat.TICKET, {"seq": 8}),
    ],
)
def test_who_complains_too_often_is_told_when_there_is_room(
    world: Connection, by: ByWhat, other: dict[str, Any]
) -> None:
    policy, ticket = limited(by, 2), sell(world, 7)
    for n in range(2):
        file(world, entry(ticket=ticket, words=f"{n}"), now=NOW + timedelta(minutes=n), policy=policy)
    later = NOW + timedelta(minutes=10)
    with pytest.raises(TooMany) as refused:
        file(world, entry(ticket=ticket), now=later, policy=policy)
    window = next(one.within for one in policy.limits_of(Purpose.COMPLAIN))
    assert refused.value.free_at == NOW + window, "when the first of the two leaves the window"
    changed = entry(
        ticket=replace(ticket, seq=int(str(other.get("seq", 7)))), contact=str(other.get("contact", MOBILE))
    )
    assert file(world, changed, address=str(other.get("address", "203.0.113.7/32")), now=later, policy=policy).is_new
    assert file(world, entry(ticket=ticket), now=NOW + window, policy=policy).is_new, "at the moment it was told"


def test_staff_are_not_limited_and_repeats_take_no_place(world: Connection) -> None:
    policy, once = limited(ByWhat.CONTACT, 1), token()
    file(world, entry(), with_token=once, policy=policy)
    assert not file(world, entry(), with_token=once, policy=policy).is_new
    counter = entry(channel=ComplaintChannel.COUNTER)
    assert file(world, counter, by="manager", address=None, policy=policy).is_new


def test_two_at_once_do_not_both_take_the_last_place(database_url: str) -> None:
    with psycopg.connect(database_url) as conn:
        furnish(conn)
    policy, barrier, refused = limited(ByWhat.ADDRESS, 1), threading.Barrier(2), list[bool]()

    def send(words: str) -> None:
        with psycopg.connect(database_url) as mine:
            barrier.wait()
            try:
                file(mine, entry(words=words), policy=policy)
            except TooMany:
                refused.append(True)

    threads = [threading.Thread(target=send, args=(words,)) for words in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert refused == [True]


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
