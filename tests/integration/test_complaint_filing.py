"""Complaints as they come: found by their ticket, kept once, refused with their field, limited."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import psycopg
import pytest
from psycopg import Connection

from db import alerts, complaints
from domain.alert import AlertKind, AlertState
from domain.complaint import (
    ComplaintChannel,
)
from domain.ids import StallId
from supervision.complaints.entry import BadComplaint
from supervision.complaints.filing import Filed, FiledOtherwise
from supervision.complaints.limits import ByWhat, Purpose, TooMany
from supervision.complaints.policy import ComplaintsPolicy
from supervision.complaints.tending import tend
from supervision.complaints.ticket_sales import sale_by_amount, sale_of
from tests.complaint_acts import MOBILE, NOW, RULES, entry, file, sell, token
from tests.web_world import HERE, VENDOR, furnish


@pytest.fixture
def world(conn: Connection) -> Iterator[Connection]:
    furnish(conn)
    yield conn
    conn.rollback()


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
        ({"reason": None}, "reason is missing; expected what it is about"),
        ({"words": "  "}, "words is missing; expected what happened"),
        ({"words": "x" * 2001}, "words is too much; expected at most 2000 characters"),
        ({"contact": ""}, "contact is missing; expected a phone number or an e-mail address"),
        ({"contact": "call me"}, "contact is 'call me'; expected a phone number"),
        ({"stall_id": "Z-99"}, "stall_id is 'Z-99'; expected a stall of this market"),
        ({"channel_no": "1"}, "channel_no is '1'; expected nothing"),
        ({"occurred_at": NOW + timedelta(hours=1)}, "expected a time that is past"),
        ({"occurred_at": NOW - timedelta(days=400)}, "expected a time within the last 180 days"),
        ({"unreadable": ("gestern",)}, "occurred_at is 'gestern'; expected a time"),
        (
            {"channel": ComplaintChannel.HOTLINE_12315},
            "channel_no is missing; expected the number that the hotline gave it",
        ),
        (
            {"channel": ComplaintChannel.HOTLINE_12315, "channel_no": "9" * 65},
            "channel_no is too much; expected at most 64 characters",
        ),
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
