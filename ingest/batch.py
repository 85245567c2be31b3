"""The important path: one batch, one transaction. What it commits may be acknowledged and receipted.

Idempotent by key, loud on conflict: a line of a journal that is accounted for already is a redelivery when its
content is the same, and leaves no trace; with other content it is held in quarantine and raises an alert.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from psycopg import Connection

from db import alerts, journals, quarantine, registry, weighings
from db.alerts import AlertOccurrence, NewAlert
from db.journals import JournalKey
from db.quarantine import HeldMessage
from domain.errors import BadMessage
from domain.ids import JournalId, MarketId, ScaleId
from ingest.judging import Judged, conflict, judge_candidate
from ingest.reading import Candidate, Delivery, Read, read_deliveries, refused_whole
from pricing.leads import Lead, Occurrence, gather
from pricing.policy import RulesPolicy
from pricing.price_book import BookKeeper


@dataclass(slots=True)
class Taken:
    """What a batch came to. `committed` says for each journal up to which seq nothing is missing."""

    stored: int = 0
    redelivered: int = 0
    held: int = 0
    alerts: int = 0
    committed: Mapping[JournalKey, int] = field(default_factory=dict)


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
        accounted = _seqs_by_journal(read)
        journals.lock(conn, accounted, now)
        judged, unknown = _judge_all(conn, read.candidates, books, policy)
        parts = _tell_apart(conn, judged)
        stored = weighings.store(conn, [one.row for one in parts.fresh])
        new = [one for one in parts.fresh if one.candidate.key in stored]
        repeated = parts.repeated + [one for one in parts.fresh if one.candidate.key not in stored]
        conflicts = _settle_repeated(conn, repeated, taken)
        _hold(conn, read.refused + unknown, taken)
        seen = [occurrence for one in new for occurrence in one.occurrences]
        _raise(conn, gather(seen + [conflict(one) for one in conflicts]), taken, now)
        taken.stored = len(new)
        taken.committed = journals.add_received(conn, accounted, now)
    return taken


def hold_whole(conn: Connection, deliveries: Sequence[Delivery], error: Exception) -> Taken:
    """Hold messages as they came, because the database has no place for what they say."""
    taken = Taken()
    with conn.transaction():
        _hold(
            conn,
            [refused_whole(one, BadMessage("not_storable", "payload", "valid", str(error))) for one in deliveries],
            taken,
        )
    return taken


def _judge_all(
    conn: Connection, candidates: Sequence[Candidate], books: BookKeeper, policy: RulesPolicy
) -> tuple[list[Judged], list[HeldMessage]]:
    """Judge the weighings of known scales; the others are to be held.

    The book is read after the bindings, so that it knows every market they name.
    """
    asked = [(one.key.market_id, one.key.scale_id, one.key.weighed_at) for one in candidates]
    bindings = registry.bindings_at(conn, asked)
    book = books.current(conn)
    judged, unknown = [], []
    for one, binding in zip(candidates, bindings, strict=True):
        if binding is None:
            unknown.append(one.refused(_unknown_scale(one)))
        else:
            judged.append(judge_candidate(one, binding, book, policy.judging))
    return judged, unknown


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
        if quarantine.hold(conn, held):
            taken.held += 1
        else:
            taken.redelivered += 1


def _raise(conn: Connection, leads: Iterable[Lead], taken: Taken, now: datetime) -> None:
    for lead in leads:
        alerts.raise_alert(conn, _new_alert(lead), now)
        taken.alerts += 1


def _new_alert(lead: Lead) -> NewAlert:
    worst: Occurrence = lead.worst
    return NewAlert(
        market_id=worst.key.market_id,
        kind=worst.kind,
        vendor_id=worst.vendor_id,
        stall_id=worst.stall_id,
        scale_id=worst.key.scale_id,
        species_code=worst.species,
        business_day=worst.business_day,
        first_at=lead.occurrences[0].key.weighed_at,
        last_at=lead.occurrences[-1].key.weighed_at,
        worst_excess_fen=worst.excess_fen,
        worst_excess_permille=worst.excess_permille,
        worst_cap_fen=worst.cap_fen,
        worst_cap_unit=worst.cap_unit,
        overcharge_fen=lead.overcharge_fen,
        note=worst.note,
        occurrences=tuple(
            AlertOccurrence(key=one.key, excess_fen=one.excess_fen, overcharge_fen=one.overcharge_fen)
            for one in lead.occurrences
        ),
    )


def _seqs_by_journal(read: Read) -> dict[JournalKey, set[int]]:
    """Every line that is accounted for when this batch is committed: stored, known already, or held."""
    seqs: dict[JournalKey, set[int]] = {}
    for one in read.candidates:
        seqs.setdefault(one.journal, set()).add(one.key.seq)
    for held in read.refused:
        if held.market_id and held.scale_id and held.journal_id and held.seq is not None:
            journal = JournalKey(MarketId(held.market_id), ScaleId(held.scale_id), JournalId(held.journal_id))
            seqs.setdefault(journal, set()).add(held.seq)
    return seqs
