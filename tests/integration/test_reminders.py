"""People are told of checks after approvals and of promises: in time, once, whom it concerns, however clerks sweep."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from functools import partial

import msgspec
import psycopg
import pytest
from psycopg import Connection

from credit.promises.duty import EndingPromises
from credit.promises.handling import Answer, Who, answer
from credit.promises.reminding import RemindingOfOffers
from db import letters, promises
from db.approvals import checks
from domain.alert import Severity
from domain.approval import CheckAction, CheckResult
from domain.notice import NoticeKind
from domain.promise import MadeHow, Promise, PromiseAction
from supervision.approvals import checking
from supervision.approvals.reminding import RemindingOfChecks
from supervision.approvals.states import Move
from supervision.notices.webhook_body import body_of
from tests import approval_acts
from tests.approval_acts import FEEDING, give
from tests.factories import NOW
from tests.integration import test_promises
from tests.notice_rig import POLICY, clerk_connection, letters_of, prefer, work
from tests.web_world import HERE, VENDOR, furnish

DAY = timedelta(days=1)
EVERYBODY = ("manager", "regulator", "admin")
K = NoticeKind


@pytest.fixture
def world(database_url: str) -> Iterator[Connection]:
    """Two markets and a person of each role, who are told at any hour, each thing by itself."""
    with clerk_connection(database_url) as conn:
        furnish(conn)
        for username in EVERYBODY:
            prefer(conn, username, NOW, quiet=None)
        yield conn


def checked_at(conn: Connection, now: datetime) -> None:
    """What a clerk that was just started does."""
    RemindingOfChecks(FEEDING.policy, FEEDING.calendar, POLICY.ahead.check_working_days).run_once(conn, now)
    work(conn, now)


def offers_at(conn: Connection, now: datetime) -> None:
    EndingPromises().run_once(conn, now)
    RemindingOfOffers(POLICY.ahead.offer).run_once(conn, now)
    work(conn, now)


def told(conn: Connection, people: tuple[str, ...] = EVERYBODY) -> dict[str, list[str]]:
    """Which kinds of news about checks and promises each person was told of, in order; nothing about alerts."""
    return {
        username: [
            one.kind
            for letter in reversed(letters_of(conn, username))
            for one in letters.counts(conn, [letter.letter_id])
            if one.kind.startswith(("check", "promise"))
            for _ in range(one.n)
        ]
        for username in people
    }


def due_on(conn: Connection, check_id: int) -> date:
    found = checks.by_id(conn, check_id)
    assert found is not None
    return found.due_on


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


@pytest.fixture
def check_id(world: Connection) -> int:
    taken = give(world)
    assert taken.check_id is not None
    return taken.check_id


def test_a_check_is_reminded_of_in_working_days_and_told_of_again_when_it_is_overdue(
    world: Connection, check_id: int
) -> None:
    # Due on Friday the 18th of December: three working days before are Tuesday.
    assert due_on(world, check_id) == date(2026, 12, 18)
    checked_at(world, noon(date(2026, 12, 14)))
    assert told(world) == {"manager": [], "regulator": [], "admin": []}
    for day in (15, 15, 16, 18):
        checked_at(world, noon(date(2026, 12, day)))
    assert told(world) == {"manager": [], "regulator": ["check_near"], "admin": []}
    for day in (19, 19, 25):
        checked_at(world, noon(date(2026, 12, day)))
    assert told(world)["admin"] == ["check_overdue"]
    assert sorted(told(world)["regulator"]) == ["check_near", "check_overdue"]
    assert told(world)["manager"] == []


def test_who_has_the_check_is_reminded_and_nobody_else(world: Connection, check_id: int) -> None:
    checking.assign(world, check_id, "admin", actor="regulator", origin="", now=NOW)
    checked_at(world, noon(date(2026, 12, 16)))
    assert told(world) == {"manager": [], "regulator": [], "admin": ["check_near"]}
    [letter] = letters_of(world, "admin")
    [line] = letters.lines(world, [letter.letter_id], 5)
    assert (line.check_id, line.approval_number) == (check_id, "JY14602000012345")
    assert line.check_due_on == date(2026, 12, 18)
    assert line.due_at == datetime(2026, 12, 18, 16, tzinfo=UTC)
    assert line.severity is Severity.MEDIUM


@pytest.mark.parametrize("left", ["disabled_at = now()", f"role = 'manager', market_id = '{HERE}'"])
def test_where_who_has_it_may_not_do_it_any_more_the_others_are_reminded(
    world: Connection, check_id: int, left: str
) -> None:
    checking.assign(world, check_id, "admin", actor="regulator", origin="", now=NOW)
    world.execute(f"UPDATE users SET {left} WHERE username = 'admin'".encode())
    checked_at(world, noon(date(2026, 12, 16)))
    assert told(world, ("regulator",)) == {"regulator": ["check_near"]}


def test_what_was_done_before_anybody_was_told_is_not_told_of(world: Connection, check_id: int) -> None:
    now = noon(date(2026, 12, 16))
    RemindingOfChecks(FEEDING.policy, FEEDING.calendar, POLICY.ahead.check_working_days).run_once(world, now)
    approval_acts.done(world, check_id)
    work(world, now)
    checked_at(world, noon(date(2026, 12, 28)))
    assert told(world) == {"manager": [], "regulator": [], "admin": []}


def test_a_check_that_is_reopened_is_told_of_no_second_time(world: Connection, check_id: int) -> None:
    checked_at(world, noon(date(2026, 12, 21)))
    approval_acts.done(world, check_id, CheckResult.DEVIATES, "a wall is gone")
    checking.act(world, check_id, Move(action=CheckAction.REOPEN, note="the wrong stall"), actor="wang", now=NOW)
    checked_at(world, noon(date(2026, 12, 22)))
    assert told(world)["admin"] == ["check_overdue"]


def test_many_clerks_tell_of_each_check_once_and_of_more_than_a_round(world: Connection, database_url: str) -> None:
    world.execute(
        "INSERT INTO approvals (authority, number, version, kind, act, subject_name, credit_code, issued_on, digest,"
        " received_at) SELECT 'a', n::text, 1, 'permit', 'new', 'x', 'x', date '2026-11-02', sha256('x'), now()"
        " FROM generate_series(1, 600) n"
    )
    world.execute(
        "INSERT INTO approval_versions (approval_id, version, authority, number, kind, act, subject_name, credit_code,"
        " licence_no, issued_on, scope, digest, changes, is_late, feed, received_at, received_by)"
        " SELECT approval_id, 1, authority, number, kind, act, subject_name, credit_code, '', issued_on, '', digest,"
        " '{}', false, 'api', now(), 'x' FROM approvals"
    )
    world.execute(
        "INSERT INTO approval_checks (approval_id, version, opened_at, due_on, policy_version)"
        " SELECT approval_id, 1, now(), date '2026-11-20', '1' FROM approvals"
    )

    def clerk(_number: int) -> None:
        with clerk_connection(database_url) as conn:
            checked_at(conn, NOW)

    with ThreadPoolExecutor(4) as clerks:
        list(clerks.map(clerk, range(4)))
    assert told(world)["regulator"] == ["check_overdue"] * 600


def test_a_market_that_somebody_was_moved_to_reads_nothing_of_the_checks_of_all(
    world: Connection, check_id: int
) -> None:
    checked_at(world, noon(date(2026, 12, 21)))
    world.execute("UPDATE users SET role = 'manager', market_id = %s WHERE username = 'regulator'", [HERE])
    [letter] = letters_of(world, "regulator")
    assert letters.lines(world, [letter.letter_id], 5) == []
    assert letters.counts(world, [letter.letter_id]) == []


def offered(conn: Connection) -> Promise:
    """An offer of a minute ago; what is told of its alert is told by now."""
    found = test_promises.offered(conn)
    work(conn, datetime.now(UTC))
    return found


def test_an_offer_that_runs_out_is_told_of_before_to_the_market_and_afterwards_to_all(world: Connection) -> None:
    promise = offered(world)
    for moment in (promise.offer_until - DAY - timedelta(minutes=5), promise.offer_until - DAY - timedelta(minutes=1)):
        offers_at(world, moment)
    assert told(world) == {"manager": [], "regulator": [], "admin": []}
    for hours in (24, 23, 1):
        offers_at(world, promise.offer_until - timedelta(hours=hours))
    assert told(world) == {"manager": ["promise_lapsing"], "regulator": [], "admin": []}
    for hours in (0, 0, 5):
        offers_at(world, promise.offer_until + timedelta(hours=hours))
    assert sorted(told(world)["manager"]) == ["promise_lapsed", "promise_lapsing"]
    assert told(world)["regulator"] == told(world)["admin"] == ["promise_lapsed"]


def test_an_offer_that_was_answered_before_anybody_was_told_is_not_told_of(world: Connection) -> None:
    promise = offered(world)
    moment = promise.offer_until - timedelta(hours=3)
    RemindingOfOffers(POLICY.ahead.offer).run_once(world, moment)
    said = Answer(action=PromiseAction.MAKE, how=MadeHow.ORAL, note="heard at the stall")
    answer(world, promise.promise_id, said, by=Who(username="manager", market_id=HERE), now=moment)
    work(world, moment)
    assert told(world) == {"manager": [], "regulator": [], "admin": []}


def test_a_broken_promise_is_told_of_with_the_alert_that_broke_it(world: Connection) -> None:
    promise = offered(world)
    test_promises.say(world, promise, PromiseAction.MAKE)
    breaker = test_promises.small(world)
    test_promises.confirm(world, breaker)
    for _ in range(3):
        offers_at(world, datetime.now(UTC))
    assert told(world) == {username: ["promise_broken"] for username in EVERYBODY}
    letter = letters_of(world, "manager")[0]
    [line] = [one for one in letters.lines(world, [letter.letter_id], 20) if one.promise_id is not None]
    assert (line.promise_alert_id, line.alert_id, line.vendor_id) == (promise.alert_id, breaker, VENDOR)
    assert line.severity is Severity.HIGH


def test_what_broke_a_promise_and_was_overturned_before_anybody_was_told_is_not_told_of(world: Connection) -> None:
    promise = offered(world)
    test_promises.say(world, promise, PromiseAction.MAKE)
    breaker = test_promises.small(world)
    test_promises.confirm(world, breaker)
    test_promises.overturn(world, breaker)
    work(world, datetime.now(UTC))
    assert told(world) == {"manager": [], "regulator": [], "admin": []}
    assert promises.by_id(world, promise.promise_id) is not None


def test_many_clerks_tell_of_each_offer_once(world: Connection, database_url: str) -> None:
    promise = offered(world)

    def clerk(moment: datetime) -> None:
        with clerk_connection(database_url) as conn:
            offers_at(conn, moment)

    with ThreadPoolExecutor(4) as clerks:
        list(clerks.map(clerk, [promise.offer_until - timedelta(hours=2)] * 4))
        list(clerks.map(clerk, [promise.offer_until] * 4))
    assert sorted(told(world)["manager"]) == ["promise_lapsed", "promise_lapsing"]


def test_another_system_is_told_which_check_and_which_promise(world: Connection, check_id: int) -> None:
    promise = offered(world)
    checked_at(world, noon(date(2026, 12, 21)))
    offers_at(world, promise.offer_until)
    ids = [one.letter_id for one in letters_of(world, "regulator")]
    lines = [one for one in letters.lines(world, ids, 20) if one.kind in (K.CHECK_OVERDUE, K.PROMISE_LAPSED)]
    body = partial(body_of, "msg_1", NOW, public_url="https://console.example")
    notices = {one["kind"]: one for one in msgspec.json.decode(body(lines))["notices"]}
    about = notices["check_overdue"]
    assert (about["alert"], about["promise"]) == (None, None)
    assert about["check"]["number"] == "JY14602000012345"
    assert about["check"]["url"] == f"https://console.example/registry/approvals/{about['check']['approval_id']}"
    lapsed = notices["promise_lapsed"]
    assert (lapsed["promise"]["promise_id"], lapsed["promise"]["state"]) == (promise.promise_id, "lapsed")
    assert lapsed["alert"]["alert_id"] == promise.alert_id
    assert lapsed["check"] is None


@pytest.mark.parametrize(
    "columns",
    [{"kind": "check_near"}, {"kind": "promise_broken", "alert_id": 1}, {"kind": "alert_opened", "promise_id": 1}],
    ids=["a check of none", "a promise of none", "an alert with a promise"],
)
def test_the_database_refuses_news_about_nothing(world: Connection, columns: dict[str, object]) -> None:
    alert_id = test_promises.small(world)
    values = {"alert_id": None, "promise_id": None} | columns
    values["alert_id"] = values["alert_id"] and alert_id
    with pytest.raises(psycopg.errors.CheckViolation):
        world.execute(
            "INSERT INTO happenings (kind, at, alert_id, promise_id)"
            " VALUES (%(kind)s, now(), %(alert_id)s, %(promise_id)s)",
            values,
        )


def test_a_clerk_looks_once_a_minute(world: Connection, check_id: int) -> None:
    duty = RemindingOfChecks(FEEDING.policy, FEEDING.calendar, 60)
    assert duty.run_once(world, NOW) == NOW + timedelta(minutes=1)
    assert give(world, number="JY14602000099999").check_id is not None
    assert duty.run_once(world, NOW + timedelta(seconds=59)) == NOW + timedelta(minutes=1)
    assert world.execute("SELECT count(*) FROM happenings").fetchone() == (1,)
    duty.run_once(world, NOW + timedelta(seconds=60))
    assert world.execute("SELECT count(*) FROM happenings").fetchone() == (2,)
