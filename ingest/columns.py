"""A batch of weighings that could be read, a column for each field: what is done to a hundred thousand a second.

Times are microseconds since 1970 (UTC) in columns, and datetimes where somebody reads them. A field that may be left
out has its values, 0 where it was, and beside them where it is there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from db.journals import JournalKey
from db.quarantine import HeldMessage
from domain.errors import BadMessage
from domain.ids import MarketId, ScaleId
from domain.units import PriceUnit
from domain.weighing import WeighingKey
from ingest.instants import microseconds
from messages.chain import digest
from messages.weighings import WireWeighing
from pricing.rules_of_columns import Flags, Whole, due

_FIELDS: Final = (
    *("seq", "weighed_at", "clock_synced", "plu", "species", "grade", "name", "gross_g", "tare_g", "net_g", "stable"),
    *("zero_offset_g", "pieces", "unit_price_fen", "price_unit", "amount_fen", "discount_fen", "paid_fen", "fee_fen"),
    *("voids_seq", "ticket_no"),
)
_values_of: Callable[[WireWeighing], tuple[Any, ...]] = attrgetter(*_FIELDS)
_UNITS_IN_A_KG: Final = {PriceUnit.KG.value: 1, PriceUnit.HALF_KG.value: 2, PriceUnit.HUNDRED_GRAMS.value: 10}


class Nullable(NamedTuple):
    """A field that may be left out: `values` are 0 where it is not `there`."""

    values: Whole
    there: Flags


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Where some weighings came from: the same for all of a message. `sent_at` is by the sender's clock."""

    topic: str
    journal: JournalKey
    received_at: datetime
    sent_at: datetime | None = None

    @property
    def scale(self) -> tuple[MarketId, ScaleId]:
        """The scale that made them."""
        return self.journal[:2]


@dataclass(frozen=True, kw_only=True, slots=True)
class Columns:
    """Weighings in the order they arrived. `source` is each one's place in `sources`, `body` its frozen bytes."""

    sources: Sequence[Source]
    source: NDArray[np.int64]
    body: Sequence[bytes]
    digest: Sequence[bytes]
    seq: Whole
    weighed_at: Sequence[datetime]
    weighed_us: Whole
    clock_synced: Flags
    plu: Sequence[str]
    species: Sequence[str]
    grade: Sequence[str]
    name: Sequence[str]
    ticket_no: Sequence[str]
    gross_g: Nullable
    tare_g: Nullable
    net_g: Whole
    stable: Nullable
    zero_offset_g: Nullable
    pieces: Nullable
    unit_price_fen: Whole
    price_unit: Sequence[str]
    per_kg_fen: Nullable
    amount_fen: Whole
    discount_fen: Whole
    paid_fen: Whole
    fee_fen: Whole
    voids_seq: Nullable

    def __len__(self) -> int:
        return len(self.body)

    def only(self, rows: NDArray[np.int64]) -> "Columns":
        """Return some of the weighings, with the sources that they came from."""
        used, source = np.unique(self.source[rows], return_inverse=True)
        kept = {field.name: _some(getattr(self, field.name), rows) for field in fields(self) if field.name != "sources"}
        return Columns(**{**kept, "sources": [self.sources[place] for place in used.tolist()], "source": source})

    def source_of(self, row: int) -> Source:
        """Return where a weighing came from."""
        return self.sources[int(self.source[row])]

    def key(self, row: int) -> WeighingKey:
        """Return what makes a weighing itself."""
        return WeighingKey(*self.source_of(row).journal, int(self.seq[row]), self.weighed_at[row])

    def held(self, row: int, error: BadMessage) -> HeldMessage:
        """Return a weighing as something to hold."""
        source = self.source_of(row)
        return HeldMessage(
            topic=source.topic,
            payload=self.body[row],
            reason=error.reason,
            explanation=str(error),
            received_at=source.received_at,
            market_id=source.journal.market_id,
            scale_id=source.journal.scale_id,
            journal_id=source.journal.journal_id,
            seq=int(self.seq[row]),
        )


