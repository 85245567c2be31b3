"""What is done with a destination: tried out, its secret changed, switched off and on; and each step is kept."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from psycopg import Connection

from db import export_deliveries, export_destinations, export_trials
from db.export_destinations import Destination
from domain.errors import IllegalTransition, NotFound
from domain.export import DeliveryState, DestinationAction
from supervision.alerts.handling import SYSTEM
from supervision.exports import destinations
from supervision.exports.delivering import DeliveringExports
from supervision.exports.filling import FillingLedgers
from supervision.notices.policy import Retry
from supervision.notices.signing import signature
from tests.export_acts import OPEN, Clock, by, charge, record, register
from tests.export_rig import Exporting
from tests.notice_rig import clerk_connection
from tests.web_world import furnish
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
    step, _ = export_destinations.steps(world, made.destination_id)
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
    assert len(export_destinations.steps(world, made.destination_id)) == 1


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
    step, _ = export_destinations.steps(world, made.destination_id)
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
        late = replace(by(), at=by().at + OPEN.lease + timedelta(seconds=1))
        destinations.send_trial(world, made.destination_id, OPEN, by=late)
    with pytest.raises(IllegalTransition):
        ask(world, register(world, "", name="档案室").destination_id)


DAYS = msgspec.structs.replace(
    OPEN, disabled_after_s=3 * 86_400, retry=Retry(attempts=99, first_retry_s=10, longest_retry_s=10)
)


def found(conn: Connection, destination_id: int) -> Destination:
    return export_destinations.destinations(conn, destination_id)[0]


def told(conn: Connection) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in conn.execute("SELECT kind, note FROM happenings ORDER BY happening_id")]


def test_a_destination_that_takes_nothing_for_long_is_switched_off_told_of_and_goes_on_when_switched_on(
    world: Connection,
) -> None:
    clock = Clock()
    duty = Exporting(DAYS, clock=clock, chance=lambda: 0.5)
    with receiving(status=503) as receiver:
        made = register(world, receiver.url)
        duty.run_once(world, clock())
        assert found(world, made.destination_id).failing_since is not None
        clock.ahead = timedelta(days=2, hours=23)
        duty.run_once(world, clock())
        assert (found(world, made.destination_id).disabled_at, told(world)) == (None, [])
        clock.ahead = timedelta(days=3, minutes=1)
        duty.run_once(world, clock())
        off = found(world, made.destination_id)
        assert off.disabled_at is not None
        assert off.disabled_because.startswith("nothing taken for 72 h; last: answered 503")
        assert told(world) == [("destination_disabled", f"destination={made.destination_id}")]
        step = export_destinations.steps(world, made.destination_id)[0]
        assert (step.action, step.actor) == (DestinationAction.DISABLED, SYSTEM)
        clock.ahead = timedelta(days=4)
        duty.run_once(world, clock())
        assert len(receiver.received) == 3
        receiver.status = 200
        destinations.switch_on(world, made.destination_id, by=replace(by(), at=clock()))
        assert found(world, made.destination_id).failing_since is None
        duty.run_once(world, clock())
        assert len({one.headers["idempotency-key"] for one in receiver.received}) == 1
    lines = export_deliveries.ledger(world, destination_id=None, state=None, before=2**62, limit=10)
    assert {one.state for one in lines} == {DeliveryState.ACCEPTED}


def test_what_waits_has_all_its_attempts_before_it_once_its_destination_is_switched_on(world: Connection) -> None:
    clock = Clock()
    duty = Exporting(OPEN, clock=clock, chance=lambda: 0.5)
    with receiving(status=503) as receiver:
        made = register(world, receiver.url)
        duty.run_once(world, clock())
        destinations.switch_off(world, made.destination_id, "they rebuild it", by=by())
        destinations.switch_on(world, made.destination_id, by=by())
        duty.run_once(world, clock())
    (waiting, _) = export_deliveries.ledger(world, destination_id=None, state=None, before=2**62, limit=10)
    assert (OPEN.retry.attempts, len(receiver.received), waiting.state) == (2, 2, DeliveryState.WAITING)


def test_who_says_that_nobody_is_there_any_more_is_believed_at_once_and_nothing_is_lost(world: Connection) -> None:
    with receiving(status=410) as receiver:
        made = register(world, receiver.url)
        Exporting(OPEN).run_once(world, by().at)
    assert "answered 410" in found(world, made.destination_id).disabled_because
    assert len(told(world)) == 1
    lines = export_deliveries.ledger(world, destination_id=None, state=None, before=2**62, limit=10)
    assert {one.state for one in lines} == {DeliveryState.WAITING}


@pytest.mark.parametrize("status", [200, 422])
def test_who_refuses_answers_and_is_not_failing(world: Connection, status: int) -> None:
    clock = Clock()
    duty = Exporting(DAYS, clock=clock, chance=lambda: 0.5)
    with receiving() as receiver:
        receiver.statuses = [503, status]
        made = register(world, receiver.url)
        duty.run_once(world, clock())
        clock.ahead = timedelta(days=2)
        duty.run_once(world, clock())
    assert found(world, made.destination_id).failing_since is None


def test_one_courier_sends_only_to_who_answered_the_last_time(world: Connection) -> None:
    clock = Clock()
    with receiving(status=503) as dead, receiving() as well:
        register(world, dead.url, name="无应答")
        Exporting(DAYS, clock=clock).run_once(world, clock())
        clock.ahead = timedelta(minutes=1)
        register(world, well.url, name="有应答")
        spared = DeliveringExports(DAYS, only_well=True, clock=clock)
        FillingLedgers(DAYS).run_once(world, clock())
        spared.run_once(world, clock())
        assert spared.run_once(world, clock()) is None
        assert (len(dead.received), len(well.received)) == (1, 1)
        DeliveringExports(DAYS, clock=clock).run_once(world, clock())
        assert len(dead.received) == 2


def test_the_ledger_is_read_page_by_page_without_a_gap_or_a_line_twice(world: Connection) -> None:
    with receiving() as receiver:
        for n in range(3):
            register(world, receiver.url, name=f"the same {n}")
        Exporting(OPEN).run_once(world, by().at)
    every = export_deliveries.ledger(world, destination_id=None, state=None, before=2**62, limit=100)
    assert len({one.destination_id for one in every}) == 3
    read: list[export_deliveries.Delivery] = []
    before, after = 2**62, export_deliveries.LAST
    while page := export_deliveries.ledger(world, destination_id=None, state=None, before=before, after=after, limit=2):
        read += page
        before, after = page[-1].revision, page[-1].destination_id
    assert read == every
