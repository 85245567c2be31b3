"""Couriers beside each other: a receiver that is slow holds up nobody else."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import msgspec
import pytest
from psycopg import Connection

from db import export_deliveries
from domain.export import DeliveryState
from steelyard.clerk.clerk import Clerk
from supervision.duties import Duty
from supervision.exports.delivering import DeliveringExports
from supervision.exports.filling import FillingLedgers
from tests.export_acts import OPEN, charge, record, register
from tests.notice_rig import clerk_connection
from tests.waiting import wait_until
from tests.web_world import HERE, furnish
from tests.webhook_receiver import receiving

#: Longer than any of these tests: what a silent receiver holds up is held up until the receiver lets go.
PATIENT = msgspec.structs.replace(OPEN, timeout_s=600)


@pytest.fixture
def world(database_url: str) -> Iterator[Connection]:
    with clerk_connection(database_url) as conn:
        furnish(conn)
        record(conn)
        yield conn


@contextmanager
def at_work(database_url: str, duties: Sequence[Duty], let_go: Callable[[], None]) -> Iterator[None]:
    """A clerk that does these duties; what receivers still hold is let go before it is stopped."""
    stop = threading.Event()
    thread = threading.Thread(target=Clerk(database_url, duties, stop).run)
    thread.start()
    try:
        yield
    finally:
        let_go()
        stop.set()
        thread.join(60)


def accepted(conn: Connection, destination_id: int) -> int:
    state = DeliveryState.ACCEPTED
    return len(export_deliveries.ledger(conn, destination_id=destination_id, state=state, before=2**62, limit=100))


def test_a_receiver_that_does_not_answer_holds_up_nobody_else(world: Connection, database_url: str) -> None:
    duties: list[Duty] = [FillingLedgers(PATIENT), *(DeliveringExports(PATIENT, number) for number in (1, 2))]
    with receiving("silent") as slow, receiving() as quick:
        held = register(world, slow.url, market_ids=(HERE,), name="慢")
        free = register(world, quick.url, market_ids=(HERE,), name="快")

        def wait_for_the_quick_one(count: int) -> None:
            wait_until(lambda: accepted(world, free.destination_id) == count, what="the quick one has it")

        with at_work(database_url, duties, slow.released.set):
            wait_until(lambda: slow.received, what="the slow one is sent to")
            for count in (1, 2, 3):
                wait_for_the_quick_one(count)
                charge(world)
                record(world)
            # All that while one request is under way: its receiver has it, and has said nothing.
            assert len(slow.received) == 1
            lines = export_deliveries.ledger(
                world, destination_id=held.destination_id, state=None, before=2**62, limit=100
            )
            (tried,) = export_deliveries.attempts(world, lines[-1].batch_id)
            assert (tried.attempt, tried.answered_at) == (1, None)
            assert accepted(world, held.destination_id) == 0
