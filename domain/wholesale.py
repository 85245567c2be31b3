"""What caps are calculated from: a day's wholesale references, and the markup rates in force."""

from dataclasses import dataclass
from datetime import date

from domain.ids import SpeciesCode
from domain.price_cap import CapUnit
from domain.units import Fen


@dataclass(frozen=True, kw_only=True, slots=True)
class WholesaleReference:
    """The average wholesale price of a species and grade on a day, fen per `unit`; None: there was none ("/")."""

    species: SpeciesCode
    grade: str
    day: date
    price_fen: Fen | None
    unit: CapUnit
    published_as: str
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class MarkupRate:
    """How a category's caps are made on the days `[valid_from, valid_until)`; `valid_until` None: until it is ended.

    A reference above `ceiling_fen_per_kg` makes no cap: the vendor prices freely.
    """

    category: str
    valid_from: date
    valid_until: date | None
    markup_permille: int
    allowance_permille: int
    ceiling_fen_per_kg: int
    source: str

    def holds_on(self, day: date) -> bool:
        """Say whether caps of `day` are made with it."""
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)


@dataclass(frozen=True, kw_only=True, slots=True)
class SpeciesName:
    """What a calculation and its pages call a species."""

    species: SpeciesCode
    name_zh: str
    name_en: str
    category: str
