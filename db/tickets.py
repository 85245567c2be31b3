"""Sales as their tickets show them: found by number, or by stall, time and amount. No person's data is read."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from db.queries import load
from domain.ids import JournalId, MarketId, ScaleId, SpeciesCode, StallId, VendorId
from domain.weighing import WeighingKey

_SQL = load("tickets")


@dataclass(frozen=True, slots=True)
class FoundSale:
    """A stored sale, and the SHA-256 of its frozen bytes."""

    key: WeighingKey
    digest: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Sale:
    """What a ticket shows. Money in fen, weight in grams; `verdict` None: the record takes another one back.

    `cap_fen` per `cap_unit` (kg or piece): the cap it was judged by. `verified_until`: of the scale, as registered now.
    """

    market_id: MarketId
    market_name: str
    timezone: str
    scale_id: ScaleId
    journal_id: JournalId
    seq: int
    weighed_at: datetime
    received_at: datetime
    business_day: date
    judged_at_arrival: bool
    stall_id: StallId | None
    vendor_id: VendorId | None
    vendor_name: str
    species_code: SpeciesCode
    species_name: str
    species_name_en: str
    name: str
    grade: str
    net_g: int
    gross_g: int | None
    tare_g: int | None
    pieces: int | None
    unit_price_fen: int
    price_unit: str
    unit_price_fen_per_kg: int | None
    amount_fen: int
    discount_fen: int
    paid_fen: int
    fee_fen: int
    ticket_no: str
    voids_seq: int | None
    verdict: str | None
    paid_verdict: str | None
    cap_list_id: int | None
    cap_unit: str | None
    cap_fen: int | None
    excess_fen: int
    overcharge_fen: int
    digest: bytes
    voided_at: datetime | None
    verified_until: date | None
    seal_no: str | None

    @property
    def key(self) -> WeighingKey:
        """What makes the sale itself."""
        return WeighingKey(self.market_id, self.scale_id, self.journal_id, self.seq, self.weighed_at)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reweighing:
    """What a fair scale showed of a sale; `tolerance_g` None: the table ends below its weight."""

    reweighing_id: int
    settled_g: int
    actual_g: int
    tolerance_g: int | None
    is_statutory: bool
    is_short: bool
    fair_scale: str
    entered_at: datetime

    @property
    def short_g(self) -> int:
        """How much was missing; negative: there was more."""
        return self.settled_g - self.actual_g


def by_number(
    conn: Connection,
    market_id: MarketId,
    scale_id: ScaleId,
    journal_id: JournalId,
    seq: int,
    *,
    made_from: datetime,
    made_until: datetime,
) -> FoundSale | None:
    """Return the record with this number made in `[made_from, made_until)`, or None."""
    parameters = {"market_id": market_id, "scale_id": scale_id, "journal_id": journal_id, "seq": seq}
    return _found(conn, "by_number", {**parameters, "made_from": made_from, "made_until": made_until})


def by_amount(
    conn: Connection,
    market_id: MarketId,
    stall_id: StallId,
    amount_fen: int,
    *,
    sold_at: datetime,
    made_from: datetime,
    made_until: datetime,
) -> FoundSale | None:
    """Return the stall's sale of this amount that was nearest to a time, within a span around it; or None."""
    parameters = {"market_id": market_id, "stall_id": stall_id, "amount_fen": amount_fen, "sold_at": sold_at}
    return _found(conn, "by_amount", {**parameters, "made_from": made_from, "made_until": made_until})


def between(
    conn: Connection,
    market_id: MarketId,
    made_from: datetime,
    made_until: datetime,
    *,
    stall_id: StallId | None,
    amount_fen: int | None,
    limit: int,
) -> list[Sale]:
    """Return a market's sales of a span of time, the newest first; of a stall or an amount where they are given."""
    parameters = {"market_id": market_id, "stall_id": stall_id, "amount_fen": amount_fen, "limit": limit}
    rows = conn.execute(
        _SQL["found_for_staff"], {**parameters, "made_from": made_from, "made_until": made_until}
    ).fetchall()
    found = [sale(conn, WeighingKey(*row[:5])) for row in rows]
    return [one for one in found if one is not None]


def sale(conn: Connection, key: WeighingKey) -> Sale | None:
    """Return a sale as its ticket shows it, or None."""
    with conn.cursor(row_factory=class_row(Sale)) as cursor:
        return cursor.execute(_SQL["sale"], key._asdict()).fetchone()


def reweighings(conn: Connection, key: WeighingKey) -> list[Reweighing]:
    """Return what fair scales showed of a sale, the last one first."""
    with conn.cursor(row_factory=class_row(Reweighing)) as cursor:
        return cursor.execute(_SQL["reweighings"], key._asdict()).fetchall()


def _found(conn: Connection, name: str, parameters: dict[str, Any]) -> FoundSale | None:
    row = conn.execute(_SQL[name], parameters).fetchone()
    return None if row is None else FoundSale(WeighingKey(*row[:5]), bytes(row[5]))
