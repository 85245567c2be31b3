"""What an agent has seen, over all of its scales."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from edge_agent.desk import Desk


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentStats:
    """What an agent has seen since it started; logged when it stops."""

    readings: int
    orders_keyed: int
    weighings: int
    displays_missed: int
    garbage: dict[str, int]


def sum_up(desks: Collection[Desk]) -> AgentStats:
    """Return the sums over all desks."""
    counters = [desk.station.counters for desk in desks]
    return AgentStats(
        readings=sum(counter.readings for counter in counters),
        orders_keyed=sum(counter.orders_keyed for counter in counters),
        weighings=sum(counter.weighings for counter in counters),
        displays_missed=sum(desk.displays_missed for desk in desks),
        garbage=dict(sum((counter.garbage for counter in counters), start=Counter[str]())),
    )
