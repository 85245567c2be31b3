"""Whether the machine's clock can be believed: what was configured, what the kernel says, and what receipts say."""

import threading
from collections import defaultdict, deque
from collections.abc import Callable
from datetime import datetime
from typing import Final

from domain.ids import JournalId
from edge_agent.clock import clock_offset
from edge_agent.clock.clock_offset import ClockOffset, OffsetRules, Sample
from edge_agent.clock.ntp import NtpState, kernel_ntp_state
from messages.receipts import Receipt

LIMIT_S: Final = 2.0
_KERNEL_EVERY_S: Final = 1.0  # adjtimex for every reading of 64 scales would be waste
_REMEMBERED: Final = 64  # messages of a journal that may still be the one which a receipt answers


class ClockWatch:
    """Fed by the link, asked by the stations: safe in any thread.

    `configured`: whether the clock is kept, where the configuration says so; None: the receipts are asked, and where
    they do not tell, the kernel is.
    """

    def __init__(
        self,
        *,
        configured: bool | None = None,
        limit_s: float = LIMIT_S,
        ntp: Callable[[], NtpState] = kernel_ntp_state,
    ) -> None:
        self._configured, self._limit_s, self._ntp = configured, limit_s, ntp
        self._rules = OffsetRules()
        self._lock = threading.Lock()
        self._samples: tuple[Sample, ...] = ()
        self._best: Sample | None = None
        self._kernel: tuple[float, bool | None] | None = None  # when it was asked, and what it said
        self._sent: dict[JournalId, deque[tuple[int, float]]] = defaultdict(lambda: deque(maxlen=_REMEMBERED))

    def first_sent(self, journal_id: JournalId, last_seq: int, elapsed_s: float) -> None:
        """Note when a message with new weighings up to `last_seq` was handed over."""
        with self._lock:
            self._sent[journal_id].append((last_seq, elapsed_s))

    def receipted(self, receipt: Receipt, elapsed_s: float) -> None:
        """Take a receipt that was heard at `elapsed_s`. Only one that answers a message exactly says something."""
        with self._lock:
            waiting = self._sent[receipt.journal_id]
            while waiting and waiting[0][0] <= receipt.committed_seq:
                last_seq, sent_s = waiting.popleft()
                if last_seq == receipt.committed_seq and receipt.at is not None:
                    self._take(clock_offset.sample(sent_s=sent_s, at=receipt.at, heard_s=elapsed_s))

    def offset(self, now: datetime, elapsed_s: float) -> ClockOffset | None:
        """Return how far the service's clock is from ours, which says `now`; None where no receipt has told."""
        with self._lock:
            best = self._best
            if best is not None and clock_offset.is_too_old(self._rules, best, elapsed_s):
                best = self._best = clock_offset.best_of(self._rules, self._samples, elapsed_s)
        return None if best is None else clock_offset.by(self._rules, best, now, elapsed_s)

    def is_synced(self, now: datetime, elapsed_s: float) -> bool:
        """Say whether a weighing of `now` has a time to rely on."""
        offset = self.offset(now, elapsed_s)
        if offset is not None and offset.is_beyond(self._limit_s):
            return False
        if self._configured is not None:
            return self._configured
        if offset is not None and offset.is_within(self._limit_s):
            return True  # whoever keeps it: a kernel that nobody disciplines may be right all the same
        return bool(self._kernel_synced(elapsed_s))

    def _kernel_synced(self, elapsed_s: float) -> bool | None:
        asked = self._kernel
        if asked is None or not 0 <= elapsed_s - asked[0] < _KERNEL_EVERY_S:
            asked = self._kernel = (elapsed_s, self._ntp().synced)
        return asked[1]

    def _take(self, sample: Sample | None) -> None:
        if sample is not None:
            self._samples = clock_offset.keep(self._rules, self._samples, sample)
            self._best = clock_offset.best_of(self._rules, self._samples, sample.heard_s)
