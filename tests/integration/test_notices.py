"""What happens is handed on and posted: once, to whom it concerns, grouped; whatever clerks do at the same time."""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta

import psycopg
import pytest
from psycopg import Connection, errors

from db import alerts, letters, notice_people
from domain.alert import AlertKind, Severity
from domain.notice import ChannelChoice, NewHappening, NoticeChannel, NoticeKind, QuietHours
from supervision.notices.telling import tell
from tests.notice_rig import HANDING_ON, POSTING, clerk_connection, letters_of, mailbox_of, prefer, work
from tests.waiting import wait_until
from tests.web_world import CRAB, ELSEWHERE, HERE, HOSTILE_VENDOR, furnish, raise_alert

EMAIL = NoticeChannel.EMAIL
HOUR = timedelta(hours=1)


@pytest.fixture
def world(database_url: str) -> Iterator[Connection]:
    """Two markets and a person of each role, who are told at any hour."""
    with clerk_connection(database_url) as conn:
        furnish(conn)
        for username in ("manager", "regulator", "admin"):
            prefer(conn, username, datetime.now(UTC), quiet=None)
        yield conn


def happenings(conn: Connection) -> list[tuple[str, int | None, int]]:
    rows = conn.execute("SELECT kind, was_permille, permille FROM happenings ORDER BY happening_id").fetchall()
    return [(kind, was, permille) for kind, was, permille in rows]


def test_an_alert_that_opens_and_gets_worse_is_written_down_by_itself(world: Connection) -> None:
    raise_alert(world, excess_fen=630)
    raise_alert(world, excess_fen=630)
    raise_alert(world, excess_fen=63_000)
    assert happenings(world) == [("alert_opened", None, 10), ("alert_graver", 10, 1000)]


def test_each_sees_their_own_market_and_nobody_is_told_twice(world: Connection) -> None:
    raise_alert(world)
    raise_alert(world, market_id=ELSEWHERE, vendor_id=HOSTILE_VENDOR)
    for _ in range(3):
        work(world, datetime.now(UTC))
    assert [one.items for one in letters_of(world, "manager")] == [1]
    assert [one.items for one in letters_of(world, "regulator")] == [2]
    [letter] = letters_of(world, "manager")
    [line] = letters.lines(world, [letter.letter_id], 5)
    assert (line.market_id, line.kind, line.vendor_name) == (HERE, NoticeKind.ALERT_OPENED, "阿海海鲜档")


def test_a_morning_is_one_letter_on_the_page_until_somebody_reads_it(world: Connection) -> None:
    now = datetime.now(UTC)
    for n in range(100):
        raise_alert(world, excess_fen=630 * (n + 1), vendor_id=None, kind=AlertKind.PRICE_OVER_CAP)
        world.execute("UPDATE alerts SET business_day = date '1990-01-01' + alert_id::int")
        if n % 10 == 0:
            work(world, now + timedelta(seconds=n))
    work(world, now + timedelta(seconds=101))
    [letter] = letters_of(world, "manager")
    assert (letter.items, letter.worst) == (100, Severity.HIGH)
    mailbox = mailbox_of(world, "manager")
    assert letters.unread(world, mailbox) == 1
    assert letters.mark_read(world, mailbox, now, letter_id=letter.letter_id) == 1
    assert letters.mark_read(world, mailbox, now, letter_id=letter.letter_id) == 0
    assert letters.unread(world, mailbox) == 0
    counted = letters.counts(world, [letter.letter_id])
    assert sum(one.n for one in counted) == 100
    assert {one.alert_kind for one in counted} == {AlertKind.PRICE_OVER_CAP}
    worst = letters.lines(world, [letter.letter_id], 3)
    assert [one.permille for one in worst] == [1000, 990, 980]


def test_only_what_changes_the_severity_is_graver(world: Connection) -> None:
    raise_alert(world, excess_fen=630)
    raise_alert(world, excess_fen=640)
    raise_alert(world, excess_fen=60_000)
    work(world, datetime.now(UTC))
    [letter] = letters_of(world, "manager")
    assert sorted(one.kind for one in letters.counts(world, [letter.letter_id])) == ["alert_graver", "alert_opened"]


def test_e_mail_waits_for_more_and_then_for_the_window(world: Connection) -> None:
    now = datetime.now(UTC)
    choice = ChannelChoice(minimum=Severity.LOW, first_after_s=600, window_s=4 * 3600)
    prefer(world, "manager", now, email="wang@example.com", by_email=choice, breaks_through=False)
    raise_alert(world)
    work(world, now)
    assert letters_of(world, "manager", EMAIL) == []
    raise_alert(world, species=CRAB)
    work(world, datetime.now(UTC) + timedelta(seconds=601))
    assert [one.items for one in letters_of(world, "manager", EMAIL)] == [2]
    raise_alert(world, kind=AlertKind.UNBOUND_SCALE)
    work(world, now + HOUR)
    assert len(letters_of(world, "manager", EMAIL)) == 1
    work(world, now + 5 * HOUR)
    assert [one.items for one in letters_of(world, "manager", EMAIL)] == [1, 2]


