"""Caps on prices, and the rule's answers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.ids import SpeciesCode
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
class PriceCap:
    """The highest legal unit price of a species and grade in one list; `cap_fen` is per `unit` (kg or piece)."""

    cap_list_id: int
    species: SpeciesCode
    grade: str
    status: CapStatus
    unit: CapUnit
    cap_fen: Fen | None

    def __post_init__(self) -> None:
        if (self.status is CapStatus.CAPPED) != (self.cap_fen is not None):
            raise ValueError(f"{self.species} {self.grade!r}: only a capped item has a cap, and it must have one")


@dataclass(frozen=True, kw_only=True, slots=True)
class CapList:
    """A published list, in force for `[effective_from, effective_to)` in the markets of its area and channel."""

    cap_list_id: int
    area: str
    channel: Channel
    effective_from: datetime
    effective_to: datetime | None
    items: tuple[PriceCap, ...]

    def in_force_at(self, moment: datetime) -> bool:
        """Say whether this list judges a weighing made at `moment`."""
        return self.effective_from <= moment and (self.effective_to is None or moment < self.effective_to)
