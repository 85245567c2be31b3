"""Reads again what is held, after a fix: as if it arrived now, at the moment when it did arrive.

It takes the path of every other message (`ingest.batch.take_read`): the bounds of what is accepted lie around its own
arrival, list and binding are those of its moment, and alerts are raised. Of the sender's clock it says nothing, since
what is known of that is of today. Storing and marking are one transaction, so replaying twice is replaying once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

import psycopg
import structlog
from psycopg import Connection

from db import quarantine_pages, quarantine_steps
from db.journals import JournalKey
from db.pool import translate_absence
from db.quarantine import HeldMessage
from db.quarantine_pages import HeldDetail
from domain.errors import BadMessage, NotFound, Unavailable
from domain.ids import JournalId, MarketId, ScaleId
from domain.quarantine import CONFLICT, HeldState, ReplayOutcome
from ingest.batch import Taken, not_storable, take_read
from ingest.held_log import tell_of
from ingest.holding import RegistryKeeper
from ingest.lines import HeldLine
from ingest.reading import OUR_BUG, Delivery, Read, gather, read_gathered
from messages.showing import show_text
from pricing.policy import RulesPolicy
from pricing.price_book import BookKeeper

#: Characters of a refusal. What our code stumbles with may quote a payload, and the database has no place for NUL.
_MOST_EXPLAINED: Final = 2_000

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True, slots=True)
class Replayed:
    """What reading a message again came to. `reason` and `explanation` say why it was refused, where it was."""

    quarantine_id: int
    outcome: ReplayOutcome
    reason: str = ""
    explanation: str = ""
    stored: int = 0
    alerts: int = 0


@dataclass(eq=False)
class _Refused(Exception):
    """It is refused again: nothing of the attempt is kept."""

    reason: str
    explanation: str


@dataclass(eq=False)
class _Undone(Exception):
    """Nothing of it is kept: it was a trial, or somebody else was faster."""

    replayed: Replayed


class _NotTogether(Exception):
    """Not the same becomes of all: nothing is kept."""


@dataclass(slots=True)
class Replayer:
    """Reads held messages again by one policy. Keeps price book and registry from one to the next."""

    policy: RulesPolicy
    _books: BookKeeper = field(default_factory=BookKeeper)
    _keeper: RegistryKeeper = field(default_factory=RegistryKeeper)

    def replay(
        self, conn: Connection, quarantine_id: int, *, actor: str, now: datetime, is_trial: bool = False
    ) -> Replayed:
        """Read a message again and mark it, in one transaction; `is_trial`: only say what it would come to.

        Raise NotFound where there is no such message, Unavailable where the database goes away.
        """
        try:
            with translate_absence(), conn.transaction():
                return self._replay(conn, quarantine_id, actor, now, is_trial=is_trial)
        except _Undone as undone:
            return undone.replayed

    def replay_together(
        self, conn: Connection, quarantine_ids: Sequence[int], *, actor: str, now: datetime
    ) -> ReplayOutcome | None:
        """Read lines again and mark them, in one transaction, where the same becomes of all: stored, or there already.

        None, and nothing is done, where anything else would: they are to be read one by one, or fewer together.
        Raise Unavailable where the database goes away.
        """
        try:
            with translate_absence(), conn.transaction():
                return self._replay_together(conn, quarantine_ids, actor, now)
        except (_NotTogether, psycopg.Error):
            return None
        except Unavailable:
            raise
        except Exception:
            # Whatever it is, it is met again, and told of, when the message is read by itself.
            log.exception("stumbled over held messages", messages=len(quarantine_ids))
            return None

    def _replay_together(
        self, conn: Connection, quarantine_ids: Sequence[int], actor: str, now: datetime
    ) -> ReplayOutcome:
        several = [held for held in quarantine_pages.several(conn, quarantine_ids) if held.may_be_replayed]
        lines = _lines_of(several)
        if len(lines) != len(quarantine_ids):
            raise _NotTogether
        read, books, keeper = _read_again(several, self.policy), self._books, self._keeper
        taken = take_read(conn, read, books=books, keeper=keeper, policy=self.policy, now=now, again=lines)
        if taken.refused or taken.stored not in (0, len(lines)):
            raise _NotTogether
        outcome = ReplayOutcome.STORED if taken.stored else ReplayOutcome.ARRIVED_MEANWHILE
        if quarantine_steps.end_replayed_together(conn, quarantine_ids, outcome, actor, now) != len(lines):
            raise _NotTogether
        log.info("read again out of quarantine", messages=len(lines), actor=actor, outcome=outcome)
        return outcome

    def _replay(self, conn: Connection, quarantine_id: int, actor: str, now: datetime, *, is_trial: bool) -> Replayed:
        held = quarantine_pages.one(conn, quarantine_id)
        if held is None:
            raise NotFound(f"there is no held message {quarantine_id}")
        if held.state is not HeldState.HELD:
            return Replayed(quarantine_id=quarantine_id, outcome=ReplayOutcome.ENDED_BEFORE)
        replayed = self._tried(conn, held, now)
        if is_trial:
            raise _Undone(replayed)
        if not _mark(conn, replayed, actor, now):
            raise _Undone(Replayed(quarantine_id=quarantine_id, outcome=ReplayOutcome.ENDED_BEFORE))
        log.info("read again out of quarantine", quarantine_id=quarantine_id, actor=actor, outcome=replayed.outcome)
        return replayed

    def _tried(self, conn: Connection, held: HeldDetail, now: datetime) -> Replayed:
        quarantine_id = held.quarantine_id
        try:
            taken = self._try(conn, held, now)
        except _Refused as refused:
            is_conflict = refused.reason == CONFLICT
            return Replayed(
                quarantine_id=quarantine_id,
                outcome=ReplayOutcome.CONFLICT if is_conflict else ReplayOutcome.REFUSED,
                reason=refused.reason,
                explanation=show_text(refused.explanation, _MOST_EXPLAINED),
            )
        return Replayed(quarantine_id=quarantine_id, outcome=_outcome(taken), stored=taken.stored, alerts=taken.alerts)

    def _try(self, conn: Connection, held: HeldDetail, now: datetime) -> Taken:
        """Take the message. Raise _Refused, and keep nothing of it, where it is refused again."""
        if held.reason == CONFLICT:
            # Where a retention policy took the stored line away, this one would look like the first. It never was.
            raise _Refused(held.reason, held.explanation)
        try:
            with translate_absence(), conn.transaction():
                return self._take(conn, held, now)
        except (_Refused, Unavailable):
            raise
        except psycopg.Error as error:
            raise _refused(not_storable(error)) from error
        except Exception as error:
            # Whatever it is, it must stop neither the worker nor what waits behind this message.
            log.exception("stumbled over a held message", quarantine_id=held.quarantine_id)
            stumbled = f"code that can take it ({type(error).__name__}: {error})"
            raise _refused(BadMessage(OUR_BUG, "payload", "not taken", stumbled)) from error

    def _take(self, conn: Connection, held: HeldDetail, now: datetime) -> Taken:
        read, books, keeper = _read_again([held], self.policy), self._books, self._keeper
        taken = take_read(conn, read, books=books, keeper=keeper, policy=self.policy, now=now, again=_lines_of([held]))
        refusal = _refusal_of(held, taken)
        if refusal is not None:
            raise _Refused(refusal.reason, refusal.explanation)
        for piece in taken.newly_held:
            tell_of(piece)
        return taken


def _read_again(several: Sequence[HeldDetail], policy: RulesPolicy) -> Read:
    deliveries = [
        Delivery(
            held.topic,
            held.payload if held.journal_id is None else _alone(held.journal_id, held.payload),
            held.received_at,
        )
        for held in several
    ]
    gathered = gather(deliveries)
    gathered.messages = [(replace(source, sent_at=None), wires, bodies) for source, wires, bodies in gathered.messages]
    return read_gathered(gathered, deliveries, policy.acceptance)


def _alone(journal_id: str, body: bytes) -> bytes:
    """Put a frozen weighing into a message of its own, which is no longer than the one it came in."""
    return b'{"v":1,"journal_id":"%s","weighings":[%s]}' % (journal_id.encode(), body)


def _lines_of(several: Sequence[HeldDetail]) -> frozenset[HeldLine]:
    """Return those of them that are lines of a journal; of the same line there may be several contents."""
    return frozenset(
        HeldLine(JournalKey(MarketId(held.market_id), ScaleId(held.scale_id), JournalId(held.journal_id)), held.seq)
        for held in several
        if held.market_id and held.scale_id and held.journal_id and held.seq is not None
    )


def _refusal_of(held: HeldDetail, taken: Taken) -> HeldMessage | None:
    """Return the refusal of the message itself; what is refused of a message that can be read now is held by itself."""
    return next((one for one in taken.refused if held.journal_id is not None or one.journal_id is None), None)


def _refused(error: BadMessage) -> _Refused:
    return _Refused(error.reason, str(error))


def _outcome(taken: Taken) -> ReplayOutcome:
    if taken.refused:
        return ReplayOutcome.IN_PIECES
    return (
        ReplayOutcome.STORED if taken.stored or taken.events or taken.checkpoints else ReplayOutcome.ARRIVED_MEANWHILE
    )


def _mark(conn: Connection, replayed: Replayed, actor: str, now: datetime) -> bool:
    quarantine_id = replayed.quarantine_id
    if replayed.outcome in (ReplayOutcome.REFUSED, ReplayOutcome.CONFLICT):
        reason, explanation = replayed.reason, replayed.explanation
        return quarantine_steps.refuse_again(conn, quarantine_id, reason, explanation, actor, now)
    return quarantine_steps.end_replayed(conn, quarantine_id, replayed.outcome, actor, now)
