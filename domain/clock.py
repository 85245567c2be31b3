"""What is known of a device's clock, out of messages that say when they were sent."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ClockReading:
    """One span of messages of a sender, and what the span before it came to.

    `ahead_ms`: the largest of sent (its clock) less received (ours), negative where none was received before it was
    sent; the message that was under way the shortest made it. `settled_ms`: the same of the span before, where that
    one was long enough to go by; else None.
    """

    since: datetime
    until: datetime
    ahead_ms: int
    settled_ms: int | None = None
