"""What a webhook's receiver and its couriers may go through: slow, gone, killed, two at once, and whom TLS trusts."""

import json
import multiprocessing
import os
import signal
import socket
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import psycopg
import pytest
from psycopg import Connection

from db import letters, webhooks
from domain.alert import AlertKind
from domain.errors import RuleViolation
from domain.notice import LetterState, NoticeChannel, NoticeKind
from supervision.notices import endpoints
from supervision.notices.addresses import parse_target
from supervision.notices.http_post import HttpPost
from supervision.notices.webhook_carrier import WebhookCarrier
from tests.certificates import Authority
from tests.notice_rig import clerk_connection, letters_of, prefer
from tests.web_world import CRAB, furnish, raise_alert
from tests.webhook_acts import DAY, OPEN_POLICY, Clock, deliver, register, sent_to
from tests.webhook_receiver import receiving


@pytest.fixture
def world(database_url: str) -> Iterator[Connection]:
    with clerk_connection(database_url) as conn:
        furnish(conn)
        for username in ("manager", "regulator", "admin"):
            prefer(conn, username, datetime.now(UTC), quiet=None)  # whenever the tests run
        yield conn


def test_an_endpoint_that_takes_nothing_for_long_is_switched_off_and_people_hear_of_it(world: Connection) -> None:
    clock = Clock()
    with receiving(status=500) as receiver:
        made = register(world, receiver.url)
        raise_alert(world)
        deliver(world, clock)
        clock.ahead += 3 * DAY + timedelta(minutes=1)
        raise_alert(world, species=CRAB)
        deliver(world, clock)
        endpoint = webhooks.by_id(world, made.endpoint_id)
        assert endpoint is not None
        assert "answered 500" in endpoint.disabled_because
        assert {one.state for one in sent_to(world, made.endpoint_id)} == {LetterState.GIVEN_UP}
        seen = len(receiver.received)
        raise_alert(world, kind=AlertKind.UNBOUND_SCALE)
        deliver(world, clock)
        assert len(receiver.received) == seen
        with pytest.raises(RuleViolation, match="switched off"):
            endpoints.send_trial(world, made.endpoint_id, by="admin", now=clock())
        kinds = {one.kind for letter in letters_of(world, "admin") for one in letters.counts(world, [letter.letter_id])}
        assert NoticeKind.ENDPOINT_DISABLED in kinds
        managers = letters_of(world, "manager")
        assert NoticeKind.ENDPOINT_DISABLED not in {
            one.kind for letter in managers for one in letters.counts(world, [letter.letter_id])
        }
        receiver.status = 200
        endpoints.enable(world, made.endpoint_id, by="admin", now=clock())
        endpoints.send_trial(world, made.endpoint_id, by="admin", now=clock())
        deliver(world, clock)
    assert json.loads(receiver.received[-1].body)["type"] == "test"


def test_an_endpoint_that_says_it_is_gone_is_switched_off_at_once(world: Connection) -> None:
    with receiving(status=410) as receiver:
        made = register(world, receiver.url)
        endpoints.send_trial(world, made.endpoint_id, by="admin", now=datetime.now(UTC))
        deliver(world, Clock())
    endpoint = webhooks.by_id(world, made.endpoint_id)
    assert endpoint is not None
    assert endpoint.disabled_at is not None


@pytest.mark.parametrize(
    ("behaviour", "status", "said"),
    [
        ("silent", None, "no answer within 2 s"),
        ("dribble", None, "no answer within 2 s"),
        ("garbage", None, "BadStatusLine"),
        ("redirect", 302, "answered 302"),
    ],
)
def test_bad_manners_of_a_receiver_cost_no_more_than_the_time_allowed(
    world: Connection, behaviour: str, status: int | None, said: str
) -> None:
    with receiving(behaviour, status=status or 200) as receiver:
        made = register(world, receiver.url)
        endpoints.send_trial(world, made.endpoint_id, by="admin", now=datetime.now(UTC))
        began = time.monotonic()
        deliver(world, Clock())
        assert time.monotonic() - began < 10
        assert len(receiver.received) == 1
    [letter] = sent_to(world, made.endpoint_id)
    [attempt] = letters.attempts_of(world, [letter.letter_id])[letter.letter_id]
    assert attempt.status == status
    assert said in attempt.error


