"""People are told of complaints and appeals: whom it concerns, once, and nothing that is over by then."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec
import pytest
from psycopg import Connection

from db import letters
from domain.alert_step import AlertAction
from domain.complaint import COMPLAINANT, ComplaintAction, Outcome
from domain.notice import NewHappening, NoticeKind
from supervision.alerts.states import Authority
from supervision.complaints.tending import tend
from supervision.notices.telling import tell
from supervision.notices.webhook_body import body_of
from tests.alert_acts import act, someone
from tests.complaint_acts import NOW, RULES, entry, file, step
from tests.notice_rig import clerk_connection, letters_of, prefer, work
from tests.web_world import furnish, raise_alert

EVERYBODY = ("manager", "regulator", "admin")


@pytest.fixture
def world(database_url: str) -> Iterator[Connection]:
    """Two markets and a person of each role, who are told at any hour, each thing by itself."""
    with clerk_connection(database_url) as conn:
        furnish(conn)
        for username in EVERYBODY:
            prefer(conn, username, NOW, quiet=None)
        yield conn


def told(conn: Connection, now: datetime, username: str = "manager", of: str = "complaint_") -> list[str]:
    """Of what kinds somebody was told by now, sorted."""
    work(conn, now)
    ids = [letter.letter_id for letter in letters_of(conn, username)]
    return sorted(one.kind for one in letters.counts(conn, ids) if one.kind.startswith(of) for _ in range(one.n))


def test_whoever_sees_the_market_is_told_of_a_complaint_and_of_each_step_that_is_overdue_once(
    world: Connection,
) -> None:
    filed = file(world, entry(stall_id="A-01"))
    assert [told(world, NOW, name) for name in EVERYBODY] == [["complaint_received"]] * 3
    [letter] = letters_of(world, "manager")
    [line] = letters.lines(world, [letter.letter_id], 5)
    assert (line.complaint_id, line.complaint_state, line.stall_id) == (filed.complaint_id, "received", "A-01")
    late = NOW + timedelta(hours=25)
    assert [tend(world, late, RULES).overdue_told for _ in range(2)] == [1, 0]
    assert told(world, late) == ["complaint_overdue", "complaint_received"]
    step(world, filed, ComplaintAction.ACCEPT)
    step(world, filed, ComplaintAction.INVESTIGATE)
    assert tend(world, late, RULES).overdue_told == 0, "the answer has a day more"
    assert tend(world, NOW + timedelta(hours=49), RULES).overdue_told == 1


def test_what_was_taken_up_or_answered_before_anybody_was_told_is_not_told_of(world: Connection) -> None:
    filed = file(world, entry())
    step(world, filed, ComplaintAction.ACCEPT)
    assert told(world, NOW) == []
    late = NOW + timedelta(hours=49)
    tend(world, late, RULES)
    step(world, filed, ComplaintAction.ANSWER, note="已查", outcome=Outcome.NOT_UPHELD)
    assert told(world, late) == []
    step(world, filed, ComplaintAction.REOPEN, actor=COMPLAINANT, note="没有收到")
    assert told(world, late) == ["complaint_reopened"]


def test_another_system_is_told_neither_its_words_nor_its_contact(world: Connection) -> None:
    filed = file(world, entry())
    told(world, NOW)
    [letter] = letters_of(world, "admin")
    body = body_of("msg_1", NOW, letters.lines(world, [letter.letter_id], 5), "https://console.example")
    [notice] = msgspec.json.decode(body)["notices"]
    assert notice["complaint"]["url"] == f"https://console.example/complaints/{filed.complaint_id}"
    assert (notice["alert"], notice["complaint"]["state"]) == (None, "received")
    asked = entry()
    assert asked.contact.encode() not in body
    assert asked.words.encode() not in body


def test_a_regulator_is_told_of_an_appeal(world: Connection) -> None:
    alert_id = raise_alert(world)
    act(world, alert_id, AlertAction.CONFIRM, by=someone("manager", Authority.MARKET), now=NOW)
    act(world, alert_id, AlertAction.APPEAL, by=someone("manager", Authority.MARKET), now=NOW, note="当时价签未及更换")
    assert told(world, NOW, "regulator", "appealed") == ["appealed"]
    assert told(world, NOW, "manager", "appealed") == []


def test_the_database_knows_every_kind(world: Connection) -> None:
    known = world.execute(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'happenings_kind_known'"
    ).fetchone()
    assert known is not None
    assert [kind for kind in NoticeKind if f"'{kind}'" not in known[0]] == []


def test_a_destination_that_was_switched_off_is_told_of(world: Connection) -> None:
    new = NewHappening(
        kind=NoticeKind.DESTINATION_DISABLED, market_id=None, alert_id=None, at=NOW, note="destination=1"
    )
    assert tell(world, new)
    assert told(world, NOW, "admin", "destination") == ["destination_disabled"]
