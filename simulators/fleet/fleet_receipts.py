"""Which weighings of a fleet have the service's receipt, and which are to be sent again for want of it. Pure."""

from collections import deque
from dataclasses import dataclass, field

from domain.errors import BadMessage
from domain.ids import JournalId
from messages.receipts import decode_receipt
from simulators.fleet.fleet_scales import FleetMessage


@dataclass(slots=True)
class _Journal:
    """Messages without a receipt, oldest first, each with when it was first sent.

    `times_again`: how often they were sent again since the last receipt.
    """

    messages: deque[tuple[FleetMessage, float]] = field(default_factory=deque)
    last_moved_at: float = 0.0  # sent again, or receipted in part
    times_again: int = 0


class FleetReceipts:
    """Bounded by what is sent and not receipted. Latencies in seconds, from the first send on."""

    def __init__(self) -> None:
        self.receipted = self.bad = 0
        self.latencies_s: list[float] = []
        self._journals: dict[JournalId, _Journal] = {}

    def expect(self, message: FleetMessage, now: float) -> None:
        """Note that a message is on its way."""
        journal = self._journals.setdefault(message.scale.journal_id, _Journal())
        if not journal.messages:
            journal.last_moved_at = now
        journal.messages.append((message, now))

    def hear(self, payload: bytes, now: float) -> None:
        """Take a receipt; those for others' journals are none of ours."""
        try:
            receipt = decode_receipt(payload)
        except BadMessage:
            self.bad += 1
            return
        journal = self._journals.get(receipt.journal_id, _Journal())
        while journal.messages and journal.messages[0][0].last_seq <= receipt.committed_seq:
            message, sent_at = journal.messages.popleft()
            journal.last_moved_at, journal.times_again = now, 0
            self.receipted += message.count
            self.latencies_s.append(now - sent_at)

    def overdue(self, now: float, after_s: float, ceiling_s: float) -> list[tuple[FleetMessage, float]]:
        """Return what is to be sent again, in order, with when it was first sent.

        Each time without a receipt the wait doubles, up to the ceiling: a service that is slow is not buried.
        """
        found = []
        for journal in self._journals.values():
            wait_s = min(after_s * 2**journal.times_again, ceiling_s)
            if journal.messages and now - journal.last_moved_at >= wait_s:
                journal.last_moved_at, journal.times_again = now, journal.times_again + 1
                found += list(journal.messages)
        return found
