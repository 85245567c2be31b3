"""What a fleet is to do, and what it came to."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from domain.ids import MarketId

_MOST_SCALES: Final = 99_999


@dataclass(frozen=True, kw_only=True, slots=True)
class FleetPlan:
    """`rate` is weighings a second in all; it ends after `weighings` or `seconds`, whichever is given and comes first.

    `window`: messages without an acknowledgement that a connection may have. `storm_every_s`: how often all connections
    are dropped at once; each comes back within `storm_jitter_s`, at once where that is 0. `waits_for_receipts`: whether
    a weighing is through only with the service's receipt, and sent again without one after `resend_after_s`, then after
    twice that and so on up to `resend_ceiling_s`, which are an edge agent's.
    `connect_s`, `settle_s`: how long to wait for the first connections and for the last answers.
    """

    market_id: MarketId
    truth: Path
    scales: int = 10_000
    rate: float = 2000.0
    weighings: int | None = None
    seconds: float | None = 60.0
    connections: int = 64
    batch: int = 1
    window: int = 100
    storm_every_s: float | None = None
    storm_jitter_s: float = 0.0
    waits_for_receipts: bool = False
    resend_after_s: float = 10.0
    resend_ceiling_s: float = 60.0
    connect_s: float = 15.0
    settle_s: float = 60.0
    seed: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.scales <= _MOST_SCALES:
            raise ValueError(f"scales is {self.scales}; expected 1 to {_MOST_SCALES}")
        if self.weighings is None and self.seconds is None:
            raise ValueError("neither weighings nor seconds is given; expected an end")

    def due(self, elapsed_s: float) -> int:
        """Return how many weighings should have been made by now."""
        due = int(self.rate * min(elapsed_s, self.seconds or math.inf))
        return due if self.weighings is None else min(due, self.weighings)


@dataclass(frozen=True, kw_only=True, slots=True)
class FleetSummary:
    """What was made, acknowledged by the broker and receipted by the service; `rate` is what was reached.

    Latencies in milliseconds, from the first send: to the broker's acknowledgement of a message, to the receipt of a
    weighing. `is_complete`: nothing that was asked for is without its answer.
    """

    weighings: int
    seconds: float
    rate: float
    acked: int
    refused: int
    receipted: int
    unanswered: int
    sent_again: int
    connects: int
    failed_connects: int
    storms: int
    ack_ms: dict[str, float]
    receipt_ms: dict[str, float]
    bad_receipts: int
    is_complete: bool