def columns_of(
    sources: Sequence[Source], counts: Sequence[int], wires: Sequence[WireWeighing], bodies: Sequence[bytes]
) -> Columns:
    """Lay weighings out in columns, with what they leave out put in as `messages.decode_weighing` does.

    `counts`: how many of them, in their order, are from each source.
    """
    count = len(wires)
    fields: dict[str, Sequence[Any]] = dict.fromkeys(_FIELDS, ())
    fields.update(zip(_FIELDS, zip(*map(_values_of, wires), strict=True), strict=False))
    net_g, unit_price = _whole(fields["net_g"]), _whole(fields["unit_price_fen"])
    factor = np.fromiter((_UNITS_IN_A_KG.get(unit, 0) for unit in fields["price_unit"]), np.int64, count)
    per_kg = Nullable(unit_price * factor, factor > 0)
    pieces = _nullable(fields["pieces"])
    amount = _amounts(_nullable(fields["amount_fen"]), net_g, per_kg, pieces.values * unit_price)
    discount, paid = _whole(fields["discount_fen"]), _nullable(fields["paid_fen"])
    return Columns(
        sources=sources,
        source=np.repeat(np.arange(len(sources)), np.array(counts, dtype=np.int64)),
        body=bodies,
        digest=[digest(body) for body in bodies],
        seq=_whole(fields["seq"]),
        weighed_at=fields["weighed_at"],
        weighed_us=microseconds(fields["weighed_at"]),
        clock_synced=np.array(fields["clock_synced"], dtype=np.bool_),
        plu=fields["plu"],
        species=fields["species"],
        grade=fields["grade"],
        name=fields["name"],
        ticket_no=fields["ticket_no"],
        gross_g=_nullable(fields["gross_g"]),
        tare_g=_nullable(fields["tare_g"]),
        net_g=net_g,
        stable=_nullable(fields["stable"]),
        zero_offset_g=_nullable(fields["zero_offset_g"]),
        pieces=pieces,
        unit_price_fen=unit_price,
        price_unit=fields["price_unit"],
        per_kg_fen=per_kg,
        amount_fen=amount,
        discount_fen=discount,
        paid_fen=np.where(paid.there, paid.values, amount - discount),
        fee_fen=_whole(fields["fee_fen"]),
        voids_seq=_nullable(fields["voids_seq"]),
    )


def _some(column: Any, rows: NDArray[np.int64]) -> Any:
    if isinstance(column, Nullable):
        return Nullable(column.values[rows], column.there[rows])
    if isinstance(column, np.ndarray):
        return column[rows]
    return [column[row] for row in rows.tolist()]


def may_be_refused(columns: Columns, earliest_us: Whole, latest_us: Whole) -> Flags:
    """Return where fields contradict each other or the time is not within its bounds: what is to be looked at alone."""
    pieces = columns.pieces.values
    nothing_sold = (columns.net_g == 0) & (pieces == 0) & ~columns.voids_seq.there
    no_pieces = ~columns.per_kg_fen.there & (pieces == 0)
    has_both = columns.gross_g.there & columns.tare_g.there
    contradicts = has_both & (columns.gross_g.values - columns.tare_g.values != columns.net_g)
    unbelievable = (columns.weighed_us < earliest_us) | (columns.weighed_us > latest_us)
    doubtful: Flags = nothing_sold | no_pieces | contradicts | unbelievable | (columns.paid_fen < 0)
    return doubtful


def _amounts(amount: Nullable, net_g: Whole, per_kg: Nullable, for_pieces: Whole) -> Whole:
    by_weight = due(net_g, per_kg.values)
    return np.where(amount.there, amount.values, np.where(per_kg.there, by_weight, for_pieces))


def _whole(values: Sequence[int]) -> Whole:
    return np.array(values, dtype=np.int64)


def _nullable(values: Sequence[int | None]) -> Nullable:
    there = np.fromiter((value is not None for value in values), np.bool_, len(values))
    return Nullable(np.fromiter((value or 0 for value in values), np.int64, len(values)), there)
