"""A whole market in one process: every stall's scale sends its frames, every sale goes into the truth file."""

import heapq
import selectors
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from simulators.market.agent_configs import write_agent_configs
from simulators.market.incidents import Breakdown, Incident, Incidents
from simulators.market.ledger import Ledger, MarketSummary
from simulators.market.pitches import Pitch, open_pitches
from simulators.market.plan import MarketPlan, StallRecord, market_registry
from simulators.market.selling import Stage
from simulators.market.truth import Sale, TruthFile

__all__ = ["MarketPlan", "MarketSummary", "StallRecord", "market_registry", "run", "write_agent_configs"]

_LONGEST_TICK_S = 0.02


class _Market:
    def __init__(self, plan: MarketPlan, truth: TruthFile, on_sale: Callable[[Sale], None] | None) -> None:
        self._plan = plan
        self._pitches = open_pitches(plan)
        for pitch in self._pitches:
            # By its time an agent tells a sale from one that is told again: two days of a seed are not the same sales.
            pitch.rig.device.scale.clock_begins = datetime.now(UTC)
        self._ledger = Ledger(plan, truth, on_sale)
        self._selector = selectors.DefaultSelector()
        self._watched: dict[str, int] = {}  # by scale_id: the keypad's file descriptor
        self._incidents = Incidents(plan.seed, plan.stalls, plan.breakdown_every_s, plan.rotate_every_s)
        self._pending: list[Incident] = []
        self._started = 0.0

    def run(self, stop: threading.Event) -> MarketSummary:
        self._started = started = time.monotonic()
        interval_s = min(_LONGEST_TICK_S, self._plan.frame_interval_s / 3)
        # Real scales are not in step: the stalls are spread over the interval.
        due = [(started + interval_s * n / len(self._pitches), n) for n in range(len(self._pitches))]
        while not stop.is_set() and not all(pitch.stall.is_done for pitch in self._pitches):
            due_at, n = due[0]
            now = time.monotonic()
            if now >= due_at:
                self._tick(self._pitches[n])
                heapq.heapreplace(due, (max(due_at + interval_s, now), n))
            self._let_happen()
            for key, _events in self._selector.select(max(0.0, due[0][0] - time.monotonic())):
                self._listen(key.data)
        return self._ledger.summary(time.monotonic() - started)

    def close(self) -> None:
        for pitch in self._pitches:
            pitch.rig.close()
        self._selector.close()

    def _now(self) -> float:
        """The stalls' clock: life's, or a quicker one."""
        return (time.monotonic() - self._started) * self._plan.pace

    def _market_s(self) -> float:
        day = self._plan.day
        elapsed_s = time.monotonic() - self._started
        return elapsed_s if day is None else elapsed_s * day.speed

    def _tick(self, pitch: Pitch) -> None:
        self._listen(pitch)
        now, rig = self._now(), pitch.rig
        begun = rig.begin(now)
        # The stall first: what it does is older than what the scale is asked or says, also after a moment of no time.
        tick = pitch.stall.tick(rig.worked, now, attached=rig.is_attached())
        answers = rig.device.hear(rig.scale.receive(), now)
        if tick.keys:
            rig.keypad.send(tick.keys)
        for data in (begun, tick.line, answers, rig.device.tick(now)):
            if data:
                rig.scale.send(data)
        for sold in tick.sold:
            self._ledger.note_sold(pitch, sold, self._market_s())
        self._watch(pitch)

    def _listen(self, pitch: Pitch) -> None:
        sold = pitch.stall.hear(pitch.rig.worked, pitch.rig.keypad.receive(), self._now())
        if sold is not None:
            self._ledger.note_sold(pitch, sold, self._market_s())
        self._watch(pitch)

    def _watch(self, pitch: Pitch) -> None:
        """Watch the displays that are about to show something; the others are listened to at every tick."""
        fd = pitch.rig.keypad.fileno() if pitch.stall.stage is Stage.HOLDING else -1
        watched = self._watched.get(pitch.rig.scale_id, -1)
        if fd == watched:
            return
        if watched != -1:
            self._selector.unregister(watched)
        if fd != -1:
            self._selector.register(fd, selectors.EVENT_READ, pitch)
        self._watched[pitch.rig.scale_id] = fd

    def _let_happen(self) -> None:
        """Have what is due happen, each as soon as the stalls it concerns are between two customers."""
        self._pending += self._incidents.due(self._market_s())
        self._pending = [incident for incident in self._pending if not self._has_happened(incident)]

    def _has_happened(self, incident: Incident) -> bool:
        numbers = (incident.stall,) if isinstance(incident, Breakdown) else incident.stalls
        pitches = [self._pitches[number] for number in numbers]
        for pitch in pitches:
            pitch.stall.is_held = True
        if any(pitch.stall.stage is not Stage.WAITING for pitch in pitches):
            return False
        if isinstance(incident, Breakdown):
            return self._break_down(pitches[0], incident)
        if any(pitch.broken_until is not None for pitch in pitches):
            return False
        self._rotate(*pitches)
        for pitch in pitches:
            pitch.stall.is_held = False
        return True

    def _break_down(self, pitch: Pitch, breakdown: Breakdown) -> bool:
        """Begin it, or say that it is over; the stall does not sell meanwhile."""
        now, faults = self._now(), pitch.rig.device.faults
        if pitch.broken_until is None:
            day = self._plan.day
            lasts_s = (breakdown.fault.lasts_s or 0.0) * self._plan.pace / (1.0 if day is None else day.speed)
            pitch.broken_until = now + lasts_s
            faults.order(replace(breakdown.fault, lasts_s=lasts_s), now)
            self._ledger.note_breakdown(pitch, breakdown, self._market_s())
        if now < pitch.broken_until:
            return False
        pitch.broken_until, pitch.stall.is_held = None, False
        return True

    def _rotate(self, one: Pitch, other: Pitch) -> None:
        one.rig, other.rig = other.rig, one.rig
        self._ledger.note_rotation((one, other), self._market_s())


def run(plan: MarketPlan, stop: threading.Event, on_sale: Callable[[Sale], None] | None = None) -> MarketSummary:
    """Run a market until its sales are made or `stop` is set. `on_sale` is called for each sale, in this thread.

    The first sale of a stall waits for an agent on its lines. Raise BadFile where the goods or caps cannot be used.
    """
    with TruthFile(plan.truth) as truth:
        market = _Market(plan, truth, on_sale)
        try:
            return market.run(stop)
        finally:
            market.close()
