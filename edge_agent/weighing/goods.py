"""The PLU table of a scale: what the vendor's number means."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.ids import SpeciesCode
from domain.units import Fen


@dataclass(frozen=True, kw_only=True, slots=True)
class Goods:
    """What is sold under a PLU. An empty `species` says: not in this scale's table.

    `unit_price_fen` is the stored price where neither scale nor keypad says another: for the scale's price unit, or
    for a piece where `by_piece`.
    """

    plu: str
    species: SpeciesCode = SpeciesCode("")
    grade: str = ""
    name: str = ""
    unit_price_fen: Fen | None = None
    by_piece: bool = False


def look_up(table: Mapping[str, Goods], plu: str) -> Goods:
    """Return the goods of `plu`. A number that is not in the table is kept as it was keyed, and sold all the same."""
    return table.get(plu) or Goods(plu=plu)
