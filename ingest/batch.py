"""The important path: one batch, one transaction. What it commits may be acknowledged and receipted.

Idempotent by key, loud on conflict: a line of a journal that is accounted for already is a redelivery when its
content is the same, and leaves no trace; with other content it is held in quarantine and raises an alert.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import compress
from typing import Final

import numpy as np
from numpy.typing import NDArray
from psycopg import Connection

from db import caps, journals, quarantine, scale_caps, weighings
from db.alerts import NewAlert
from db.journals import JournalKey
from db.quarantine import HeldMessage
from db.registry import Binding
from domain.errors import BadMessage
from domain.weighing import WeighingKey
from ingest.checkpoints import of_registered_scales, store_checkpoints
from ingest.clock_leads import about_untimely, not_told_yet
from ingest.columns import Columns
from ingest.device_events import ArrivedEvent, TakenEvents, leads_of, moment_of, store_events
from ingest.holding import RegistryKeeper, Scale, Span, holder_at, holding_of, scale_of, scales_named, scales_of
from ingest.judging import Judged, goods_of, judge_batch, sold_of
from ingest.lines import NO_LINES, HeldLine, accounted_for, fresh_rows, lines_of, reopened_rows
from ingest.moments import moments_of, read_clocks
from ingest.over_cap_warnings import OverCapWarning, sales_to_warn_of, warnings_of
from ingest.raising import raise_leads
from ingest.reading import Delivery, Read, read_deliveries, refused_pieces
from ingest.seeing import see
from ingest.voids import real_voids
from pricing.cap_book import CapBook
from pricing.leads import gather
from pricing.policy import RulesPolicy
from pricing.price_book import BookKeeper, caps_for
from pricing.rules_of_columns import Flags, Whole

#: What scales that nobody registered are counted as: names can be invented without end.
UNREGISTERED: Final = "unregistered"


@dataclass(slots=True)
class Taken:
    """What a batch came to. `committed` says for each journal up to which seq nothing is missing."""

    stored: int = 0
    redelivered: int = 0
    held: int = 0
    alerts: int = 0
    #: Device events that were new.
    events: int = 0
    #: Checkpoints that were new.
    checkpoints: int = 0
    #: Of what was stored: judged by when it arrived, since the clock of its scale was not to be believed.
    at_arrival: int = 0
    committed: dict[JournalKey, int] = field(default_factory=dict)
    #: For whoever measures: of what was stored the verdicts and times of weighing, of what was held reason and scale.
    verdicts: Counter[str] = field(default_factory=Counter)
    weighed_us: list[Whole] = field(default_factory=list)
    held_for: Counter[tuple[str, str | None]] = field(default_factory=Counter)
    #: What was refused, for whoever reads a held message again, and what of it is held for the first time, for the log.
    refused: list[HeldMessage] = field(default_factory=list)
    newly_held: list[HeldMessage] = field(default_factory=list)
    #: What scales are told once this is committed.
    warnings: list[OverCapWarning] = field(default_factory=list)
    #: The registered ones among the scales of the batch.
    registered: frozenset[Scale] = frozenset()

    def hold(self, held: HeldMessage, *, is_new: bool) -> None:
        """Count a message that is kept in quarantine, for the first time or again."""
        self.refused.append(held)
        if is_new:
            self.held += 1
            self.newly_held.append(held)
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
        self.checkpoints += other.checkpoints
        self.at_arrival += other.at_arrival
        self.committed.update(other.committed)
        self.verdicts.update(other.verdicts)
        self.weighed_us.extend(other.weighed_us)
        self.held_for.update(other.held_for)
        self.newly_held.extend(other.newly_held)
        self.warnings.extend(other.warnings)


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
    again: Collection[HeldLine] = frozenset(),
) -> Taken:
    """Store, judge and raise what was read, or nothing of it where the database fails.

    `again`: these lines are in quarantine and are read again. They are accounted for, and yet new.
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
    again: Collection[HeldLine],
) -> Taken:
    taken = Taken()
    caps.share_what_judges(conn)
    named = [*((one.key.market_id, one.key.scale_id) for one in read.events), *(one.scale for one in read.checkpoints)]
    scales = dict.fromkeys([*scales_of(read.columns), *scales_named(read.refused), *named])
    spans = keeper.spans(conn, list(scales))
    taken.registered = frozenset(spans)
    events, unknown_events = _events_of_registered_scales(spans, read.events, policy)
    signed, unknown_signed = of_registered_scales(read.checkpoints, spans)
    columns, unknown = _of_registered_scales(read.columns, spans)
    lines = lines_of(columns)
    refused = _of_known_scales(spans, read.refused)
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
    taken.checkpoints, known_already = store_checkpoints(conn, signed)
    taken.redelivered += known_already
    unknown += [one.held(_not_registered(*one.scale)) for one in unknown_signed]
    held = [*read.refused, *unknown, *unknown_events, *happened.conflicts]
    _hold(conn, held, taken)
    newly_held = {one.identity for one in taken.newly_held}
    new = np.flatnonzero(is_new)
    untimely = about_untimely([one for one in refused if one[0].identity in newly_held], known, book)
    clock_leads, told = not_told_yet([*judged.off_clocks(new), *untimely], known)
    found = see(judged, under, keeper.facts, policy.findings, new)
    seen = [*judged.occurrences(new), *found, *(judged.conflict(row) for row in conflicts), *clock_leads]
    taken.alerts = raise_leads(conn, gather(seen), now, _told_by_events(conn, happened, book, policy))
    taken.warnings = _warnings(conn, judged, new, policy, now)
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
        spans = RegistryKeeper().spans(conn, scales_named(held))
        known = [one for one, _ in _of_known_scales(spans, held)]
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


