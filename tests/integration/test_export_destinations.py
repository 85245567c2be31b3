"""What is done with a destination: it is tried out, its secret is changed, and each step is kept."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from psycopg import Connection

from db import export_deliveries, export_trials
from domain.errors import IllegalTransition, NotFound
from domain.export import DestinationAction
from supervision.exports import destinations
from supervision.notices.signing import signature
from tests.export_rig import Exporting
from tests.integration.test_exports import OPEN, Clock, by, charge, record, register
from tests.integration.test_web_world import furnish
from tests.notice_rig import clerk_connection
from tests.webhook_receiver import Received, receiving

OVERLAP = timedelta(seconds=OPEN.secret_overlap_s)


@pytest.fixture
def world(database_url: str) -> Iterator[Connection]:
    with clerk_connection(database_url) as conn:
        furnish(conn)
        record(conn)
        yield conn


def signed_by(one: Received, secret: str) -> bool:
    """Whether a request proves that who sent it knows the secret."""
    proof = signature(secret, one.headers["webhook-id"], one.headers["webhook-timestamp"], one.body)
    return proof in one.headers["webhook-signature"].split()


def test_a_changed_secret_signs_beside_the_old_one_until_the_overlap_is_over(world: Connection) -> None:
    clock = Clock()
    duty = Exporting(OPEN, clock=clock)
    with receiving() as receiver:
        made = register(world, receiver.url)
        newer = destinations.change_secret(world, made.destination_id, OPEN, by=by())
        duty.run_once(world, clock())
        charge(world)
        record(world)
        clock.ahead = OVERLAP + timedelta(seconds=1)
        duty.run_once(world, clock())
        during, after = receiver.received
    assert newer != made.secret
    assert (signed_by(during, newer), signed_by(during, made.secret)) == (True, True)
    assert (signed_by(after, newer), signed_by(after, made.secret)) == (True, False)
    step, _ = export_deliveries.steps(world, made.destination_id)
    assert (step.action, step.actor, step.note) == (DestinationAction.SECRET_CHANGED, "regulator", "")


def test_a_secret_changed_twice_ends_the_first_at_once(world: Connection) -> None:
    with receiving() as receiver:
        made = register(world, receiver.url)
        second, third = (destinations.change_secret(world, made.destination_id, OPEN, by=by()) for _ in range(2))
        Exporting(OPEN).run_once(world, by().at)
        (one,) = receiver.received
    assert [signed_by(one, secret) for secret in (made.secret, second, third)] == [False, True, True]


def test_who_takes_files_has_no_secret_to_change_and_who_is_not_there_neither(world: Connection) -> None:
    made = register(world, "")
    with pytest.raises(IllegalTransition):
        destinations.change_secret(world, made.destination_id, OPEN, by=by())
    with pytest.raises(NotFound):
        destinations.change_secret(world, 99, OPEN, by=by())
    assert len(export_deliveries.steps(world, made.destination_id)) == 1


def ask(conn: Connection, destination_id: int) -> int:
    return destinations.send_trial(conn, destination_id, OPEN, by=by())


def test_a_trial_message_holds_nothing_is_signed_and_its_answer_is_kept(world: Connection) -> None:
    with receiving() as receiver:
        made = register(world, receiver.url)
        ask(world, made.destination_id)
        Exporting(OPEN).run_once(world, by().at)
        (one,) = receiver.received
    sent, (trial,) = json.loads(one.body), export_trials.of_destination(world, made.destination_id)
    assert sent == {"batch": trial.idempotency_key, "form": "steelyard.trial/1", "records": []}
    assert one.headers["idempotency-key"] == one.headers["webhook-id"] == trial.idempotency_key
    assert signed_by(one, made.secret)
    assert (trial.status, trial.said, trial.error, trial.answered_at is None) == (200, "好的!", "", False)
    step, _ = export_deliveries.steps(world, made.destination_id)
    assert (step.action, step.note) == (DestinationAction.TESTED, trial.idempotency_key)


@pytest.mark.parametrize(
    ("behaviour", "status", "said", "error"),
    [
        ("", 503, "", "answered 503"),
        ("", 200, '{"refused": 7}', "cannot be read"),
        ("", 200, "no\0such\ud800thing".encode("utf-8", "replace").decode(), ""),
        ("silent", None, "", "no answer within 1 s"),
        ("garbage", None, "", "BadStatusLine"),
    ],
)
def test_a_trial_is_made_once_and_tells_how_the_receiver_answers(
    world: Connection, behaviour: str, status: int | None, said: str, error: str
) -> None:
    with receiving(behaviour, status=status or 200) as receiver:
        receiver.said = said
        made = register(world, receiver.url)
        destinations.switch_off(world, made.destination_id, "not yet", by=by())
        ask(world, made.destination_id)
        for _ in range(3):
            Exporting(OPEN).run_once(world, by().at)
        assert len(receiver.received) == 1
    (trial,) = export_trials.of_destination(world, made.destination_id)
    assert trial.status == status
    assert error in trial.error
    assert bool(trial.error) == bool(error)


def test_one_trial_of_a_destination_is_under_way_at_a_time_and_one_that_nobody_answered_bars_none_for_ever(
    world: Connection,
) -> None:
    with receiving() as receiver:
        made = register(world, receiver.url)
        ask(world, made.destination_id)
        with pytest.raises(IllegalTransition):
            ask(world, made.destination_id)
        # Its courier was killed once it had it: nobody knows whether it arrived.
        assert export_trials.take(world, by().at) is not None
        with pytest.raises(IllegalTransition):
            ask(world, made.destination_id)
        late = by()
        late = type(late)(username=late.username, origin=late.origin, at=late.at + OPEN.lease + timedelta(seconds=1))
        destinations.send_trial(world, made.destination_id, OPEN, by=late)
    with pytest.raises(IllegalTransition):
        ask(world, register(world, "", name="档案室").destination_id)