def test_what_is_below_what_somebody_asked_for_does_not_reach_them(world: Connection) -> None:
    only_grave = ChannelChoice(minimum=Severity.CRITICAL, first_after_s=0, window_s=0)
    prefer(world, "manager", datetime.now(UTC), page=only_grave)
    prefer(world, "regulator", datetime.now(UTC), page=ChannelChoice(minimum=None, first_after_s=0, window_s=0))
    raise_alert(world, excess_fen=630)
    work(world, datetime.now(UTC))
    assert letters_of(world, "manager") == letters_of(world, "regulator") == []
    assert len(letters_of(world, "admin")) == 1


def test_an_alert_that_was_decided_meanwhile_is_not_told_of(world: Connection) -> None:
    now = datetime.now(UTC) + timedelta(minutes=1)
    everything = QuietHours(time(0), time(23, 59))
    prefer(world, "manager", now, quiet=everything, breaks_through=False)
    raise_alert(world)
    work(world, now)
    world.execute(
        "UPDATE alerts SET state = 'dismissed', is_counting = false, dismiss_reason = 'device_fault',"
        " decided_at = now(), decided_by = 'm'"
    )
    prefer(world, "manager", now, quiet=None)
    work(world, now + 25 * HOUR)
    assert letters_of(world, "manager") == []
    assert world.execute("SELECT count(*) FROM mailbox_items WHERE dropped_at IS NOT NULL").fetchone() == (1,)
    assert [one.items for one in letters_of(world, "admin")] == [1]


def test_a_deadline_is_told_to_whom_it_concerns_and_once(world: Connection) -> None:
    alert_id = raise_alert(world)
    work(world, datetime.now(UTC))
    now = datetime.now(UTC)
    near = NewHappening(
        kind=NoticeKind.DEADLINE_NEAR,
        market_id=HERE,
        alert_id=alert_id,
        at=now,
        to_user="manager",
        due_at=now + HOUR,
        once=f"deadline_near:{alert_id}",
    )
    assert tell(world, near)
    assert not tell(world, near)
    late = NewHappening(kind=NoticeKind.ESCALATED, market_id=HERE, alert_id=alert_id, at=now, to_role="regulator")
    assert tell(world, late)
    nobody = NewHappening(kind=NoticeKind.ASSIGNED, market_id=HERE, alert_id=alert_id, at=now, to_user="nobody")
    assert not tell(world, nobody)
    work(world, now)
    kinds = {
        username: sorted(
            one.kind for letter in letters_of(world, username) for one in letters.counts(world, [letter.letter_id])
        )
        for username in ("manager", "regulator", "admin")
    }
    assert kinds == {
        "manager": ["alert_opened", "deadline_near"],
        "regulator": ["alert_opened", "escalated"],
        "admin": ["alert_opened"],
    }


def test_somebody_who_may_not_sign_in_any_more_is_told_nothing(world: Connection) -> None:
    world.execute("UPDATE users SET disabled_at = now() WHERE username = 'manager'")
    raise_alert(world)
    work(world, datetime.now(UTC))
    assert world.execute("SELECT count(*) FROM mailboxes").fetchone() == (2,)


def test_many_clerks_at_once_tell_each_thing_once(world: Connection, database_url: str) -> None:
    for _ in range(60):
        raise_alert(world)
        world.execute("UPDATE alerts SET business_day = date '1990-01-01' + alert_id::int")
    now = datetime.now(UTC)

    def clerk(_number: int) -> None:
        with clerk_connection(database_url) as conn:
            for _ in range(5):
                work(conn, now)

    with ThreadPoolExecutor(4) as clerks:
        list(clerks.map(clerk, range(4)))
    for username in ("manager", "regulator", "admin"):
        assert sum(one.items for one in letters_of(world, username)) == 60
    assert world.execute("SELECT count(*) FROM happenings WHERE told_at IS NULL").fetchone() == (0,)


def _hand_on_and_die(database_url: str) -> None:
    """A clerk that is killed in the middle of its transaction."""
    with psycopg.connect(database_url, autocommit=True) as conn, conn.transaction():
        HANDING_ON._slice(conn, datetime.now(UTC))
        os.kill(os.getpid(), signal.SIGKILL)


