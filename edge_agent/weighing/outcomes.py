"""What a station makes of some bytes, and what it counts. Pure."""

from collections import Counter
from dataclasses import dataclass, field

from domain.device_event import DeviceEvent
from edge_agent.caps.cap_warnings import Clear, Show
from edge_agent.weighing.recording import Draft, unsendable_field


@dataclass(kw_only=True, slots=True)
class StationCounters:
    """What a station has seen since the agent started. `garbage` counts by device and reason."""

    readings: int = 0
    orders_keyed: int = 0
    weighings: int = 0
    garbage: Counter[str] = field(default_factory=Counter)

    def count(self, reason: str) -> None:
        """Count what could not be used."""
        self.garbage[reason] += 1


@dataclass(kw_only=True, slots=True)
class Outcome:
    """What some bytes came to: records for the journal, in order, device events, and warnings to show."""

    drafts: list[Draft] = field(default_factory=list)
    events: list[DeviceEvent] = field(default_factory=list)
    steps: list[Show | Clear] = field(default_factory=list)

    def record(self, sale: Draft, counters: StationCounters, *, behind: Draft | None = None) -> bool:
        """Take a sale, `behind` the void that it replaces, and say so: not one that the wire contract refuses."""
        refused = unsendable_field(sale.weighing)
        if refused is not None:
            counters.count(f"not_recorded_{refused}")
            return False
        if sale.weighing.unit_price_fen <= 0:  # it is judged as what it says, so somebody has to look after it
            counters.count("sale_without_price")
        self.drafts += [sale] if behind is None else [behind, sale]
        counters.weighings += 1
        return True
