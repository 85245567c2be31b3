"""Webhooks to a real server on loopback: signed, tried again, given up, never to where they must not go."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from db import letters, webhooks
from db.webhooks import NewEndpoint
from domain.alert import Severity
from domain.errors import NotFound, RuleViolation
from domain.notice import LetterState, NoticeKind
from supervision.notices import endpoints
from tests.notice_rig import POLICY, clerk_connection, prefer
from tests.web_world import ELSEWHERE, HERE, HOSTILE_VENDOR, furnish, raise_alert
from tests.webhook_acts import ALL_KINDS, DAY, OPEN_POLICY, Clock, deliver, register, sent_to
from tests.webhook_receiver import receiving


@pytest.fixture
def world(database_url: str) -> Iterator[Connection]:
    with clerk_connection(database_url) as conn:
        furnish(conn)
        for username in ("manager", "regulator", "admin"):
            prefer(conn, username, datetime.now(UTC), quiet=None)  # whenever the tests run
        yield conn


def test_a_receiver_can_check_who_sent_what_with_its_own_means(world: Connection) -> None:
    with receiving() as receiver:
        made = register(world, receiver.url)
        raise_alert(world)
        deliver(world, Clock())
    [request] = receiver.received
    assert request.path == "/hook?market=1"
    assert request.headers["content-type"] == "application/json"
    key = base64.b64decode(made.secret.removeprefix("whsec_"))
    signed = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode() + request.body
    mine = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert request.headers["webhook-signature"] == f"v1,{mine}"
    assert abs(int(request.headers["webhook-timestamp"]) - time.time()) < 60
    body = json.loads(request.body)
    [told] = body["notices"]
    assert (body["v"], body["type"], body["id"]) == (1, "notices", request.headers["webhook-id"])
    assert (told["kind"], told["severity"]) == ("alert_opened", "high")
    assert (told["alert"]["market_id"], told["alert"]["vendor_name"]) == (HERE, "阿海海鲜档")
    assert told["alert"]["url"] == f"https://console.example/alerts/{told['alert']['alert_id']}"
    [letter] = sent_to(world, made.endpoint_id)
    [attempt] = letters.attempts_of(world, [letter.letter_id])[letter.letter_id]
    assert (letter.state, attempt.status, attempt.error) == (LetterState.DELIVERED, 200, "")


def test_each_endpoint_gets_what_it_asked_for(world: Connection) -> None:
    with receiving() as all_of_it, receiving() as elsewhere, receiving() as grave, receiving() as late:
        register(world, all_of_it.url)
        register(world, elsewhere.url, market_id=ELSEWHERE)
        register(world, grave.url, minimum=Severity.CRITICAL)
        register(world, late.url, kinds=frozenset({NoticeKind.DEADLINE_MISSED}))
        raise_alert(world, excess_fen=630)
        raise_alert(world, market_id=ELSEWHERE, vendor_id=HOSTILE_VENDOR, excess_fen=630)
        deliver(world, Clock())
    assert [len(one.received) for one in (all_of_it, elsewhere, grave, late)] == [1, 1, 0, 0]
    assert len(json.loads(all_of_it.received[0].body)["notices"]) == 2


def test_what_is_not_taken_is_tried_again_later_under_the_same_name_and_with_the_same_bytes(world: Connection) -> None:
    clock = Clock()
    with receiving() as receiver:
        receiver.statuses = [500, 429]
        made = register(world, receiver.url)
        raise_alert(world)
        for seconds in (10, 20):
            come_back = deliver(world, clock)
            assert come_back is not None
            assert abs((come_back - clock()).total_seconds() - seconds) < 2
            deliver(world, clock)  # too early: nothing is sent
            clock.ahead += timedelta(seconds=seconds + 1)
        assert deliver(world, clock) is None
    assert len({(one.headers["webhook-id"], one.body) for one in receiver.received}) == 1
    assert len({one.headers["webhook-signature"] for one in receiver.received}) == 3
    [letter] = sent_to(world, made.endpoint_id)
    log = letters.attempts_of(world, [letter.letter_id])[letter.letter_id]
    assert [(one.attempt, one.status) for one in log] == [(1, 500), (2, 429), (3, 200)]
    assert log[0].error == "answered 500: 好的!"
    assert webhooks.by_id(world, made.endpoint_id).failing_since is None  # type: ignore[union-attr]


def test_in_the_end_it_is_given_up_and_somebody_may_have_it_delivered_again(world: Connection) -> None:
    clock = Clock()
    with receiving(status=503) as receiver:
        made = register(world, receiver.url)
        raise_alert(world)
        for _ in range(3):
            deliver(world, clock)
            clock.ahead += timedelta(seconds=200)
        assert deliver(world, clock) is None
        [letter] = sent_to(world, made.endpoint_id)
        assert (letter.state, len(receiver.received)) == (LetterState.GIVEN_UP, 3)
        receiver.status = 200
        endpoints.deliver_again(world, made.endpoint_id, letter.letter_id, by="admin", now=clock())
        with pytest.raises(RuleViolation, match="already"):
            endpoints.deliver_again(world, made.endpoint_id, letter.letter_id, by="admin", now=clock())
        deliver(world, clock)
        [letter] = sent_to(world, made.endpoint_id)
        assert (letter.state, len(receiver.received)) == (LetterState.DELIVERED, 4)
    assert [one.action for one in webhooks.steps_of(world, made.endpoint_id)] == ["redelivered", "registered"]


def test_a_name_that_means_this_machine_is_not_sent_to(world: Connection) -> None:
    """A name is registered before anybody looks it up: what counts is where it leads when something is sent."""
    with receiving() as receiver:
        url = receiver.url.replace("127.0.0.1", "localhost")
        made = register(world, url)
        endpoints.send_trial(world, made.endpoint_id, by="admin", now=datetime.now(UTC))
        deliver(world, Clock(), allow_private=False)
        assert receiver.received == []
    [letter] = sent_to(world, made.endpoint_id)
    assert "expected a public address" in letters.attempts_of(world, [letter.letter_id])[letter.letter_id][0].error


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"url": "ftp://hooks.example/"}, "expected http"),
        ({"url": "http://127.0.0.1:8000/"}, "public address"),
        ({"url": "http://[::1]/"}, "public address"),
        ({"url": "http://169.254.169.254/latest"}, "public address"),
        ({"name": " "}, "name has 0 characters"),
        ({"name": "n" * 101}, "name has 101 characters"),
        ({"kinds": frozenset()}, "kinds is empty"),
        ({"window_s": -1}, "window_s is -1"),
        ({"market_id": "nowhere"}, "no market 'nowhere'"),
    ],
)
def test_what_cannot_be_registered_is_refused_with_field_value_and_expectation(
    world: Connection, changed: dict[str, Any], said: str
) -> None:
    values = {"name": "n", "url": "https://hooks.example/", "market_id": None, "minimum": Severity.LOW}
    new = NewEndpoint(**{**values, "kinds": ALL_KINDS, "window_s": 0, **changed})
    with pytest.raises(RuleViolation, match=said):
        endpoints.register(world, new, POLICY.webhook, by="admin", now=datetime.now(UTC))
    assert webhooks.endpoints(world) == []


def test_a_secret_that_was_changed_signs_for_a_day_beside_the_new_one(world: Connection) -> None:
    clock = Clock()
    with receiving() as receiver:
        made = register(world, receiver.url)
        newer = endpoints.change_secret(world, made.endpoint_id, OPEN_POLICY, by="admin", now=clock())
        for ahead in (timedelta(), DAY + timedelta(minutes=1)):
            clock.ahead = ahead
            endpoints.send_trial(world, made.endpoint_id, by="admin", now=clock())
            deliver(world, clock)
    assert newer != made.secret
    assert [len(one.headers["webhook-signature"].split()) for one in receiver.received] == [2, 1]


def test_a_storm_goes_out_in_messages_of_a_hundred(world: Connection) -> None:
    with receiving() as receiver:
        register(world, receiver.url)
        for _ in range(250):
            raise_alert(world)
            world.execute("UPDATE alerts SET business_day = date '1990-01-01' + alert_id::int")
        deliver(world, Clock())
    told = [len(json.loads(one.body)["notices"]) for one in receiver.received]
    assert told == [100, 100, 50]


def test_what_is_not_there_is_not_found(world: Connection) -> None:
    now = datetime.now(UTC)
    made = register(world, "https://hooks.example/")
    other = register(world, "https://hooks.example/")
    letter_id = endpoints.send_trial(world, other.endpoint_id, by="admin", now=now)
    with pytest.raises(NotFound):
        endpoints.send_trial(world, 999, by="admin", now=now)
    with pytest.raises(NotFound):
        endpoints.deliver_again(world, made.endpoint_id, letter_id, by="admin", now=now)
