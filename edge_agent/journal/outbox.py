"""The outbox and journal: every weighing is durable here before anybody is told "recorded", and stays.

One SQLite file for all scales of the agent (`journal_file.py`). Each scale has a journal that never repeats a `seq`,
whose chain goes on over restarts. A receipt is a number per journal: a weighing that has one waits no more, and leaves
only when it is older than the retention period, or one too many.
"""

import sqlite3
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.device_event import DeviceEvent, EventKind
from domain.errors import JournalFull
from domain.ids import JournalId, ScaleId
from domain.weighing import Weighing
from edge_agent.journal import head_reading, journal_messages, journal_pruning
from edge_agent.journal.entries import Journal, append_entry, journal_number, read_journal
from edge_agent.journal.journal_capacity import (
    Capacity,
    JournalLimits,
    JournalState,
    kept_since,
    state_of,
    surplus,
)
from edge_agent.journal.journal_file import as_unavailable, open_file, transaction
from edge_agent.journal.journal_heads import Head
from edge_agent.journal.journal_messages import PendingMessage
from edge_agent.journal.journal_room import holding
from edge_agent.journal.times import microseconds
from edge_agent.weighing.recording import Draft
from messages import limits as wire_limits
from messages.checkpoints import sign

__all__ = ["Entry", "Journal", "Outbox"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A weighing that waits for its receipt."""

    seq: int
    body: bytes


class Outbox:
    """The file. Its methods may be called from any thread; they raise `Unavailable` where the disk fails them.

    `begun_because` is what the event of a journal that begins here says: `first_start`, or `damaged_file`.
    """

    def __init__(
        self,
        path: Path,
        *,
        limits: JournalLimits | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        begun_because: str = "first_start",
    ) -> None:
        self._lock = threading.Lock()
        self._path, self._limits, self._clock = path, limits or JournalLimits(), clock
        self._begun_because = begun_because
        self._db = open_file(path)

    def close(self) -> None:
        """Close the file. Nothing is lost: there is nothing that is not in it."""
        with self._lock:
            self._db.close()

    def journal(self, scale_id: ScaleId) -> Journal:
        """Return the scale's journal, begun now where it has none: that is a `journal_begun` event too."""
        with self._transaction() as db:
            return read_journal(db, self._number(db, scale_id))

    def append(self, drafts: Sequence[Draft]) -> list[Weighing | None]:
        """Make drafts durable, all in one transaction, and return them in their order, with their `seq` and `prev`.

        None stands for a draft that voids the last sale where no sale stands: nothing is recorded for it. Where the
        clock stepped back a little, a weighing takes the time of the one before; where it stepped back by more, its
        `clock_synced` is false. What is recorded already keeps its time. Raise JournalFull where there is no room.
        """
        with self._transaction() as db:
            self._make_room(db, len(drafts))
            return [append_entry(db, self._number(db, draft.scale_id), draft) for draft in drafts]

    def left_behind(self, scales: Collection[ScaleId]) -> list[Journal]:
        """Return the journals of other scales than these that still have weighings without a receipt."""
        with self._reading() as db:
            rows = db.execute(
                "SELECT number, scale_id FROM journals WHERE receipted_seq < last_seq ORDER BY scale_id"
            ).fetchall()
            return [read_journal(db, number) for number, scale_id in rows if scale_id not in scales]

    def pending(self, journal_id: JournalId, *, after_seq: int, limit: int) -> list[Entry]:
        """Return up to `limit` weighings of a journal that have no receipt, in order, from behind `after_seq` on."""
        with self._reading() as db:
            rows = db.execute(
                "SELECT seq, body FROM journals CROSS JOIN entries ON entries.journal = journals.number"
                " WHERE journal_id = ? AND seq > max(receipted_seq, ?) ORDER BY seq LIMIT ?",
                (journal_id, after_seq, limit),
            )
            return [Entry(seq=seq, body=body) for seq, body in rows]

    def receipted(self, journal_id: JournalId, committed_seq: int) -> int:
        """Note what the service has, and return how many weighings that newly are.

        A receipt for weighings that were never made here changes nothing: who sent it does not mean this journal.
        """
        with self._transaction() as db:
            row = db.execute(
                "SELECT last_seq, receipted_seq FROM journals WHERE journal_id = ?", (journal_id,)
            ).fetchone()
            if row is None or not row[1] < committed_seq <= row[0]:
                return 0
            db.execute("UPDATE journals SET receipted_seq = ? WHERE journal_id = ?", (committed_seq, journal_id))
            return committed_seq - int(row[1])

    def last_seq(self, journal_id: JournalId) -> int:
        """Return the highest `seq` this journal has given; 0 before the first, and for a journal of someone else."""
        return self._places(journal_id)[0]

    def committed(self, journal_id: JournalId) -> int:
        """Return the `seq` up to which everything has its receipt."""
        return self._places(journal_id)[1]

    def depth(self, journal_id: JournalId) -> int:
        """Return how many weighings of a journal wait for their receipt. Quick, however many they are."""
        last_seq, receipted_seq = self._places(journal_id)
        return last_seq - receipted_seq

    def state(self, now: datetime) -> JournalState:
        """Say how much room there is, and why it is time to warn. Quick, to be asked with every status."""
        with self._reading() as db:
            return state_of(self._limits, holding(db, self._path.parent), now)

    def prune(self, now: datetime) -> int:
        """Let a slice of what is receipted or delivered, and older than the retention period, leave; return how many.

        To be called every minute, say: a slice is some milliseconds, and 0 says that nothing is left to do.
        """
        before_us = microseconds(kept_since(self._limits, now))
        with self._transaction() as db:
            gone = journal_pruning.prune_events(db, before_us)
            if journal_pruning.has_old_entries(db, before_us):
                gone += journal_pruning.prune_entries(db, journal_pruning.SLICE, before_us)
            return gone

    def add_events(self, scale_id: ScaleId, events: Collection[DeviceEvent]) -> list[int]:
        """Make events of a scale durable, in one transaction, and return their numbers within its journal."""
        with self._transaction() as db:
            number = self._number(db, scale_id)
            return [journal_messages.write_event(db, number, event) for event in events]

    def last_event(self, scale_id: ScaleId, kind: EventKind) -> DeviceEvent | None:
        """Return the latest event of a kind that is still kept of a scale."""
        with self._transaction() as db:
            return journal_messages.last_event(db, self._number(db, scale_id), kind)

    def pending_events(self, limit: int) -> list[PendingMessage]:
        """Return up to `limit` events that are not delivered, of all scales, the oldest first."""
        with self._reading() as db:
            return journal_messages.pending_events(db, limit)

    def event_delivered(self, journal_id: JournalId, event_no: int) -> None:
        """Note that the broker has the events of a journal up to and including this one."""
        with self._transaction() as db:
            journal_messages.note_event_delivered(db, journal_id, event_no)

    def checkpoint_due(self, now: datetime) -> bool:
        """Say whether the head of any journal should be signed."""
        with self._reading() as db:
            return bool(journal_messages.journals_due(db, now))

    def sign_checkpoints(self, key: Ed25519PrivateKey, now: datetime) -> int:
        """Sign the head of every journal that is due, make that durable, and return how many these were."""
        with self._transaction() as db:
            due = journal_messages.journals_due(db, now)
            for number in due:
                journal_messages.write_checkpoint(db, number, sign(journal_messages.head_of(db, number, now), key))
            return len(due)

    def heads(self, now: datetime) -> list[Head]:
        """Return how far every journal of the file has come."""
        with self._reading() as db:
            return head_reading.read_heads(db, now)

    def holds(self, head: Head) -> bool:
        """Say whether the file holds what was noted of a journal's head, as far as it can still be asked."""
        with self._reading() as db:
            return head_reading.holds(db, head)

    def pending_checkpoints(self, limit: int) -> list[PendingMessage]:
        """Return up to `limit` checkpoints that are not delivered, of all scales, the oldest first."""
        with self._reading() as db:
            return journal_messages.pending_checkpoints(db, limit)

    def checkpoint_delivered(self, journal_id: JournalId, seq: int) -> None:
        """Note that the broker has the checkpoints of a journal up to and including that of `seq`."""
        with self._transaction() as db:
            journal_messages.note_checkpoint_delivered(db, journal_id, seq)

    def _number(self, db: sqlite3.Connection, scale_id: ScaleId) -> int:
        number, has_begun = journal_number(db, scale_id)
        if has_begun:
            detail = {"because": self._begun_because[: wire_limits.MAX_FACT_LENGTH]}
            event = DeviceEvent(kind=EventKind.JOURNAL_BEGUN, at=self._clock(), detail=detail)
            journal_messages.write_event(db, number, event)
        return number

    def _places(self, journal_id: JournalId) -> tuple[int, int]:
        with self._reading() as db:
            row = db.execute(
                "SELECT last_seq, receipted_seq FROM journals WHERE journal_id = ?", (journal_id,)
            ).fetchone()
            return (0, 0) if row is None else (int(row[0]), int(row[1]))

    def _make_room(self, db: sqlite3.Connection, adding: int) -> None:
        held = holding(db, self._path.parent)
        state = state_of(self._limits, held, self._clock(), adding=adding)
        if state.capacity is Capacity.FULL:
            raise JournalFull(f"the journal {self._path} is full: {state.reason}")
        if (too_many := surplus(self._limits, held, adding=adding)) > 0:
            journal_pruning.prune_entries(db, too_many)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock, as_unavailable("the outbox"):
            yield self._db

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, as_unavailable("the outbox"), transaction(self._db):
            yield self._db
