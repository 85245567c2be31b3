"""When something came: both clocks at one instant."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """`now` is the machine's clock, and `clock_synced` whether it is kept in order; `elapsed_s` the monotonic clock."""

    now: datetime
    clock_synced: bool
    elapsed_s: float
