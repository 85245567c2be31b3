"""The important path: one batch, one transaction. What it commits may be acknowledged and receipted.

Idempotent by key, loud on conflict: a line of a journal that is accounted for already is a redelivery when its
content is the same, and leaves no trace; with other content it is held in quarantine and raises an alert.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import compress
from typing import Final

import numpy as np
import structlog
from psycopg import Connection

from db import alerts, caps, journals, quarantine, registry, weighings
from db.journals import JournalKey
from db.quarantine import HeldMessage
from db.registry import Binding
from domain.errors import BadMessage
from domain.weighing import WeighingKey
from ingest.clock_leads import about_untimely, not_told_yet
from ingest.columns import Columns
from ingest.device_events import ArrivedEvent, TakenEvents, leads_of, moment_of, store_events
from ingest.holding import RegistryKeeper, Scale, holding_of, scales_named, scales_of
from ingest.judging import Judged, goods_of, judge_batch, sold_of
from ingest.lines import NO_LINES, HeldLine, accounted_for, fresh_rows, lines_of, reopened_rows
from ingest.moments import moments_of, read_clocks
from ingest.raising import raise_leads
from ingest.reading import OUR_BUG, Delivery, Read, read_deliveries, refused_pieces
from ingest.voids import real_voids
from pricing.cap_book import CapBook
from pricing.leads import gather
from pricing.policy import RulesPolicy
from pricing.price_book import BookKeeper, caps_for
from pricing.rules_of_columns import Flags, Whole

log = structlog.get_logger()

#: What scales that nobody registered are counted as: names can be invented without end.
UNREGISTERED: Final = "unregistered"
_SHOWN_TOPIC = 200
#: Beyond it a flood would cost more in the log than in the database; each is in quarantine all the same.
_TOLD_OF_A_BATCH = 50


@dataclass(slots=True)
class Taken:
    """What a batch came to. `committed` says for each journal up to which seq nothing is missing."""

    stored: int = 0
    redelivered: int = 0
    held: int = 0
    alerts: int = 0
    #: Device events that were new.
    events: int = 0
    #: Of what was stored: judged by when it arrived, since the clock of its scale was not to be believed.
    at_arrival: int = 0
    committed: dict[JournalKey, int] = field(default_factory=dict)
    #: For whoever measures: of what was stored the verdicts and times of weighing, of what was held reason and scale.
    verdicts: Counter[str] = field(default_factory=Counter)
    weighed_us: list[Whole] = field(default_factory=list)
    held_for: Counter[tuple[str, str | None]] = field(default_factory=Counter)
    #: What was refused, for whoever reads a held message again.
    refused: list[HeldMessage] = field(default_factory=list)
    #: The registered ones among the scales of the batch.
    registered: frozenset[Scale] = frozenset()

    def hold(self, held: HeldMessage, *, is_new: bool) -> None:
        """Count a message that is kept in quarantine, for the first time or again."""
        self.refused.append(held)
        if is_new:
            self.held += 1
            is_known = held.scale_id is None or (held.market_id, held.scale_id) in self.registered
            self.held_for[held.reason, held.scale_id if is_known else UNREGISTERED] += 1
        else:
            self.redelivered += 1

    def add(self, other: "Taken") -> None:
        """Count another batch's into this one."""
        self.stored += other.stored
        self.redelivered += other.redelivered
        self.held += other.held
        self.alerts += other.alerts
        self.events += other.events
        self.at_arrival += other.at_arrival
        self.committed.update(other.committed)
        self.verdicts.update(other.verdicts)
        self.weighed_us.extend(other.weighed_us)
        self.held_for.update(other.held_for)


def take_batch(
    conn: Connection,
    deliveries: Sequence[Delivery],
    *,
    books: BookKeeper,
    policy: RulesPolicy,
    now: datetime,
    keeper: RegistryKeeper | None = None,
) -> Taken:
    """Store, judge and raise what `deliveries` hold, or nothing of it where the database fails.

    `books` and `keeper` are what the caller keeps from batch to batch.
    """
    read = read_deliveries(deliveries, policy.acceptance)
    return take_read(conn, read, books=books, policy=policy, now=now, keeper=keeper or RegistryKeeper())


def take_read(
    conn: Connection,
    read: Read,
    *,
    books: BookKeeper,
    policy: RulesPolicy,
    now: datetime,
    keeper: RegistryKeeper,
    again: HeldLine | None = None,
) -> Taken:
    """Store, judge and raise what was read, or nothing of it where the database fails.

    `again`: the line is in quarantine and is read again. It is accounted for, and yet new.
    """
    with conn.transaction():
        return _take(conn, read, books, keeper, policy, now, again)


