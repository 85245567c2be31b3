"""The important path: one batch, one transaction. What it commits may be acknowledged and receipted.

Idempotent by key, loud on conflict: a line of a journal that is accounted for already is a redelivery when its
content is the same, and leaves no trace; with other content it is held in quarantine and raises an alert.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from psycopg import Connection

from db import journals, quarantine, registry, weighings
from db.journals import JournalKey
from db.quarantine import HeldMessage
from db.registry import Binding
from domain.errors import BadMessage
from domain.ids import JournalId, MarketId, ScaleId
from ingest.judging import Judged, conflict, judge_candidate
from ingest.raising import raise_leads
from ingest.reading import OUR_BUG, Candidate, Delivery, read_deliveries, refused_pieces
from ingest.voids import real_voids
from pricing.leads import gather
from pricing.policy import RulesPolicy
from pricing.price_book import BookKeeper

log = structlog.get_logger()


@dataclass(slots=True)
class Taken:
    """What a batch came to. `committed` says for each journal up to which seq nothing is missing."""

    stored: int = 0
    redelivered: int = 0
    held: int = 0
    alerts: int = 0
    committed: dict[JournalKey, int] = field(default_factory=dict)

    def add(self, other: "Taken") -> None:
        """Count another batch's into this one."""
        self.stored += other.stored
        self.redelivered += other.redelivered
        self.held += other.held
        self.alerts += other.alerts
        self.committed.update(other.committed)


@dataclass(frozen=True, slots=True)
class _Sorted:
    """A batch told apart: lines of journals that are new, and lines that are accounted for already."""

    fresh: list[Judged]
    repeated: list[Judged]


def take_batch(
    conn: Connection, deliveries: Sequence[Delivery], *, books: BookKeeper, policy: RulesPolicy, now: datetime
) -> Taken:
    """Store, judge and raise what `deliveries` hold, or nothing of it where the database fails."""
    taken = Taken()
    with conn.transaction():
        read = read_deliveries(deliveries, policy.acceptance)
        bound, unknown = _bind(conn, read.candidates)
        accounted = _seqs_by_journal([one for one, _ in bound], _of_known_scales(conn, read.refused))
        journals.lock(conn, accounted, now)
        judged = _judge_all(conn, bound, books, policy)
        parts = _tell_apart(conn, judged)
        stored = weighings.store(conn, [one.row for one in parts.fresh])
        new = [one for one in parts.fresh if one.candidate.key in stored]
        repeated = parts.repeated + [one for one in parts.fresh if one.candidate.key not in stored]
        conflicts = _settle_repeated(conn, repeated, taken)
        _hold(conn, read.refused + unknown, taken)
        seen = [occurrence for one in new for occurrence in one.occurrences]
        taken.alerts = raise_leads(conn, gather(seen + [conflict(one) for one in conflicts]), now)
        taken.stored = len(new)
        taken.committed = journals.add_received(conn, accounted, now)
    return taken


def hold_unstorable(conn: Connection, deliveries: Sequence[Delivery], error: Exception, now: datetime) -> Taken:
    """Hold messages because the database has no place for what they say; their lines are accounted for."""
    taken = Taken()
    refusal = BadMessage("not_storable", "payload", "valid", f"a place in the database ({str(error).strip()})")
    with conn.transaction():
        held = [piece for delivery in deliveries for piece in refused_pieces(delivery, refusal)]
        accounted = _seqs_by_journal([], _of_known_scales(conn, held))
        journals.lock(conn, accounted, now)
        _hold(conn, held, taken)
        taken.committed = journals.add_received(conn, accounted, now)
    return taken


def _bind(
    conn: Connection, candidates: Sequence[Candidate]
) -> tuple[list[tuple[Candidate, Binding]], list[HeldMessage]]:
    """Find out whose each weighing is; those of scales that nobody registered are to be held.

    Their lines are not accounted for, so that the device keeps them and they arrive once the scale is registered.
    """
    asked = [(one.key.market_id, one.key.scale_id, one.key.weighed_at) for one in candidates]
    found = list(zip(candidates, registry.bindings_at(conn, asked), strict=True))
    bound = [(one, binding) for one, binding in found if binding is not None]
    return bound, [one.refused(_unknown_scale(one)) for one, binding in found if binding is None]


