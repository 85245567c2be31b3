"""What is known of a scale's and the agent's health, for their statuses."""

import os
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Final

from edge_agent.weighing.readings import Identity

_HOUR_S: Final = 3600.0
_EVERY_S: Final = 300.0


@dataclass(frozen=True, kw_only=True, slots=True)
class ScaleHealth:
    """A scale as the agent's loop knows it; None, or empty, where it does not."""

    port_open: bool | None = None
    identity: Identity = field(default_factory=Identity)
    last_weighing_at: datetime | None = None
    verified_until: date | None = None
    battery_percent: int | None = None
    caps_version: str = ""
    garbage_last_hour: Mapping[str, int] = field(default_factory=dict)


class LastHour:
    """How much counters that only grow have grown in the last hour, to within five minutes."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, dict[str, int]]] = deque([(float("-inf"), {})])

    def grown(self, totals: Mapping[str, int], elapsed_s: float) -> dict[str, int]:
        """Return the growth up to now. `elapsed_s`: the monotonic clock's time."""
        while len(self._seen) > 1 and self._seen[1][0] <= elapsed_s - _HOUR_S:
            self._seen.popleft()
        before = self._seen[0][1]
        if elapsed_s - self._seen[-1][0] >= _EVERY_S:
            self._seen.append((elapsed_s, dict(totals)))
        return {name: total - before.get(name, 0) for name, total in totals.items() if total > before.get(name, 0)}


def memory_kib() -> int | None:
    """Return the memory this process holds (resident, proc(5)); None where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024