def _take(
    conn: Connection,
    read: Read,
    books: BookKeeper,
    keeper: RegistryKeeper,
    policy: RulesPolicy,
    now: datetime,
    again: HeldLine | None,
) -> Taken:
    taken = Taken()
    caps.share_what_judges(conn)
    scales = list(dict.fromkeys([*scales_of(read.columns), *scales_named(read.refused)]))
    found = keeper.spans(conn, scales)
    spans = {scale: of_it for scale in scales if (of_it := found[scale]) is not None}
    taken.registered = frozenset(spans)
    events, unknown_events = _events_of_registered_scales(conn, read.events, policy)
    taken.registered |= {(one.key.market_id, one.key.scale_id) for one, _ in events}
    columns, unknown = _of_registered_scales(read.columns, spans)
    lines = lines_of(columns)
    refused = _of_known_scales(conn, read.refused)
    accounted = accounted_for(lines, [held for held, _ in refused])
    known = journals.lock(conn, accounted, now)
    clocks = read_clocks(columns.sources, known, policy.clock)
    moments = moments_of(columns, known, clocks, policy.clock)
    holding = holding_of(columns, moments.judged_us, spans)
    # The book is read after the bindings, so that it knows every market they name.
    book = books.current(conn)
    goods = goods_of(columns, book)
    sold = sold_of(columns, goods, holding, moments, book)
    under = caps_for(conn, sold, book, policy.purchases)
    judged = judge_batch(columns, goods, holding, moments, sold, under, policy.judging, real_voids(conn, columns))
    is_fresh = fresh_rows(conn, lines, known) | reopened_rows(conn, columns, again, now)
    is_new = _store(conn, judged, is_fresh)
    conflicts = _settle_repeated(conn, columns, np.flatnonzero(~is_new).tolist(), taken)
    happened = store_events(conn, [one for one, _ in events], [whose for _, whose in events], policy)
    taken.events = len(happened.new)
    taken.redelivered += happened.redelivered
    held = [*read.refused, *unknown, *unknown_events, *happened.conflicts]
    newly_held = {one.identity for one in compress(held, _hold(conn, held, taken))}
    new = np.flatnonzero(is_new)
    untimely = about_untimely([one for one in refused if one[0].identity in newly_held], known, book)
    clock_leads, told = not_told_yet([*judged.off_clocks(new), *untimely], known)
    seen = [*judged.occurrences(new), *(judged.conflict(row) for row in conflicts), *clock_leads]
    taken.alerts = raise_leads(conn, gather(seen), now) + _tell_of(conn, happened, book, policy, now)
    taken.stored = len(new)
    taken.at_arrival = int(moments.at_arrival[new].sum())
    taken.verdicts = judged.verdicts(new)
    taken.weighed_us = [columns.weighed_us[is_new]]
    taken.committed = journals.add_received(conn, accounted, now, clocks=clocks, told=told)
    return taken


def hold_unstorable(conn: Connection, deliveries: Sequence[Delivery], error: Exception, now: datetime) -> Taken:
    """Hold messages because the database has no place for what they say; their lines are accounted for."""
    taken = Taken()
    refusal = not_storable(error)
    with conn.transaction():
        held = [piece for delivery in deliveries for piece in refused_pieces(delivery, refusal)]
        known = [one for one, _ in _of_known_scales(conn, held)]
        accounted, taken.registered = accounted_for(NO_LINES, known), frozenset(scales_named(known))
        journals.lock(conn, accounted, now)
        _hold(conn, held, taken)
        taken.committed = journals.add_received(conn, accounted, now)
    return taken


def not_storable(error: Exception) -> BadMessage:
    """Return the refusal of what got past the contract's checks and has no place in the database: our bug."""
    return BadMessage("not_storable", "payload", "valid", f"a place in the database ({str(error).strip()})")


def _of_registered_scales(columns: Columns, registered: Collection[Scale]) -> tuple[Columns, list[HeldMessage]]:
    """Tell the weighings of scales that nobody registered apart: those are to be held.

    Their lines are not accounted for, so that the device keeps them and they arrive once the scale is registered.
    """
    is_known = np.array([source.scale in registered for source in columns.sources], np.bool_)[columns.source]
    if is_known.all():
        return columns, []
    unknown = [columns.held(row, _unknown_scale(columns, row)) for row in np.flatnonzero(~is_known).tolist()]
    return columns.only(np.flatnonzero(is_known)), unknown


