"""The PLU table of a scale: what the vendor's number means."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.ids import SpeciesCode


@dataclass(frozen=True, kw_only=True, slots=True)
class Goods:
    """What is sold under a PLU. An empty `species` says: not in this scale's table."""

    plu: str
    species: SpeciesCode = SpeciesCode("")
    grade: str = ""
    name: str = ""


def look_up(table: Mapping[str, Goods], plu: str) -> Goods:
    """Return the goods of `plu`. A number that is not in the table is kept as it was keyed, and sold all the same."""
    return table.get(plu) or Goods(plu=plu)