def others_at_work(conn: Connection) -> int:
    """How many connections beside this one are open to its database."""
    row = conn.execute(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    ).fetchone()
    conn.commit()
    return int(row[0]) if row else 0


def test_a_clerk_that_is_killed_in_the_middle_loses_nothing_and_doubles_nothing(
    world: Connection, database_url: str
) -> None:
    raise_alert(world)
    for _ in range(2):
        process = multiprocessing.get_context("spawn").Process(target=_hand_on_and_die, args=(database_url,))
        process.start()
        process.join(60)
        assert process.exitcode == -signal.SIGKILL
    wait_until(lambda: others_at_work(world) == 0, what="the server notices that nobody is there any more")
    work(world, datetime.now(UTC))
    assert [one.items for one in letters_of(world, "manager")] == [1]


def test_the_delivery_log_cannot_be_changed(world: Connection) -> None:
    raise_alert(world)
    work(world, datetime.now(UTC))
    world.execute(
        "INSERT INTO letter_attempts (letter_id, attempt, at, took_ms) SELECT letter_id, 1, now(), 1 FROM letters"
    )
    for statement in ("UPDATE letter_attempts SET error = ''", "DELETE FROM letter_attempts"):
        with pytest.raises(errors.RestrictViolation):
            world.execute(statement)


def test_a_person_who_chose_nothing_has_what_the_policy_says(world: Connection) -> None:
    world.execute("DELETE FROM notice_channels")
    world.execute("DELETE FROM notice_preferences")
    assert [one.preferences for one in notice_people.everybody(world)] == [None] * 3
    raise_alert(world)
    HANDING_ON.run_once(world, datetime.now(UTC))
    assert world.execute("SELECT DISTINCT channel FROM mailboxes").fetchall() == [("page",)]


def test_posting_says_when_it_is_to_look_again(world: Connection) -> None:
    now = datetime.now(UTC)
    prefer(world, "manager", now, page=ChannelChoice(minimum=Severity.LOW, first_after_s=300, window_s=0))
    raise_alert(world, excess_fen=630)
    HANDING_ON.run_once(world, now)
    come_back = POSTING.run_once(world, now)
    assert come_back is not None
    assert timedelta(seconds=299) < come_back - now < timedelta(seconds=301)


def test_alerts_in_a_batch_are_noted_by_one_statement_each(world: Connection) -> None:
    """The batch path pays for opened and graver alerts, and nothing for occurrences that change neither."""
    raise_alert(world)
    before = len(happenings(world))
    for _ in range(20):
        raise_alert(world, excess_fen=10)
    assert len(happenings(world)) == before
    assert alerts.count_open(world, HERE) == 1


def test_what_comes_after_a_letter_was_looked_at_stays_unread(world: Connection) -> None:
    now = datetime.now(UTC)
    raise_alert(world)
    work(world, now)
    mailbox = mailbox_of(world, "manager")
    [shown] = letters_of(world, "manager")
    raise_alert(world, species=CRAB)
    work(world, now + timedelta(seconds=1))
    assert [one.items for one in letters_of(world, "manager")] == [2]
    assert letters.mark_read(world, mailbox, now, letter_id=shown.letter_id, seen_at=shown.last_at) == 0
    assert letters.unread(world, mailbox) == 1
    [grown] = letters_of(world, "manager")
    assert letters.mark_read(world, mailbox, now, up_to=grown.letter_id, seen_at=grown.last_at) == 1


def test_a_letter_that_was_just_read_takes_nothing_more(world: Connection) -> None:
    now = datetime.now(UTC)
    raise_alert(world)
    work(world, now)
    [letter] = letters_of(world, "manager")
    letters.mark_read(world, mailbox_of(world, "manager"), now, letter_id=letter.letter_id)
    assert not letters.grow(world, letter.letter_id, 1, Severity.HIGH, now)
    assert [one.items for one in letters_of(world, "manager")] == [1]


def test_whoever_is_moved_to_another_market_reads_nothing_of_the_one_before(world: Connection) -> None:
    raise_alert(world)
    raise_alert(world, market_id=ELSEWHERE, vendor_id=HOSTILE_VENDOR)
    work(world, datetime.now(UTC))
    [letter] = letters_of(world, "regulator")
    assert len(letters.lines(world, [letter.letter_id], 5)) == 2
    world.execute("UPDATE users SET role = 'manager', market_id = %s WHERE username = 'regulator'", [ELSEWHERE])
    assert {one.market_id for one in letters.lines(world, [letter.letter_id], 5)} == {ELSEWHERE}
    assert sum(one.n for one in letters.counts(world, [letter.letter_id])) == 1