def _unknown_scale(columns: Columns, row: int) -> BadMessage:
    market_id, scale_id, _ = columns.source_of(row).journal
    return _not_registered(market_id, scale_id)


def _not_registered(market_id: str, scale_id: str) -> BadMessage:
    return BadMessage("unknown_scale", "topic scale_id", repr(scale_id), f"a scale registered in market {market_id!r}")


def _of_known_scales(conn: Connection, refused: Sequence[HeldMessage]) -> list[tuple[HeldMessage, Binding]]:
    """Return the refusals whose scale is registered, and whose it was: only those have a journal to account for."""
    named = [one for one in refused if one.journal_id is not None]
    asked = [(str(one.market_id), str(one.scale_id), one.received_at) for one in named]
    bindings = registry.bindings_at(conn, asked)
    return [(one, binding) for one, binding in zip(named, bindings, strict=True) if binding is not None]


def _events_of_registered_scales(
    conn: Connection, arrived: Sequence[ArrivedEvent], policy: RulesPolicy
) -> tuple[list[tuple[ArrivedEvent, Binding]], list[HeldMessage]]:
    """Return the events with whose their scale was at the moment that counts; and, to be held, those of others."""
    moments = [moment_of(one.event, one.received_at, policy) for one in arrived]
    asked = [(one.key.market_id, one.key.scale_id, moment) for one, moment in zip(arrived, moments, strict=True)]
    bindings = registry.bindings_at(conn, asked)
    found = [(one, whose) for one, whose in zip(arrived, bindings, strict=True) if whose is not None]
    unknown = [
        one.held(_not_registered(one.key.market_id, one.key.scale_id))
        for one, whose in zip(arrived, bindings, strict=True)
        if whose is None
    ]
    return found, unknown


def _tell_of(conn: Connection, happened: TakenEvents, book: CapBook, policy: RulesPolicy, now: datetime) -> int:
    """Raise what events come to, after the leads of weighings: every worker takes the locks in this order."""
    zones = {market_id: scope.timezone for market_id, scope in book.markets.items()}
    return len(alerts.raise_alerts(conn, leads_of(conn, happened.new, zones, policy), now))


def _store(conn: Connection, judged: Judged, is_fresh: Flags) -> Flags:
    """Store what is new, and say of each row whether it was."""
    rows = np.flatnonzero(is_fresh)
    stored = weighings.store(conn, judged.rows, rows)
    if stored is None:
        return is_fresh
    is_new = np.zeros(len(is_fresh), np.bool_)
    is_new[[row for row in rows.tolist() if judged.columns.key(row) in stored]] = True
    return is_new


def _settle_repeated(conn: Connection, columns: Columns, repeated: Sequence[int], taken: Taken) -> list[int]:
    """Let redeliveries go, hold what conflicts; return the rows of the conflicts that were not seen before."""
    keys = [columns.key(row) for row in repeated]
    digests = weighings.stored_digests(conn, keys)
    conflicts = {row: key for row, key in zip(repeated, keys, strict=True) if digests.get(key) != columns.digest[row]}
    taken.redelivered += len(repeated) - len(conflicts)
    held = [columns.held(row, _conflict_with_stored(key)) for row, key in conflicts.items()]
    return list(compress(conflicts, _hold(conn, held, taken)))


def _conflict_with_stored(key: WeighingKey) -> BadMessage:
    expected = f"the content that journal {key.journal_id} sent with this seq before; a seq is never used twice"
    return BadMessage("conflict", "seq", str(key.seq), expected)


def _hold(conn: Connection, refused: Sequence[HeldMessage], taken: Taken) -> list[bool]:
    """Keep messages; return of each whether it is held for the first time."""
    if not refused:
        return []
    is_new = quarantine.hold_all(conn, refused)
    for held, is_first in zip(refused, is_new, strict=True):
        taken.hold(held, is_new=is_first)
    new = list(compress(refused, is_new))
    for held in new[:_TOLD_OF_A_BATCH]:
        _log_held(held)
    if len(new) > _TOLD_OF_A_BATCH:
        log.warning("more held in quarantine", messages=len(new) - _TOLD_OF_A_BATCH)
    return is_new


def _log_held(held: HeldMessage) -> None:
    """One line a message that is held; `held_id` is how it is named in quarantine (`encode(identity, 'hex')`)."""
    tell = log.error if held.reason in (OUR_BUG, "not_storable") else log.info
    tell(
        "held in quarantine",
        held_id=held.identity.hex(),
        topic=held.topic[:_SHOWN_TOPIC],
        journal_id=held.journal_id,
        seq=held.seq,
        reason=held.reason,
        why=held.explanation,
    )
