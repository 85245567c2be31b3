"""What a journal holds and how an entry gets its place: the rows of the file, inside a transaction of the caller."""

import sqlite3
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

import structlog

from domain.errors import BadMessage
from domain.ids import JournalId, ScaleId
from domain.units import Grams
from domain.weighing import Weighing
from edge_agent.clock.stepping import settle
from edge_agent.journal.event_chain import begin_with
from edge_agent.journal.times import microseconds
from edge_agent.weighing.device_sales import REMEMBERED
from edge_agent.weighing.recording import Draft
from messages.chain import prev_of
from messages.weighings import decode_weighing, encode_weighing

log: structlog.stdlib.BoundLogger = structlog.get_logger("edge_agent.journal.entries")

# A sale stands until a later record of the journal names it.
_STANDING: Final = """
SELECT body FROM entries AS sale
 WHERE journal = ? AND voids_seq IS NULL
   AND NOT EXISTS (SELECT 1 FROM entries AS void WHERE void.journal = sale.journal AND void.voids_seq = sale.seq)
 ORDER BY seq DESC LIMIT 1"""
_RECENT_SALES: Final = "SELECT body FROM entries WHERE journal = ? AND voids_seq IS NULL ORDER BY seq DESC LIMIT ?"
_LAST_SALE: Final = "SELECT seq, body FROM entries WHERE journal = ? AND voids_seq IS NULL ORDER BY seq DESC LIMIT 1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Journal:
    """A scale's journal: `last_seq` is 0 and what follows None before its first weighing.

    `last_sale`: the sale made last, whose load may still lie on the pan; `last_net_g` is None where it is voided.
    `recent_tickets`: the numbers of the latest sales that have one, the latest last.
    `standing_sale`: the last sale that is not voided, which is what `Draft.voids_last` voids.
    """

    scale_id: ScaleId
    journal_id: JournalId
    last_seq: int
    next_prev: str
    last_weighed_at: datetime | None
    last_net_g: Grams | None
    last_sale: Weighing | None
    recent_tickets: tuple[str, ...]
    standing_sale: Weighing | None


def journal_number(db: sqlite3.Connection, scale_id: ScaleId) -> tuple[int, bool]:
    """Return the row number of a scale's journal, begun now where it has none, and whether it was."""
    journal_id = uuid4().hex
    digest = begin_with(scale_id, journal_id)
    begun = db.execute(
        "INSERT INTO journals (scale_id, journal_id, events_digest, pruned_events_digest) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (scale_id) DO NOTHING",
        (scale_id, journal_id, digest, digest),
    ).rowcount
    row = db.execute("SELECT number FROM journals WHERE scale_id = ?", (scale_id,)).fetchone()
    return int(row[0]), bool(begun)


def read_journal(db: sqlite3.Connection, number: int) -> Journal:
    """Return a journal as it stands."""
    scale_id, journal_id, last_seq, next_prev, weighed_at, net_g = db.execute(
        "SELECT scale_id, journal_id, last_seq, next_prev, last_weighed_at, last_net_g FROM journals WHERE number = ?",
        (number,),
    ).fetchone()
    return Journal(
        scale_id=ScaleId(scale_id),
        journal_id=JournalId(journal_id),
        last_seq=last_seq,
        next_prev=next_prev,
        last_weighed_at=None if weighed_at is None else datetime.fromisoformat(weighed_at),
        last_net_g=None if net_g is None else Grams(net_g),
        last_sale=_last_sale(db, number),
        recent_tickets=_recent_tickets(db, number),
        standing_sale=_standing_sale(db, number),
    )


def append_entry(db: sqlite3.Connection, number: int, draft: Draft) -> Weighing | None:
    """Give a draft its place and write it; None where it voids the last sale and no sale stands."""
    wanted = draft.weighing
    if draft.voids_last:
        standing = _standing_sale(db, number)
        if standing is None:
            return None
        wanted = void_of(standing, wanted)
    weighing = _placed(db, number, wanted)
    body = encode_weighing(weighing)
    db.execute(
        "INSERT INTO entries (journal, seq, weighed_us, voids_seq, body) VALUES (?, ?, ?, ?, ?)",
        (number, weighing.seq, microseconds(weighing.weighed_at), weighing.voids_seq, body),
    )
    db.execute(
        "UPDATE journals SET last_seq = ?, next_prev = ?, last_weighed_at = ? WHERE number = ?",
        (weighing.seq, prev_of(body), weighing.weighed_at.isoformat(), number),
    )
    _note_what_may_lie_on_the_pan(db, number, weighing)
    return weighing


def void_of(sale: Weighing, draft: Weighing) -> Weighing:
    """Return the record that voids a sale: the service takes it for one only with the same weight and amount."""
    return replace(
        draft,
        voids_seq=sale.seq,
        gross_g=sale.gross_g,
        tare_g=sale.tare_g,
        tare_kind=sale.tare_kind,
        net_g=sale.net_g,
        pieces=sale.pieces,
        unit_price_fen=sale.unit_price_fen,
        price_unit=sale.price_unit,
        amount_fen=sale.amount_fen,
        discount_fen=sale.discount_fen,
        paid_fen=sale.paid_fen,
        fee_fen=sale.fee_fen,
        plu=sale.plu,
        species=sale.species,
        grade=sale.grade,
        name=sale.name,
    )


def _placed(db: sqlite3.Connection, number: int, weighing: Weighing) -> Weighing:
    last_seq, prev, last_at = db.execute(
        "SELECT last_seq, next_prev, last_weighed_at FROM journals WHERE number = ?", (number,)
    ).fetchone()
    before = None if last_at is None else datetime.fromisoformat(last_at)
    weighed_at, has_stepped_back = settle(weighing.weighed_at.astimezone(UTC), before)
    return replace(
        weighing,
        seq=last_seq + 1,
        prev=prev,
        weighed_at=weighed_at,
        clock_synced=weighing.clock_synced and not has_stepped_back,
    )


def _standing_sale(db: sqlite3.Connection, number: int) -> Weighing | None:
    row = db.execute(_STANDING, (number,)).fetchone()
    return None if row is None else _read(row[0], number)


def _last_sale(db: sqlite3.Connection, number: int) -> Weighing | None:
    row = db.execute(_LAST_SALE, (number,)).fetchone()
    return None if row is None else _read(row[1], number)


def _recent_tickets(db: sqlite3.Connection, number: int) -> tuple[str, ...]:
    rows = db.execute(_RECENT_SALES, (number, REMEMBERED)).fetchall()
    sales = [_read(body, number) for (body,) in reversed(rows)]
    return tuple(sale.ticket_no for sale in sales if sale is not None and sale.ticket_no)


def _read(body: bytes, number: int) -> Weighing | None:
    try:
        return decode_weighing(body)
    except BadMessage as error:  # somebody altered the file: the scale goes on, and the read-back names the entry
        log.warning("journal_entry_unreadable", journal=number, problem=str(error))
        return None


def _note_what_may_lie_on_the_pan(db: sqlite3.Connection, number: int, weighing: Weighing) -> None:
    if weighing.voids_seq is None:
        db.execute("UPDATE journals SET last_net_g = ? WHERE number = ?", (weighing.net_g, number))
    elif db.execute(_LAST_SALE, (number,)).fetchone()[0] == weighing.voids_seq:
        db.execute("UPDATE journals SET last_net_g = NULL WHERE number = ?", (number,))
