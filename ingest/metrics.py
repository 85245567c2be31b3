"""What a worker tells Prometheus. Counted by the batch: nothing is done for each weighing.

Names follow Prometheus (units in the name, `_total` for counters); deploy/grafana/ingest.json draws them.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector

from domain.quarantine import ReplayOutcome
from ingest.batch import Taken
from pricing.rules_of_columns import Whole

_BATCH_MESSAGES: Final = (1, 5, 20, 100, 500, 2000, 5000)
_COMMIT_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
#: An agent that was offline for days brings old weighings: the last bounds are an hour, a day, a month.
_LAG_S: Final = (0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 5, 30, 300, 3600, 86_400, 2_592_000)
_US_IN_A_S: Final = 1_000_000
#: Registered devices that quarantine is counted for by themselves; names that nobody registered are not told apart.
_MOST_DEVICES: Final = 10_000


#: How many messages are held by reason and registered scale; None: of all others together.
Held = Mapping[tuple[str, str | None], int]
_OTHERS: Final = "other"


class Observer(Protocol):
    """Who is told what a worker does."""

    def committed(self, messages: int, taken: Taken, commit_s: float, now_us: int) -> None:
        """A batch of `messages` was committed at `now_us` (microseconds since 1970), and it took so long."""
        ...

    def refused(self) -> None:
        """The database did not take a batch; it is tried again."""
        ...

    def replayed(self, outcome: ReplayOutcome) -> None:
        """A held message was read again."""
        ...

    def holds(self, held: Held) -> None:
        """So many are held now, everywhere; empty: somebody else tells of it."""
        ...


class Unobserved:
    """Nobody is told."""

    def committed(self, messages: int, taken: Taken, commit_s: float, now_us: int) -> None:
        """See Observer."""

    def refused(self) -> None:
        """See Observer."""

    def replayed(self, outcome: ReplayOutcome) -> None:
        """See Observer."""

    def holds(self, held: Held) -> None:
        """See Observer."""


class IngestMetrics:
    """An observer with a registry of its own. `queue_depth`: how many messages wait to be committed."""

    def __init__(self, queue_depth: Callable[[], int], is_subscribed: Callable[[], bool]) -> None:
        self.registry = CollectorRegistry()
        self._messages = self._counter("messages", "MQTT messages that were committed and acknowledged")
        self._stored = self._counter("weighings_stored", "Weighings that were new and are stored")
        self._redelivered = self._counter("weighings_redelivered", "Weighings that were known already")
        self._events = self._counter("events_stored", "Device events that were new and are stored")
        self._checkpoints = self._counter("checkpoints_stored", "Checkpoints that were new and are stored")
        self._alerted = self._counter("leads", "Alerts that a batch opened or added to")
        self._retries = self._counter("commit_retries", "Batches that the database did not take at once")
        self._verdicts = self._counter("verdicts", "Judgements of declared prices", "verdict")
        self._at_arrival = self._counter("judged_at_arrival", "Weighings whose clock was not to be believed")
        self._held = self._counter("quarantined", "Messages and weighings held", "reason", "scale_id")
        self._replayed = self._counter("replayed", "Held messages read again", "outcome")
        self._holds = Gauge(
            "steelyard_ingest_held",
            "Messages in quarantine now, of all workers; one worker tells of it",
            ("reason", "scale_id"),
            registry=self.registry,
        )
        self._batch = Histogram(
            "steelyard_ingest_batch_messages", "Messages a batch", buckets=_BATCH_MESSAGES, registry=self.registry
        )
        self._commit = Histogram(
            "steelyard_ingest_commit_seconds",
            "From a batch that is read to its commit",
            buckets=_COMMIT_S,
            registry=self.registry,
        )
        self._lag = _LagHistogram("steelyard_ingest_lag_seconds", "From a weighing to its commit, by the scale's clock")
        self.registry.register(self._lag)
        self._devices: set[str] = set()
        for name, help_text, value in (
            ("steelyard_ingest_queue_depth", "Messages that wait to be committed", lambda: float(queue_depth())),
            (
                "steelyard_ingest_connected",
                "1 while the broker sends us what comes",
                lambda: float(is_subscribed()),
            ),
        ):
            Gauge(name, help_text, registry=self.registry).set_function(value)

    def committed(self, messages: int, taken: Taken, commit_s: float, now_us: int) -> None:
        """Count a batch."""
        self._messages.inc(messages)
        self._stored.inc(taken.stored)
        self._redelivered.inc(taken.redelivered)
        self._events.inc(taken.events)
        self._checkpoints.inc(taken.checkpoints)
        self._alerted.inc(taken.alerts)
        self._at_arrival.inc(taken.at_arrival)
        self._batch.observe(messages)
        self._commit.observe(commit_s)
        for verdict, count in taken.verdicts.items():
            self._verdicts.labels(verdict).inc(count)
        for (reason, scale_id), count in taken.held_for.items():
            self._held.labels(reason, self._device(scale_id)).inc(count)
        for weighed_us in taken.weighed_us:
            self._lag.add(now_us - weighed_us)

    def refused(self) -> None:
        """Count a batch that is tried again."""
        self._retries.inc()

    def replayed(self, outcome: ReplayOutcome) -> None:
        """Count a held message that was read again."""
        self._replayed.labels(outcome.value).inc()

    def holds(self, held: Held) -> None:
        """Say how many are held, and nothing of what none is held of any more."""
        self._holds.clear()
        for (reason, scale_id), messages in held.items():
            if messages:
                self._holds.labels(reason, _OTHERS if scale_id is None else scale_id).set(messages)

    def _counter(self, name: str, help_text: str, *labels: str) -> Counter:
        return Counter(f"steelyard_ingest_{name}", help_text, labels, registry=self.registry)

    def _device(self, scale_id: str | None) -> str:
        if scale_id is None:
            return ""
        if scale_id not in self._devices and len(self._devices) >= _MOST_DEVICES:
            return "other"
        self._devices.add(scale_id)
        return scale_id


class _LagHistogram(Collector):
    """A histogram that takes ten thousand values as quickly as one."""

    def __init__(self, name: str, help_text: str) -> None:
        self._name, self._help = name, help_text
        self._bounds_us = np.array([round(bound * _US_IN_A_S) for bound in _LAG_S], np.int64)
        self._counts: NDArray[np.int64] = np.zeros(len(_LAG_S) + 1, np.int64)
        self._sum_us = 0

    def add(self, lags_us: Whole) -> None:
        """Count values in microseconds; a clock that is ahead makes a lag of nothing."""
        positive = np.maximum(lags_us, 0)
        places = np.searchsorted(self._bounds_us, positive, side="left")
        self._counts += np.bincount(places, minlength=len(self._counts))
        self._sum_us += int(positive.sum())

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """Yield it as Prometheus has it: each bucket with all below it."""
        totals = np.cumsum(self._counts).tolist()
        names = [*(str(float(bound)) for bound in _LAG_S), "+Inf"]
        family = HistogramMetricFamily(self._name, self._help)
        family.add_metric([], list(zip(names, totals, strict=True)), self._sum_us / _US_IN_A_S)
        yield family
