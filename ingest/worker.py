"""One ingest worker: take batches, commit them, acknowledge after the commit, send receipts.

A database that goes away stops the acknowledgements and nothing else: the batch in hand is tried again until it is
committed, the broker holds what it may not yet deliver, and when the database is back everything arrives.
"""

import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

import psycopg
import structlog
from psycopg import Connection

from db.pool import connect_to_store, translate_absence
from domain.errors import TookTooLong, Unavailable
from ingest.batch import Taken, hold_unstorable, take_read
from ingest.held_log import HeldLog
from ingest.holding import RegistryKeeper
from ingest.intake import Intake
from ingest.metrics import Observer, Unobserved
from ingest.over_cap_warnings import OverCapWarning
from ingest.patience import Patience
from ingest.reading import Delivery, Gathered, Read, read_deliveries, read_gathered, split
from ingest.receipts import ReceiptPacer
from ingest.subscriber import Batch, Subscriber
from messages.notices import encode_notice
from messages.receipts import Receipt, encode_receipt
from messages.topics import ScaleChannel, ScaleTopic
from pricing.policy import RulesPolicy
from pricing.price_book import BookKeeper

log = structlog.get_logger()

_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 5.0
_LOOK_S = 0.2
_US_IN_A_S = 1_000_000
#: A transaction of the largest batch takes a second or two.
_STUCK_S = 60.0
#: What is left of the database's errors when its absence is told apart: a message that got past the contract's checks
#: and still has no place. It is our bug, and no reason to stop a market.
_NOT_STORABLE = (psycopg.DataError, psycopg.IntegrityError, psycopg.OperationalError)


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerSettings:
    """`batch_size`: how many messages are committed together, at most."""

    database_url: str
    batch_size: int = 5000


@dataclass(slots=True)
class Totals:
    """What this worker has done since it started."""

    messages: int = 0
    stored: int = 0
    redelivered: int = 0
    held: int = 0
    events: int = 0
    warned: int = 0

    def add(self, messages: int, taken: Taken) -> None:
        """Count a committed batch."""
        self.messages += messages
        self.stored += taken.stored
        self.redelivered += taken.redelivered
        self.held += taken.held
        self.events += taken.events


class Companion(Protocol):
    """What works beside a worker, in a thread of its own, as long as the worker does."""

    def start(self) -> None:
        """Begin; called once."""
        ...

    def stop(self) -> None:
        """End, and return when it has; called once, after `start`."""
        ...

    def is_alive(self) -> bool:
        """Return False when it ended without being asked to: a bug, which the worker must not outlive."""
        ...


