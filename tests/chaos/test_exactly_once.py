"""Random faults at random moments, with a broker that forgets and with one that remembers."""

import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from domain.alert_step import AlertAction
from tests.alert_acts import REGULATOR, act
from tests.brokers import Mosquitto, RealBroker
from tests.chaos.faults import plan
from tests.chaos.oracle import check, ledger
from tests.chaos.rig import Broker, Rig, running_rig
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(6 * 3600)
_STALLED_S = 180.0
#: Mosquitto writes all that it keeps each time: after every change, a backlog of 10 MB left it 20 messages a second.
#: What it forgets of the last ones when it is killed, the agents still have.
_CHANGES_WRITTEN = 100


@pytest.mark.parametrize(
    "remembers",
    [
        pytest.param(False, id="broker forgets"),
        pytest.param(True, id="broker remembers", marks=pytest.mark.mosquitto),
    ],
)
def test_nothing_is_lost_and_nothing_counts_twice(remembers: bool, request: pytest.FixtureRequest) -> None:
    option = request.config.getoption
    weighings, count, seed = option("--chaos-weighings") // 2, option("--chaos-faults") // 2, option("--chaos-seed")
    faults = plan(seed + remembers, weighings, count)
    for one in faults:
        print(f"at {one.at_stored} stored: {one.fault} ({one.choice})")
    with ExitStack() as stack:
        broker: Broker = RealBroker()
        if remembers:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="steelyard-mosquitto-")))
            broker = Mosquitto(folder, written_after=_CHANGES_WRITTEN)
        rig = stack.enter_context(running_rig(broker, weighings, session_expiry_s=60 if remembers else 0))
        started = time.monotonic()
        before = confirm_one(rig)
        for one in faults:
            wait_until_stored(rig, one.at_stored)
            rig.do(one.fault, one.choice)
        for agent in rig.agents:
            wait_until(lambda agent=agent: agent.poll() is not None, what="all is receipted", within_s=_STALLED_S)  # type: ignore[misc]
        assert [agent.returncode for agent in rig.agents] == [0, 0]
        print(f"{weighings} weighings through {count} faults in {time.monotonic() - started:.0f} s")
        assert len(rig.recorded()) == weighings
        check(rig, before)


def confirm_one(rig: Rig) -> list[tuple[object, ...]]:
    """Confirm the first alert, so that there is a ledger that redeliveries must not change; return the ledger."""

    def confirmed() -> bool:
        with psycopg.connect(rig.database.url()) as conn:
            row = conn.execute("SELECT alert_id FROM alerts WHERE state = 'open' LIMIT 1").fetchone()
            if row is None:
                return False
            act(conn, row[0], AlertAction.CONFIRM, by=REGULATOR, now=datetime.now(UTC))
            return True

    wait_until(confirmed, what="an alert to confirm", within_s=60, every_s=0.2)
    with psycopg.connect(rig.database.url()) as conn:
        found = ledger(conn)
    assert len(found) == 1
    return found


def wait_until_stored(rig: Rig, count: int) -> None:
    """Wait for so many; as long as it takes, but not while nothing moves on."""
    last, moved_at = -1, time.monotonic()
    while (stored := rig.stored()) < count:
        if stored > last:
            last, moved_at = stored, time.monotonic()
        assert time.monotonic() - moved_at < _STALLED_S, f"stalled at {stored} of {count}"
        time.sleep(0.05)
