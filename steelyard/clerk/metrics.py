"""What a clerk tells Prometheus. Names follow Prometheus: units in the name, `_total` for counters."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram

_SECONDS: Final = (0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60)


class ClerkMetrics:
    """Counters with a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._runs = Histogram(
            "steelyard_clerk_duty_seconds",
            "How long doing a duty once took",
            ["duty"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._failures = Counter(
            "steelyard_clerk_duty_failures", "Duties that ended in an error", ["duty"], registry=self.registry
        )
        self._attempts = Counter(
            "steelyard_clerk_deliveries",
            "Attempts to deliver a letter",
            ["channel", "outcome"],
            registry=self.registry,
        )

    def done(self, duty: str, seconds: float) -> None:
        """A duty was done once."""
        self._runs.labels(duty).observe(seconds)

    def failed(self, duty: str) -> None:
        """A duty ended in an error."""
        self._failures.labels(duty).inc()

    def attempted(self, channel: str, outcome: str) -> None:
        """Somebody tried to deliver a letter; `outcome` is the state it has now."""
        self._attempts.labels(channel, outcome).inc()
