"""What is weighed while the disk refuses it: it waits in memory, unshown, and only so much of it. Pure.

The agent does not end where the disk fails: that would lose all that waits, and there is nothing a restart would mend.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from domain.ids import ScaleId
from edge_agent.weighing.recording import Draft

MOST_A_SCALE: Final = 250
SLICE: Final = 100  # drafts in a transaction
_A_CORRECTION: Final = 2  # drafts: the void, and what replaces the sale
_RETRY_AFTER_S: Final = 1.0  # not with every reading: a disk that is full stays so for a while
_TELL_EVERY_S: Final = 60.0


class Unwritten:
    """The drafts of all scales, in their order. Times are seconds of a monotonic clock.

    Where a scale has too many, its new ones are refused and counted in `lost`, until there is room for a correction:
    nobody was told that they are recorded. A void of a sale that was refused is refused with it; in the journal it
    would void the sale before. A void and what replaces it are taken, and written, together or not at all.
    """

    def __init__(self) -> None:
        self.lost = 0
        self._drafts: list[Draft] = []
        self._waiting: Counter[ScaleId] = Counter()
        self._lost_last: set[ScaleId] = set()  # the scales whose last sale was refused
        self._is_full: set[ScaleId] = set()
        self._retry_at = self._tell_at = float("-inf")
        self._slice = SLICE

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._drafts)

    def add(self, drafts: Iterable[Draft]) -> None:
        """Take what is to be recorded."""
        for draft in drafts:
            if self._has_no_place(draft):
                self.lost += 1
                if not draft.voids_last:
                    self._lost_last.add(draft.scale_id)
            else:
                self._drafts.append(draft)
                self._waiting[draft.scale_id] += 1
                self._lost_last.discard(draft.scale_id)

    def holds(self, scale_id: ScaleId) -> bool:
        """Say whether something of a scale waits."""
        return self._waiting[scale_id] > 0

    def due(self, now: float) -> Sequence[Draft]:
        """Return the next slice to write; nothing where the disk refused it a moment ago."""
        if now < self._retry_at:
            return ()
        ends_in_void = self._slice <= len(self._drafts) and self._drafts[self._slice - 1].voids_last
        return self._drafts[: self._slice + ends_in_void]

    def refused(self, now: float) -> bool:
        """Note that the disk refused a slice, and return whether it is time to say so."""
        self._retry_at, self._slice = now + _RETRY_AFTER_S, 1  # a journal may have room for a few, and not for all
        if now < self._tell_at:
            return False
        self._tell_at = now + _TELL_EVERY_S
        return True

    def written(self, drafts: Sequence[Draft]) -> None:
        """Note that a slice is durable."""
        self._retry_at = self._tell_at = float("-inf")
        self._slice = min(2 * self._slice, SLICE)
        del self._drafts[: len(drafts)]
        self._waiting.subtract(draft.scale_id for draft in drafts)
        self._is_full = {
            scale_id for scale_id in self._is_full if self._waiting[scale_id] > MOST_A_SCALE - _A_CORRECTION
        }

    def _has_no_place(self, draft: Draft) -> bool:
        scale_id = draft.scale_id
        if draft.voids_last and scale_id in self._lost_last:
            return True
        if self._waiting[scale_id] >= MOST_A_SCALE - draft.voids_last:  # a void may be followed by what replaces it
            self._is_full.add(scale_id)
        return scale_id in self._is_full