@dataclass(slots=True)
class Worker:
    """Holds no state that matters: another one can take over at any moment."""

    settings: WorkerSettings
    subscriber: Subscriber
    policy: RulesPolicy
    stop: threading.Event
    companions: Sequence[Companion] = ()
    observer: Observer = field(default_factory=Unobserved)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    totals: Totals = field(default_factory=Totals)
    _books: BookKeeper = field(default_factory=BookKeeper)
    _keeper: RegistryKeeper = field(default_factory=RegistryKeeper)
    _receipts: ReceiptPacer = field(default_factory=ReceiptPacer)
    _held_log: HeldLog = field(default_factory=HeldLog)
    _conn: Connection | None = None
    _moved_on_at: float = field(default_factory=time.monotonic)
    _problem: str | None = None
    _patience: Patience = field(default_factory=Patience)
    _intake: Intake = field(init=False)

    def __post_init__(self) -> None:
        self._intake = Intake(self.subscriber, self.settings.batch_size)

    @property
    def queue_depth(self) -> int:
        """How many messages arrived and wait to be committed."""
        return self.subscriber.waiting + self._intake.depth

    @property
    def is_going_on(self) -> bool:
        """Whether it did anything lately; waiting for the database is something."""
        return time.monotonic() - self._moved_on_at < _STUCK_S

    @property
    def not_ready(self) -> str | None:
        """Why nothing is taken in just now; None where it is."""
        if not self.subscriber.is_connected:
            return "the broker is away"
        return self._problem if self.subscriber.is_subscribed else "the broker has not answered the subscription"

    def run(self) -> None:
        """Work until `stop` is set; the batch in hand is finished, what is not committed is not acknowledged."""
        self.subscriber.start()
        for companion in (self._intake, *self.companions):
            companion.start()
        try:
            while not self.stop.is_set():
                self._step()
                for companion in (self._intake, *self.companions):
                    if not companion.is_alive():
                        raise RuntimeError(f"the {type(companion).__name__} beside the worker ended by itself")
        finally:
            for companion in (self._intake, *self.companions):
                companion.stop()
            self.subscriber.stop()
            self._close()
            self._held_log.tell_others(math.inf)
            log.info(
                "worker stopped",
                messages=self.totals.messages,
                stored=self.totals.stored,
                redelivered=self.totals.redelivered,
                held=self.totals.held,
                events=self.totals.events,
                warned=self.totals.warned,
            )

    def _step(self) -> None:
        self._moved_on_at = time.monotonic()
        batch, gathered = self._intake.take(_LOOK_S)
        if batch.deliveries:
            self._take(batch, gathered)
        self._held_log.tell_others(time.monotonic())
        self._send_receipts()

    def _take(self, batch: Batch, gathered: Gathered) -> None:
        """Commit a batch and acknowledge it; when it has no place in the database, take it apart."""
        started = time.monotonic()
        read = read_gathered(gathered, batch.deliveries, self.policy.acceptance)
        try:
            taken = self._commit(partial(self._store, read=read), len(batch.deliveries))
        except _NOT_STORABLE:
            log.exception("batch has no place in the database", messages=len(batch.deliveries))
            taken = self._take_apart(batch.deliveries)
        if taken is not None:
            self._warn(taken.warnings)
            self.subscriber.acknowledge(batch)
            self.observer.committed(
                len(batch.deliveries), taken, time.monotonic() - started, int(self.clock().timestamp() * _US_IN_A_S)
            )
            self.totals.add(len(batch.deliveries), taken)
            self._receipts.add(taken.committed)
            self._held_log.tell(taken.newly_held, time.monotonic())

    def _take_apart(self, deliveries: list[Delivery]) -> Taken | None:
        """Commit each weighing by itself, and hold what then still has no place; None when told to stop."""
        together = Taken()
        for piece in (piece for delivery in deliveries for piece in split(delivery)):
            read = read_deliveries([piece], self.policy.acceptance)
            try:
                taken = self._commit(partial(self._store, read=read), 1)
            except _NOT_STORABLE as error:
                taken = self._commit(partial(_hold, piece=piece, error=error), 1)
            if taken is None:
                return None
            together.add(taken)
        return together

    def _store(self, conn: Connection, now: datetime, read: Read) -> Taken:
        return take_read(conn, read, books=self._books, keeper=self._keeper, policy=self.policy, now=now)

    def _commit(self, work: Callable[[Connection, datetime], Taken], messages: int) -> Taken | None:
        """Do a batch's work, however long the database is away; None when told to stop before that."""
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                with translate_absence():
                    taken = work(self._connection(), self.clock())
            except Unavailable as error:
                if isinstance(error, TookTooLong):
                    self._patience = self._patience.after_too_long(time.monotonic())
                self._moved_on_at, self._problem = time.monotonic(), str(error)
                self.observer.refused()
                log.warning("batch not committed, trying again", messages=messages, error=str(error))
                self._close()
            else:
                self._problem = None
                return taken
            if self.stop.wait(pause_s):
                return None
            pause_s = min(_LONGEST_PAUSE_S, pause_s * 2)

    def _connection(self) -> Connection:
        if self._conn is None:
            patience = self._patience.at(time.monotonic())
            self._conn = connect_to_store(self.settings.database_url, patience=patience)
        return self._conn

    def _close(self) -> None:
        if self._conn is not None:
            self._conn.close()
            self._conn = None

    def _warn(self, warnings: Sequence[OverCapWarning]) -> None:
        """Before anything else is said: somebody waits at the scale. One that is away now is not told later."""
        for one in warnings:
            self.subscriber.publish(str(one.topic), encode_notice(one.notice))
        self.totals.warned += len(warnings)

    def _send_receipts(self) -> None:
        for key, committed_seq in self._receipts.due(time.monotonic()).items():
            topic = ScaleTopic(key.market_id, key.scale_id, ScaleChannel.RECEIPTS)
            receipt = Receipt(key.journal_id, committed_seq, at=datetime.now(UTC))
            self.subscriber.publish(str(topic), encode_receipt(receipt))


def _hold(conn: Connection, now: datetime, piece: Delivery, error: Exception) -> Taken:
    return hold_unstorable(conn, [piece], error, now)