def test_a_slow_receiver_keeps_no_other_waiting(world: Connection) -> None:
    with receiving("silent") as slow, receiving() as quick:
        register(world, slow.url)
        register(world, quick.url)
        raise_alert(world)
        began = time.monotonic()
        deliver(world, Clock())
        assert len(quick.received) == 1
        assert time.monotonic() - began < 10


def test_nobody_listens(world: Connection) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    made = register(world, f"http://127.0.0.1:{port}/")
    endpoints.send_trial(world, made.endpoint_id, by="admin", now=datetime.now(UTC))
    deliver(world, Clock())
    [letter] = sent_to(world, made.endpoint_id)
    assert "ConnectionRefused" in letters.attempts_of(world, [letter.letter_id])[letter.letter_id][0].error


def _take_and_die(database_url: str) -> None:
    """A courier that is killed after the receiver has taken the letter, and before it is written down."""
    with psycopg.connect(database_url, autocommit=True) as conn:
        carrier = WebhookCarrier(OPEN_POLICY)
        now = datetime.now(UTC)
        [letter] = letters.claim(conn, NoticeChannel.WEBHOOK, now=now, lease=carrier.lease, limit=1)
        send = carrier.prepare(conn, letter, now)
        assert isinstance(send, partial)
        assert send().status == 200
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_courier_that_is_killed_in_the_middle_is_followed_by_another_with_the_same_letter(
    world: Connection, database_url: str
) -> None:
    clock = Clock()
    with receiving() as receiver:
        made = register(world, receiver.url)
        endpoints.send_trial(world, made.endpoint_id, by="admin", now=datetime.now(UTC))
        process = multiprocessing.get_context("spawn").Process(target=_take_and_die, args=(database_url,))
        process.start()
        process.join(60)
        assert process.exitcode == -signal.SIGKILL
        assert len(receiver.received) == 1
        come_back = deliver(world, clock)  # it is leased still
        assert come_back is not None
        assert len(receiver.received) == 1
        clock.ahead = OPEN_POLICY.lease + timedelta(seconds=1)
        deliver(world, clock)
    assert len(receiver.received) == 2
    assert len({one.headers["webhook-id"] for one in receiver.received}) == 1
    assert [one.state for one in sent_to(world, made.endpoint_id)] == [LetterState.DELIVERED]


def test_two_couriers_do_not_send_one_letter_twice(world: Connection) -> None:
    with receiving() as receiver:
        made = register(world, receiver.url)
        for _ in range(5):
            endpoints.send_trial(world, made.endpoint_id, by="admin", now=datetime.now(UTC))
        now = datetime.now(UTC)
        taken = [
            one.letter_id
            for _ in range(7)
            for one in letters.claim(world, NoticeChannel.WEBHOOK, now=now, lease=timedelta(minutes=1), limit=8)
        ]
        assert len(taken) == 1  # of one receiver one is under way at a time
        assert receiver.received == []
        assert made.endpoint_id


@pytest.mark.parametrize(
    ("host", "is_trusted", "said"),
    [("127.0.0.1", True, ""), ("127.0.0.1", False, "CERTIFICATE_VERIFY_FAILED"), ("elsewhere", True, "127.0.0.1")],
    ids=["trusted", "a stranger", "another's"],
)
def test_https_is_spoken_with_whom_the_certificate_names(
    tmp_path: Path, host: str, is_trusted: bool, said: str
) -> None:
    authority = Authority(tmp_path)
    serving_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving_tls.load_cert_chain(*authority.issue("receiver", host=host))
    trusts = partial(ssl.create_default_context, cafile=str(authority.file) if is_trusted else None)
    with receiving(tls=serving_tls) as receiver:
        outcome = HttpPost(5, allow_private=True, setting="", tls=trusts).send(parse_target(receiver.url), b"{}", {})
    assert said in outcome.error
    assert (outcome.status, len(receiver.received)) == ((None, 0) if said else (200, 1))
