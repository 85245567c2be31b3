"""Duties: letters are delivered, tried again when they are not taken, and given up in the end, where all can see it.

A letter is leased for a while, so that a courier that dies leaves it to the next one. It may then be delivered twice,
and its receiver knows it again by its message_id.
"""

import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from psycopg import Connection

from db import letters
from db.letters import Attempt, Claimed
from domain.notice import LetterState, NoticeChannel
from supervision.notices.policy import Retry
from supervision.notices.retrying import Next, Outcome, after

#: Under way at the same time; of one receiver one.
_AT_ONCE: Final = 8

#: Told of each attempt: the channel, and what became of the letter.
Observe = Callable[[str, str], None]
#: Delivers one letter; it may take until the end of the lease, and touches no database.
Send = Callable[[], Outcome]


class Carrier(Protocol):
    """What is particular to a channel."""

    @property
    def channel(self) -> NoticeChannel:
        """Whose letters it carries."""
        ...

    @property
    def retry(self) -> Retry:
        """How often and how fast it is tried again."""
        ...

    @property
    def lease(self) -> timedelta:
        """How long a courier has a letter for itself: longer than any attempt."""
        ...

    def prepare(self, conn: Connection, letter: Claimed, now: datetime) -> Send | Outcome:
        """Return how to deliver a letter, with everything that the database knows of it; or why it cannot be."""
        ...

    def settled(self, conn: Connection, letter: Claimed, outcome: Outcome, became: Next, now: datetime) -> None:
        """Draw what follows from an attempt beyond its letter, within the transaction that writes it down."""
        ...


def _unobserved(_channel: str, _outcome: str) -> None:
    return


@dataclass(frozen=True, slots=True)
class Courier:
    """Delivers the letters of one channel."""

    carrier: Carrier
    observe: Observe = _unobserved
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    chance: Callable[[], float] = field(default=random.random)

    @property
    def name(self) -> str:
        """What logs and metrics call it."""
        return f"courier_{self.carrier.channel}"

    def run_once(self, conn: Connection, now: datetime) -> datetime | None:
        """Deliver what is due; return when the next is."""
        carrier = self.carrier
        while claimed := letters.claim(conn, carrier.channel, now=now, lease=carrier.lease, limit=_AT_ONCE):
            self._deliver(conn, claimed, now)
            now = max(now, self.clock())
        return letters.next_attempt(conn, carrier.channel)

    def _deliver(self, conn: Connection, claimed: Sequence[Claimed], now: datetime) -> None:
        with ThreadPoolExecutor(len(claimed), thread_name_prefix=self.name) as pool:
            under_way = {}
            for letter in claimed:
                prepared = self.carrier.prepare(conn, letter, now)
                if isinstance(prepared, Outcome):
                    self._settle(conn, letter, prepared, now, 0)
                else:
                    under_way[pool.submit(_timed, prepared)] = letter
            for done in as_completed(under_way):
                outcome, took_ms = done.result()
                self._settle(conn, under_way[done], outcome, max(now, self.clock()), took_ms)

    def _settle(self, conn: Connection, letter: Claimed, outcome: Outcome, now: datetime, took_ms: int) -> None:
        became = after(outcome, letter.attempts, self.carrier.retry, now, self.chance())
        attempt = Attempt(
            letter_id=letter.letter_id,
            attempt=letter.attempts,
            at=now,
            took_ms=took_ms,
            status=outcome.status,
            error=outcome.error,
        )
        with conn.transaction():
            if letters.settle(conn, attempt, became.state, became.at, now):
                self.carrier.settled(conn, letter, outcome, became, now)
        is_retried = became.state is LetterState.WAITING
        self.observe(self.carrier.channel, "retried" if is_retried else became.state)


def _timed(send: Send) -> tuple[Outcome, int]:
    began = time.monotonic()
    outcome = send()
    return outcome, int((time.monotonic() - began) * 1000)
