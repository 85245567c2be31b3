"""The board: what the agent's loop says of each scale, for whoever watches. Nobody watching costs a lock and a dict.

The loop writes, the page's threads read. What is on it is a fact of the past: `View.heard_at` says how old.
"""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, assert_never

from domain.ids import JournalId, ScaleId
from domain.price_cap import Verdict
from domain.units import Fen, Grams, PriceUnit
from edge_agent.caps.cap_book import CapEntry
from edge_agent.weighing.readings import Condition
from messages.notices import LockNotice, Notice, OverCapNotice, UnlockNotice, VendorNotice

#: A scale that has said nothing for so long, in seconds, has no numbers: an old weight is not a weight.
STALE_AFTER_S: Final = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """The sale that is recorded: durable in the outbox, so it may be shown as such. No amount: no price was known.

    `code`: what its ticket carries beside its number, which nobody can guess (messages.ticket_codes).
    """

    journal_id: JournalId
    seq: int
    code: str
    name: str
    net_g: Grams
    amount_fen: Fen | None
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """What a scale shows now. `heard_at` is in seconds of the monotonic clock, when it said so.

    `condition`: why there is no weight; `net_g` then says nothing. `entry` and `verdict` are the caps' answer for the
    goods and the price, as `cap_warnings.look` gives them; `recorded` stays while the load that was sold lies there.
    `quiet_s`: how long what it shows is true without a word from it. `tells_weights`: not a scale that says only what
    it sold; there the last sale stands until the next.
    """

    heard_at: float
    quiet_s: float = STALE_AFTER_S
    tells_weights: bool = True
    net_g: Grams = Grams(0)
    stable: bool = False
    condition: Condition | None = None
    plu: str = ""
    name: str = ""
    grade: str = ""
    tare_g: Grams | None = None
    pieces: int | None = None
    unit_price_fen: Fen | None = None
    price_unit: PriceUnit = PriceUnit.KG
    amount_fen: Fen | None = None
    entry: CapEntry = field(default_factory=CapEntry)
    verdict: Verdict | None = None
    recorded: Recorded | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Placard:
    """What the service told of a scale: whose stall it is, whether it is locked, and the last sale it objected to."""

    vendor: VendorNotice | None = None
    locked: LockNotice | None = None
    over_cap: OverCapNotice | None = None


@dataclass(frozen=True, slots=True)
class Sight:
    """What there is to see of a scale. `change` counts; another number is something new to see."""

    change: int
    view: View | None
    placard: Placard


_NOTHING: Final = Sight(0, None, Placard())


class Board:
    """The scales of an agent. Every method may be called from any thread."""

    def __init__(self, scales: Iterable[ScaleId], clock: Callable[[], float] = time.monotonic) -> None:
        self._sights = dict.fromkeys(scales, _NOTHING)
        self._changed = threading.Condition()
        self._watching = 0
        self.clock = clock

    @property
    def scales(self) -> tuple[ScaleId, ...]:
        """The scales there are, in the order of the configuration."""
        return tuple(self._sights)

    def keep(self, scales: Iterable[ScaleId]) -> None:
        """Be the board of these scales: others go, new ones have nothing to see yet."""
        with self._changed:
            self._sights = {scale_id: self._sights.get(scale_id, _NOTHING) for scale_id in scales}
            self._changed.notify_all()

    def show(self, scale_id: ScaleId, view: View) -> None:
        """Put up what a scale shows now."""
        with self._changed:
            self._put(scale_id, replace(self._sights.get(scale_id, _NOTHING), view=view))

    def told(self, scale_id: ScaleId, notice: Notice) -> None:
        """Put up what the service told of a scale."""
        with self._changed:
            sight = self._sights.get(scale_id, _NOTHING)
            self._put(scale_id, replace(sight, placard=_after(sight.placard, notice)))

    def sight(self, scale_id: ScaleId) -> Sight:
        """Return what there is to see now: nothing of a scale that is not there any more."""
        with self._changed:
            return self._sights.get(scale_id, _NOTHING)

    def wait(self, scale_id: ScaleId, seen: int, timeout_s: float) -> Sight:
        """Return what there is to see as soon as it is not the change `seen`, or after the timeout."""
        with self._changed:
            self._watching += 1
            try:
                self._changed.wait_for(lambda: self._sights.get(scale_id, _NOTHING).change != seen, timeout_s)
            finally:
                self._watching -= 1
            return self._sights.get(scale_id, _NOTHING)

    def _put(self, scale_id: ScaleId, sight: Sight) -> None:
        if scale_id not in self._sights:
            return  # it was taken away a moment ago
        self._sights[scale_id] = replace(sight, change=sight.change + 1)
        if self._watching:
            self._changed.notify_all()


def _after(placard: Placard, notice: Notice) -> Placard:
    match notice:
        case VendorNotice():
            return replace(placard, vendor=notice)
        case LockNotice():
            return replace(placard, locked=notice)
        case UnlockNotice():
            return replace(placard, locked=None)
        case OverCapNotice():
            return replace(placard, over_cap=notice)
        case _:
            assert_never(notice)
