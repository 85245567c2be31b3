"""Records, their ledger and their delivery, with a real receiver on loopback."""

import json
import multiprocessing
import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import Connection, errors

from db import export_deliveries, export_destinations, publicity
from db.export_deliveries import Batch
from db.export_destinations import NewDestination
from domain.errors import FieldRefused, IllegalTransition
from domain.export import DeliveryState, ExportForm
from domain.publicity import TakenOffWhy
from supervision.exports import destinations
from supervision.exports.delivering import DeliveringExports
from supervision.notices.addresses import BadAddress
from supervision.notices.retrying import Outcome
from tests.export_acts import (
    BOTH,
    CREDIT,
    OPEN,
    SHIPPED,
    Clock,
    by,
    lines,
    penalise,
    record,
    register,
)
from tests.export_rig import Exporting
from tests.notice_rig import clerk_connection
from tests.web_world import HERE, furnish
from tests.webhook_receiver import receiving


@pytest.fixture
def world(database_url: str) -> Iterator[Connection]:
    with clerk_connection(database_url) as conn:
        furnish(conn)
        yield conn


def test_every_version_is_delivered_once_signed_and_accepted(world: Connection) -> None:
    penalise(world)
    record(world)
    with receiving() as receiver:
        register(world, receiver.url, forms=BOTH, market_ids=(HERE,))
        duty = Exporting(OPEN)
        for _ in range(3):
            duty.run_once(world, datetime.now(UTC))
        assert len(receiver.received) == 2
        for one in receiver.received:
            sent = json.loads(one.body)
            assert one.headers["idempotency-key"] == sent["batch"] == one.headers["webhook-id"]
            assert "webhook-signature" in one.headers
            assert {record["market_id"] for record in sent["records"]} == {HERE}
    assert {one.state for one in lines(world)} == {DeliveryState.ACCEPTED}
    with pytest.raises(errors.UniqueViolation):
        world.execute(
            "INSERT INTO export_deliveries SELECT destination_id, revision, form, record_id, version, batch_id, state"
            " FROM export_deliveries LIMIT 1"
        )


def test_what_is_not_taken_is_sent_again_with_the_same_key_and_given_up_and_sent_again_by_a_person(
    world: Connection,
) -> None:
    record(world)
    clock = Clock()
    duty = Exporting(OPEN, clock=clock, chance=lambda: 0.5)
    with receiving(status=503) as receiver:
        register(world, receiver.url)
        for _ in range(4):
            duty.run_once(world, clock())
            clock.ahead += timedelta(minutes=1)
        assert len({one.headers["idempotency-key"] for one in receiver.received}) == 1
        assert len({one.body for one in receiver.received}) == 1
        assert len(receiver.received) == OPEN.retry.attempts
        given_up = lines(world)[0]
        assert given_up.state is DeliveryState.GIVEN_UP
        with pytest.raises(FieldRefused):
            destinations.send_again(world, given_up.batch_id, " ", by=by())
        receiver.status = 200
        again = destinations.send_again(world, given_up.batch_id, "their server is back", by=by())
        duty.run_once(world, clock())
        assert again == given_up.batch_id
        assert len({one.headers["idempotency-key"] for one in receiver.received}) == 1
    assert {one.state for one in lines(world)} == {DeliveryState.ACCEPTED}
    with pytest.raises(IllegalTransition):
        destinations.send_again(world, given_up.batch_id, "once more", by=by())
    tried = export_deliveries.attempts(world, given_up.batch_id)
    assert [one.status for one in tried] == [503, 503, 200]
    assert export_destinations.steps(world, given_up.destination_id)[0].note == "their server is back"


def test_a_batch_that_is_refused_goes_again_under_another_key(world: Connection) -> None:
    record(world)
    with receiving(status=422) as receiver:
        register(world, receiver.url)
        duty = Exporting(OPEN)
        duty.run_once(world, datetime.now(UTC))
        refused = lines(world, DeliveryState.REFUSED)
        assert len(refused) == 2
        assert "422" in refused[0].answer
        receiver.status = 200
        again = destinations.send_again(world, refused[0].batch_id, "their form was mended", by=by())
        duty.run_once(world, datetime.now(UTC))
        assert again != refused[0].batch_id
        assert len({one.headers["idempotency-key"] for one in receiver.received}) == 2
    assert {(one.state, one.batch_id) for one in lines(world)} == {(DeliveryState.ACCEPTED, again)}


def test_a_reason_that_no_database_takes_is_kept_without_what_it_does_not_take(world: Connection) -> None:
    record(world)
    with receiving() as receiver:
        refused = [{"record_id": "first/V001", "version": 1, "reason": "no\0such\ud800vendor"}]
        receiver.said = json.dumps({"refused": refused})
        register(world, receiver.url, market_ids=(HERE,))
        Exporting(OPEN).run_once(world, datetime.now(UTC))
    (line,) = lines(world)
    assert (line.state, line.answer) == (DeliveryState.REFUSED, "no such vendor")