def _of_known_scales(conn: Connection, refused: Sequence[HeldMessage]) -> list[HeldMessage]:
    """Return the refusals whose scale is registered: only those have a journal to account for."""
    named = [one for one in refused if one.journal_id is not None]
    asked = [(str(one.market_id), str(one.scale_id), one.received_at) for one in named]
    return [one for one, binding in zip(named, registry.bindings_at(conn, asked), strict=True) if binding is not None]


def _judge_all(
    conn: Connection, bound: Sequence[tuple[Candidate, Binding]], books: BookKeeper, policy: RulesPolicy
) -> list[Judged]:
    """Judge each weighing. The book is read after the bindings, so that it knows every market they name."""
    book = books.current(conn)
    voids = real_voids(conn, [one for one, _ in bound])
    return [judge_candidate(one, binding, book, policy.judging, is_void=one.key in voids) for one, binding in bound]


def _unknown_scale(candidate: Candidate) -> BadMessage:
    market_id, scale_id = candidate.key.market_id, candidate.key.scale_id
    return BadMessage("unknown_scale", "topic scale_id", repr(scale_id), f"a scale registered in market {market_id!r}")


def _tell_apart(conn: Connection, judged: Sequence[Judged]) -> _Sorted:
    lines = [(one.candidate.journal, one.candidate.key.seq) for one in judged]
    received = journals.already_received(conn, lines)
    parts = _Sorted([], [])
    seen: set[tuple[JournalKey, int]] = set()
    for position, (one, line) in enumerate(zip(judged, lines, strict=True)):
        is_fresh = position not in received and line not in seen
        (parts.fresh if is_fresh else parts.repeated).append(one)
        seen.add(line)
    return parts


def _settle_repeated(conn: Connection, repeated: Sequence[Judged], taken: Taken) -> list[Judged]:
    """Let redeliveries go, hold what conflicts; return the conflicts that were not seen before."""
    digests = weighings.stored_digests(conn, [one.candidate.key for one in repeated])
    conflicts = []
    for one in repeated:
        candidate = one.candidate
        if digests.get(candidate.key) == candidate.digest:
            taken.redelivered += 1
        elif quarantine.hold(conn, candidate.refused(_conflict_with_stored(candidate))):
            taken.held += 1
            conflicts.append(one)
        else:
            taken.redelivered += 1
    return conflicts


def _conflict_with_stored(candidate: Candidate) -> BadMessage:
    key = candidate.key
    expected = f"the content that journal {key.journal_id} sent with this seq before; a seq is never used twice"
    return BadMessage("conflict", "seq", str(key.seq), expected)


def _hold(conn: Connection, refused: Iterable[HeldMessage], taken: Taken) -> None:
    for held in refused:
        if held.reason in (OUR_BUG, "not_storable"):
            log.error("held for a fault of our own", reason=held.reason, topic=held.topic, why=held.explanation)
        if quarantine.hold(conn, held):
            taken.held += 1
        else:
            taken.redelivered += 1


def _seqs_by_journal(candidates: Iterable[Candidate], refused: Iterable[HeldMessage]) -> dict[JournalKey, set[int]]:
    """Every line that is accounted for when this batch is committed: stored, known already, or held."""
    seqs: dict[JournalKey, set[int]] = {}
    for one in candidates:
        seqs.setdefault(one.journal, set()).add(one.key.seq)
    for held in refused:
        if held.market_id and held.scale_id and held.journal_id and held.seq is not None:
            journal = JournalKey(MarketId(held.market_id), ScaleId(held.scale_id), JournalId(held.journal_id))
            seqs.setdefault(journal, set()).add(held.seq)
    return seqs
