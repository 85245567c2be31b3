"""A fleet: thousands of scales on a few MQTT connections, at a rate, with connection storms to order."""

import math
import random
import selectors
import socket
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from domain.errors import Unavailable
from simulators.fleet.fleet_connection import FleetBroker, FleetConnection, FleetTally
from simulators.fleet.fleet_plan import FleetPlan, FleetSummary
from simulators.fleet.fleet_receipts import FleetReceipts
from simulators.fleet.fleet_scales import make_fleet, write_fleet_truth
from simulators.market.goods import MarketGoods

_TICK_S: Final = 0.005
_RETRY_S: Final = 1.0
_MOST_AT_ONCE: Final = 200  # messages, before it is looked at what has come


class _Run:
    def __init__(self, plan: FleetPlan, broker: FleetBroker, goods: Sequence[MarketGoods]) -> None:
        run_id = f"fleet-{time.time_ns():x}"
        self.plan, self.tally, self.receipts = plan, FleetTally(), FleetReceipts()
        self.fleet = make_fleet(plan.market_id, plan.scales, plan.seed, run_id, goods, plan.batch)
        self.storms = 0
        self._rng = random.Random(f"{plan.seed}/storms")  # noqa: S311 - a simulation
        self._selector = selectors.DefaultSelector()
        self._watched: dict[FleetConnection, socket.socket] = {}
        self._tend_at = self._look_at = 0.0
        heard = (f"steelyard/v1/{plan.market_id}/+/receipts",) if plan.waits_for_receipts else ()
        self.connections = [
            FleetConnection(broker, f"{run_id}-{n}", self.tally, heard if n == 0 else (), self._hear)
            for n in range(plan.connections)
        ]
        self._by_scale = {
            scale.scale_id: self.connections[n % plan.connections] for n, scale in enumerate(self.fleet.scales)
        }

    def connect(self, stop: threading.Event) -> None:
        """Wait until every connection stands. Raise Unavailable where one does not."""
        deadline = time.monotonic() + self.plan.connect_s
        while not stop.is_set() and not all(connection.is_up for connection in self.connections):
            self.carry()
            if time.monotonic() > deadline:
                up = sum(connection.is_up for connection in self.connections)
                raise Unavailable(
                    f"{up} of {self.plan.connections} connections stand after {self.plan.connect_s:.0f} s"
                )

    def weigh(self, stop: threading.Event) -> float:
        """Weigh at the plan's rate to the plan's end, and return how long it took."""
        plan, started = self.plan, time.monotonic()
        next_storm = started + plan.storm_every_s if plan.storm_every_s else None
        while not stop.is_set():
            now = time.monotonic()
            elapsed_s = now - started
            self._send_due(plan.due(elapsed_s))
            if self.fleet.made == plan.weighings or elapsed_s >= (plan.seconds or math.inf):
                break
            if next_storm is not None and now >= next_storm:
                self._storm(now)
                next_storm = now + (plan.storm_every_s or 0.0)
            self.carry()
        return time.monotonic() - started

    def settle(self, stop: threading.Event) -> None:
        """Wait for the last answers."""
        deadline = time.monotonic() + self.plan.settle_s
        while not stop.is_set() and self.unanswered() and time.monotonic() < deadline:
            self.carry()

    def unanswered(self) -> int:
        """How many weighings lack what the plan waits for."""
        answered = self.receipts.receipted if self.plan.waits_for_receipts else self.tally.acked
        return self.fleet.made - answered

    def carry(self) -> None:
        """Carry bytes both ways, and connect whoever is due to."""
        now = time.monotonic()
        if now >= self._tend_at:
            self._tend_at = now + _TICK_S
            for connection in self.connections:
                if connection.socket() is None and now >= connection.connect_at:
                    self._connect(connection, now)
                connection.tend()
            self._send_overdue(now)
        self._watch()
        for key, _events in self._selector.select(_TICK_S):
            key.data.read()

    def _watch(self) -> None:
        """Watch the sockets there are. A new one may have the number of an old one, so the object is compared."""
        changed = [
            connection for connection in self.connections if connection.socket() is not self._watched.get(connection)
        ]
        for connection in changed:
            old = self._watched.pop(connection, None)
            if old is not None:
                self._selector.unregister(old)
        for connection in changed:
            new = connection.socket()
            if new is not None:
                self._selector.register(new, selectors.EVENT_READ, connection)
                self._watched[connection] = new

    def close(self) -> None:
        """End every connection in order."""
        for connection in self.connections:
            connection.close()
        self._selector.close()

    def _connect(self, connection: FleetConnection, now: float) -> None:
        if not connection.open():
            connection.connect_at = now + _RETRY_S * self._rng.uniform(0.5, 1.5)

    def _send_due(self, due: int) -> None:
        """A rate that the windows do not let through is caught up with later: what is reached shows in the summary."""
        for _ in range(_MOST_AT_ONCE):
            if self.fleet.made >= due:
                return
            scale = self.fleet.next_scale
            connection = self._by_scale[scale.scale_id]
            if connection.unacked >= self.plan.window:
                return
            message = self.fleet.next_message(datetime.now(UTC), due - self.fleet.made)
            if self.plan.waits_for_receipts:
                self.receipts.expect(message, time.monotonic())
            connection.publish(message)

    def _hear(self, payload: bytes) -> None:
        self.receipts.hear(payload, time.monotonic())

    def _send_overdue(self, now: float) -> None:
        """As an agent does: what the service has not receipted, the broker may have lost."""
        if now < self._look_at:
            return
        self._look_at = now + 1.0
        for message, sent_at in self.receipts.overdue(now, self.plan.resend_after_s, self.plan.resend_ceiling_s):
            self.tally.sent_again += 1
            self._by_scale[message.scale.scale_id].publish(message, sent_at)

    def _storm(self, now: float) -> None:
        self.storms += 1
        for connection in self.connections:
            connection.drop()
            connection.connect_at = now + self._rng.uniform(0.0, self.plan.storm_jitter_s)


def run_fleet(
    plan: FleetPlan, broker: FleetBroker, goods: Sequence[MarketGoods], stop: threading.Event
) -> FleetSummary:
    """Run a fleet to its end or until `stop` is set, and write its truth. Raise Unavailable where no broker answers."""
    running = _Run(plan, broker, goods)
    try:
        running.connect(stop)
        seconds = running.weigh(stop)
        running.settle(stop)
    finally:
        running.close()
        write_fleet_truth(running.fleet, plan.truth)
    return _summary(running, seconds)


def _summary(running: _Run, seconds: float) -> FleetSummary:
    tally, receipts, made = running.tally, running.receipts, running.fleet.made
    return FleetSummary(
        weighings=made,
        seconds=round(seconds, 3),
        rate=round(made / seconds, 1) if seconds else 0.0,
        acked=tally.acked,
        refused=tally.refused,
        receipted=receipts.receipted,
        unanswered=running.unanswered(),
        sent_again=tally.sent_again,
        connects=tally.connects,
        failed_connects=tally.failed_connects,
        storms=running.storms,
        ack_ms=_percentiles(tally.ack_s),
        receipt_ms=_percentiles(receipts.latencies_s),
        bad_receipts=receipts.bad,
        is_complete=running.unanswered() == 0,
    )


def _percentiles(latencies_s: list[float]) -> dict[str, float]:
    ordered = sorted(latencies_s)
    if not ordered:
        return {}
    return {
        f"p{percent}": round(1000 * ordered[min(len(ordered) - 1, len(ordered) * percent // 100)], 2)
        for percent in (50, 99)
    }
