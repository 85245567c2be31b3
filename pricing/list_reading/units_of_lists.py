"""What a list says its prices are for: yuan for 500 g (斤), for a kg (公斤), or for a piece. Pure."""

import re
from typing import Final

from domain.price_cap import CapUnit
from domain.units import PriceUnit

#: The first that fits; 公斤 before 斤, which stands in it.
_WORDS: Final = (
    (PriceUnit.KG, r"公斤|千克|(?<![a-z])kg(?![a-z])|1000\s*(?:克|g)|kilo"),
    (PriceUnit.HALF_KG, r"500\s*(?:克|g)|市?斤|半公斤"),
    (PriceUnit.PIECE, r"[只个個条尾头枚盒粒]|piece"),
)
_OF_A_PRICE: Final = re.compile(
    r"(?:元|圆|yuan|rmb|¥|cny)[^/每per]{0,4}(?:/|每|per|\s)\s*(?P<unit>.{1,12})", re.IGNORECASE
)
_BARE: Final = re.compile(
    r"^(?:单位|unit)\s*:?\s*(?P<unit>.{1,12})$|^(?:/|每)?(?P<alone>公斤|千克|kg|市?斤|500\s*(?:克|g)|[只个個条尾头枚盒粒])$",
    re.IGNORECASE,
)
_IN_A_KG: Final = {PriceUnit.KG: 1, PriceUnit.HALF_KG: 2}
#: How prices are written back, for `published_as`.
WRITTEN: Final = {PriceUnit.KG: "yuan/kg", PriceUnit.HALF_KG: "yuan/500 g", PriceUnit.PIECE: "yuan/piece"}


def unit_told(text: str) -> PriceUnit | None:
    """Return what a text says prices are for ('元/500克', '最高价（元/公斤）', '元/只'), or None.

    Such a text names money, or is nothing but a unit: '12-19个/斤' is a grade.
    """
    of_money = _OF_A_PRICE.search(text)
    if of_money is not None:
        return _unit(of_money["unit"])
    bare = _BARE.match(text)
    return None if bare is None else _unit(bare["unit"] or bare["alone"])


def _unit(text: str) -> PriceUnit | None:
    matches = ((re.search(words, text, re.IGNORECASE), unit) for unit, words in _WORDS)
    found = [(match.start(), unit) for match, unit in matches if match is not None]
    return min(found, key=lambda one: one[0])[1] if found else None


def fen_per_cap_unit(yuan_with_two_decimals: int, unit: PriceUnit) -> tuple[int, CapUnit]:
    """Return a price of hundredths of a yuan for `unit` as fen, and what they are for: a kg or a piece."""
    if unit is PriceUnit.PIECE:
        return yuan_with_two_decimals, CapUnit.PIECE
    return yuan_with_two_decimals * _IN_A_KG[unit], CapUnit.KG


def yuan_in(unit: PriceUnit) -> str:
    """Return how the unit of a price is written."""
    return WRITTEN[unit]