def test_what_cannot_be_noted_of_one_receiver_keeps_no_others_answer_from_being(world: Connection) -> None:
    class Failing(DeliveringExports):
        def _settle(self, conn: Connection, batch: Batch, outcome: Outcome) -> None:
            if batch.destination_id == first.destination_id:
                raise ValueError("cannot be noted")
            super()._settle(conn, batch, outcome)

    record(world)
    with receiving() as receiver:
        first = register(world, receiver.url, market_ids=(HERE,))
        register(world, receiver.url, market_ids=(HERE,), name="另一平台")
        duty = Exporting(OPEN, courier=Failing)
        with pytest.raises(ValueError, match="cannot be noted"):
            duty.run_once(world, datetime.now(UTC))
        duty.run_once(world, datetime.now(UTC))
    states = {one.destination_id: one.state for one in lines(world)}
    assert list(states.values()).count(DeliveryState.ACCEPTED) == 1
    assert states[first.destination_id] is DeliveryState.WAITING


def test_no_answer_is_no_acceptance(world: Connection) -> None:
    record(world)
    with receiving("silent") as receiver:
        register(world, receiver.url)
        Exporting(OPEN).run_once(world, datetime.now(UTC))
    line = lines(world)[0]
    assert line.state is DeliveryState.WAITING
    (tried,) = export_deliveries.attempts(world, line.batch_id)
    assert (tried.status, tried.error) == (None, "no answer within 1 s")


def _send_and_die(database_url: str) -> None:
    """Killed once the receiver has the batch, and before it is written down that it has."""

    class Dying(DeliveringExports):
        def _settle(self, *_: object) -> None:
            os.kill(os.getpid(), signal.SIGKILL)

    with psycopg.connect(database_url, autocommit=True) as conn:
        Exporting(OPEN, courier=Dying).run_once(conn, datetime.now(UTC))


def test_a_clerk_that_is_killed_between_sending_and_noting_loses_nothing_and_makes_no_other_key(
    world: Connection, database_url: str
) -> None:
    record(world)
    with receiving() as receiver:
        register(world, receiver.url)
        process = multiprocessing.get_context("spawn").Process(target=_send_and_die, args=(database_url,))
        process.start()
        process.join(60)
        assert process.exitcode == -signal.SIGKILL
        assert {one.state for one in lines(world)} == {DeliveryState.WAITING}
        clock = Clock()
        duty = Exporting(OPEN, clock=clock)
        duty.run_once(world, clock())
        assert len(receiver.received) == 1  # it is still leased
        clock.ahead = OPEN.lease + timedelta(seconds=1)
        duty.run_once(world, clock())
        first, second = receiver.received
    assert first.body == second.body
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert {one.state for one in lines(world)} == {DeliveryState.ACCEPTED}
    tried = export_deliveries.attempts(world, lines(world)[0].batch_id)
    assert [one.answered_at is None for one in tried] == [True, False]


def test_a_removal_never_overtakes_what_it_removes(world: Connection) -> None:
    entry_id = penalise(world)
    record(world)
    clock = Clock()
    duty = Exporting(OPEN, clock=clock, chance=lambda: 0.5)
    with receiving() as receiver:
        receiver.statuses = [503]
        register(world, receiver.url, forms=frozenset({ExportForm.PENALTY}))
        duty.run_once(world, clock())
        publicity.take_off(world, entry_id, TakenOffWhy.REVOKED, clock())
        record(world)
        duty.run_once(world, clock())
        come_back = duty.run_once(world, clock())
        assert len(receiver.received) == 1
        # The second batch is due, but not before the first: a clerk that came back for it would spin.
        assert come_back is not None
        assert come_back > clock() + timedelta(seconds=5)
        clock.ahead = timedelta(minutes=1)
        for _ in range(2):
            duty.run_once(world, clock())
        versions = [json.loads(one.body)["records"][0]["version"] for one in receiver.received]
    assert versions == [1, 1, 2]


def test_a_destination_that_is_off_gets_nothing_and_goes_on_where_it_stopped(world: Connection) -> None:
    record(world)
    with receiving() as receiver:
        made_one = register(world, receiver.url)
        destinations.switch_off(world, made_one.destination_id, "maintenance", by=by())
        Exporting(OPEN).run_once(world, datetime.now(UTC))
        assert receiver.received == []
        destinations.switch_on(world, made_one.destination_id, by=by())
        Exporting(OPEN).run_once(world, datetime.now(UTC))
        assert len(receiver.received) == 1
        with pytest.raises(IllegalTransition):
            destinations.switch_on(world, made_one.destination_id, by=by())


def test_a_destination_that_cannot_be_used_is_refused(world: Connection) -> None:
    wrong: list[tuple[dict[str, Any], type[Exception]]] = [
        ({"url": "http://127.0.0.1/"}, BadAddress),
        ({"url": "ftp://example.com/"}, BadAddress),
        ({"name": " "}, FieldRefused),
        ({"forms": frozenset()}, FieldRefused),
        ({"market_ids": ("nowhere",)}, FieldRefused),
    ]
    for changed, error in wrong:
        values: dict[str, Any] = {"name": "x", "url": "https://example.com/", "forms": CREDIT, **changed}
        with pytest.raises(error) as refused:
            destinations.register(world, NewDestination(**values), SHIPPED, by=by())
        assert ("policy/exports.toml" in str(refused.value)) == (changed == wrong[0][0])
    assert export_destinations.destinations(world) == []