def _of_known_scales(
    spans: Mapping[Scale, Sequence[Span]], refused: Sequence[HeldMessage]
) -> list[tuple[HeldMessage, Binding]]:
    """Return the refusals whose scale is registered, and whose it was: only those have a journal to account for."""
    holders: dict[tuple[Scale, datetime], Binding] = {}
    found = []
    for one in refused:
        scale = scale_of(one)
        if one.journal_id is not None and scale is not None and scale in spans:
            asked = scale, one.received_at
            if asked not in holders:
                holders[asked] = holder_at(spans[scale], one.received_at)
            found.append((one, holders[asked]))
    return found


def _events_of_registered_scales(
    spans: Mapping[Scale, Sequence[Span]], arrived: Sequence[ArrivedEvent], policy: RulesPolicy
) -> tuple[list[tuple[ArrivedEvent, Binding]], list[HeldMessage]]:
    """Return the events with whose their scale was at the moment that counts; and, to be held, those of others."""
    found, unknown = [], []
    for one in arrived:
        of_scale = spans.get((one.key.market_id, one.key.scale_id))
        if of_scale is None:
            unknown.append(one.held(_not_registered(one.key.market_id, one.key.scale_id)))
        else:
            found.append((one, holder_at(of_scale, moment_of(one.event, one.received_at, policy))))
    return found, unknown


def _told_by_events(conn: Connection, happened: TakenEvents, book: CapBook, policy: RulesPolicy) -> list[NewAlert]:
    zones = {market_id: scope.timezone for market_id, scope in book.markets.items()}
    return leads_of(conn, happened.new, zones, policy)


def _warnings(
    conn: Connection, judged: Judged, new: NDArray[np.int64], policy: RulesPolicy, now: datetime
) -> list[OverCapWarning]:
    sales = sales_to_warn_of(judged, new, now, policy.warnings.fresh)
    if not sales:
        return []
    return warnings_of(judged, sales, scale_caps.versions_of(conn, {sale.of_list for sale in sales}), now)


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
    return is_new
