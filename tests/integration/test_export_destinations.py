"""What is done with a destination: its secret is changed, and each step is kept."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from psycopg import Connection

from db import export_deliveries
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
