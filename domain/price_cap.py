"""Caps on prices, and the rule's answers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from domain.ids import MarketId, SpeciesCode, VendorId
from domain.units import Fen


class Channel(StrEnum):
    """Where a cap list binds. Sanya's published lists bind seafood eateries (domain notes S1, S5)."""

    EATERY = "eatery"
    STALL = "stall"


class CapStatus(StrEnum):
    """What a list says about an item. The published signs are in brackets."""

    CAPPED = "capped"
    UNCAPPED = "uncapped"  # "—": the reference is above the category's ceiling, the vendor prices freely
    OUT_OF_STOCK = "out_of_stock"  # "/": the vendor's own purchase price x (1 + rate) applies
    ABSENT = "absent"  # named, and nothing said about it: as if it were not in the list


class CapKind(StrEnum):
    """How an item's cap is made."""

    FIXED = "fixed"  # the published number
    MARKUP = "markup"  # the vendor's own purchase price x (1 + rate)
    PURCHASE_PLUS = "purchase_plus"  # the vendor's own purchase price + an amount (Haikou's vegetables, S51)
    ADVISORY = "advisory"  # 倡议价格: the published number, which binds nobody


class ListStatus(StrEnum):
    """Where a list is in its life. `corrected`: another took its place from its very beginning."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"


class CapUnit(StrEnum):
    """What a cap is for: a kg, or a piece."""

    KG = "kg"
    PIECE = "piece"


class Verdict(StrEnum):
    """The rule's answer about one weighing; it carries no consequence."""

    WITHIN = "within"
    OVER = "over"
    UNCAPPED = "uncapped"
    OUT_OF_STOCK = "out_of_stock"
    UNLISTED = "unlisted"
    NO_LIST = "no_list"


@dataclass(frozen=True, kw_only=True, slots=True)
class GradeMeaning:
    """What a list means by a grade's word: pieces in 500 g, or grams a piece; None: the list does not say.

    Both bounds belong to the grade. The medium may be dearer than the large (S4): nothing follows from sizes.
    """

    least_pieces_per_500g: int | None = None
    most_pieces_per_500g: int | None = None
    least_piece_g: int | None = None
    most_piece_g: int | None = None
    note: str = ""

    @property
    def is_told(self) -> bool:
        """Whether any bound is known."""
        return any((self.least_pieces_per_500g, self.most_pieces_per_500g, self.least_piece_g, self.most_piece_g))


#: Of a grade that a list only names.
UNTOLD: Final = GradeMeaning()


@dataclass(frozen=True, kw_only=True, slots=True)
class PriceCap:
    """The highest legal unit price of a species and grade in one list; `cap_fen` is per `unit` (kg or piece).

    What is made of a vendor's own purchase (`markup_permille`, `plus_fen` per `unit`) has no `cap_fen` of its own.
    """

    cap_list_id: int
    species: SpeciesCode
    grade: str
    status: CapStatus
    unit: CapUnit
    cap_fen: Fen | None
    kind: CapKind = CapKind.FIXED
    markup_permille: int | None = None
    plus_fen: int | None = None
    meaning: GradeMeaning = UNTOLD

    def __post_init__(self) -> None:
        is_published = self.status is CapStatus.CAPPED and self.kind in (CapKind.FIXED, CapKind.ADVISORY)
        if is_published != (self.cap_fen is not None):
            raise ValueError(f"{self.species} {self.grade!r}: only a capped item has a cap, and it must have one")

    @property
    def is_of_purchase(self) -> bool:
        """Whether the vendor's own purchase price makes the cap."""
        return self.cap_fen is None and (self.markup_permille is not None or self.plus_fen is not None)


@dataclass(frozen=True, kw_only=True, slots=True)
class CapList:
    """A published list, in force for `[effective_from, effective_to)` in the markets of its area and channel.

    `market_id`: in that one alone, before its area's. `is_advisory`: it binds nobody.
    """

    cap_list_id: int
    area: str
    channel: Channel
    effective_from: datetime
    effective_to: datetime | None
    items: tuple[PriceCap, ...]
    market_id: MarketId | None = None
    is_advisory: bool = False

    def in_force_at(self, moment: datetime) -> bool:
        """Say whether this list judges a weighing made at `moment`."""
        return self.effective_from <= moment and (self.effective_to is None or moment < self.effective_to)


@dataclass(frozen=True, kw_only=True, slots=True)
class Exemption:
    """A vendor who may price freely in `[since, until)`; `until` None: until it is revoked."""

    market_id: MarketId
    vendor_id: VendorId
    since: datetime
    until: datetime | None

    def holds_at(self, moment: datetime) -> bool:
        """Say whether it holds at `moment`."""
        return self.since <= moment and (self.until is None or moment < self.until)
