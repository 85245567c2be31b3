"""Which faults come when: a seed gives the same ones again. Pure."""

import random
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What is done to the parts."""

    WORKER_KILLED = "worker killed"
    DATABASE_KILLED = "database killed"
    DATABASE_SLOW = "database slow"
    BROKER_KILLED = "broker killed"
    AGENT_KILLED = "agent killed"
    AGENTS_CUT = "agents' connections cut"
    AGENTS_SILENT = "agents' connections half-open"
    WORKERS_CUT = "workers' connections cut"
    WORKERS_SILENT = "workers' connections half-open"
    SENT_AGAIN = "old weighings again, out of order"


#: How often each comes, beside the others. A half-open connection of a worker is noticed by its keep-alive, in 30 s.
_WEIGHTS = dict.fromkeys(Fault, 4) | {Fault.WORKERS_SILENT: 1, Fault.WORKER_KILLED: 6, Fault.DATABASE_KILLED: 3}


@dataclass(frozen=True, slots=True)
class Planned:
    """A fault, when so many weighings are stored. `choice` picks whom it hits."""

    at_stored: int
    fault: Fault
    choice: int


def plan(seed: int, weighings: int, count: int) -> list[Planned]:
    """Return `count` faults in the order they come; of every kind at least one, where there is room for all."""
    rng = random.Random(seed)
    kinds = list(Fault)
    rng.shuffle(kinds)
    chosen = kinds[:count] + rng.choices(list(_WEIGHTS), list(_WEIGHTS.values()), k=max(0, count - len(kinds)))
    rng.shuffle(chosen)
    moments = sorted(rng.randrange(weighings // 50, weighings * 9 // 10) for _ in range(count))
    return [Planned(at, fault, rng.randrange(1000)) for at, fault in zip(moments, chosen, strict=True)]
