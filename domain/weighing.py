"""A weighing: one stable, priced load recorded by a scale. Immutable; everything else is derived from it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from domain.ids import JournalId, MarketId, ScaleId, SpeciesCode
from domain.units import Fen, FenPerKg, Grams, PriceUnit, fen_per_kg


class TareKind(StrEnum):
    """Where the tare of a weighing is from (OIML R 76-1, T.2.7): none, a keyed or stored value, or weighed."""

    NONE = "none"
    PRESET = "preset"
    WEIGHED = "weighed"


@dataclass(frozen=True, kw_only=True, slots=True)
class CapWarning:
    """The vendor was warned before this sale: the cap that the scale knew, and the version of the list it is from."""

    cap_fen_per_kg: FenPerKg
    list_version: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Weighing:
    """What the scale recorded, in whole grams and fen. Times are aware.

    `amount_fen` is the price to pay for the goods, `paid_fen` what was really paid for them after the discount;
    `fee_fen` is a separate charge (加工费) and part of neither. A `unit_price_fen` of 0 is a price that the scale did
    not know, and never one that was asked.
    """

    seq: int
    weighed_at: datetime
    net_g: Grams
    unit_price_fen: Fen
    price_unit: PriceUnit
    amount_fen: Fen
    paid_fen: Fen
    discount_fen: Fen = Fen(0)
    fee_fen: Fen = Fen(0)
    gross_g: Grams | None = None
    tare_g: Grams | None = None
    tare_kind: TareKind | None = None
    zero_offset_g: int | None = None
    pieces: int | None = None
    stable: bool | None = None
    clock_synced: bool = False
    plu: str = ""
    species: SpeciesCode = SpeciesCode("")
    grade: str = ""
    name: str = ""
    ticket_no: str = ""
    voids_seq: int | None = None
    cap_warning: CapWarning | None = None
    prev: str = ""

    def __post_init__(self) -> None:
        if self.weighed_at.tzinfo is None:
            raise ValueError("weighed_at is naive; a weighing needs an aware time")

    @property
    def has_unit_price(self) -> bool:
        """Whether the scale knew the price."""
        return self.unit_price_fen > 0

    @property
    def unit_price_fen_per_kg(self) -> FenPerKg | None:
        """The declared price for a kg; None where it was declared per piece."""
        return fen_per_kg(self.unit_price_fen, self.price_unit)


class WeighingKey(NamedTuple):
    """What makes a weighing itself. `weighed_at` is frozen in the device's journal before the first send."""

    market_id: MarketId
    scale_id: ScaleId
    journal_id: JournalId
    seq: int
    weighed_at: datetime
