"""What a price cell says: a number, '—' for uncapped, '/' for out of stock, nothing for absent. Pure."""

import re
from decimal import Decimal
from typing import Final, NamedTuple

from domain.price_cap import CapStatus
from domain.units import FEN_PER_YUAN, PriceUnit
from pricing.list_reading.units_of_lists import unit_told

_NUMBER: Final = re.compile(
    r"^¥?\s*(?P<yuan>\d{1,6}(?:\.\d{1,2})?|\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?)\s*(?P<unit>(?:元|yuan)?\s*(?:[/每].{1,10})?)$",
    re.ASCII | re.IGNORECASE,
)
_DASHES: Final = re.compile(r"^[-—–−─―]{1,4}$")
_OUT_OF_STOCK: Final = frozenset({"/", "缺货", "无货", "断货", "售罄", "out of stock"})
_UNCAPPED: Final = frozenset({"市场调节价", "不限价", "uncapped"})


class PriceTold(NamedTuple):
    """What a cell says; `fen` for `unit`, where the cell names one of its own."""

    status: CapStatus
    fen: int | None = None
    unit: PriceUnit | None = None


def price_told(text: str) -> PriceTold | None:
    """Return what a cell says (its text made plain); None where it is no price."""
    if not text:
        return PriceTold(CapStatus.ABSENT)
    if text.lower() in _OUT_OF_STOCK:
        return PriceTold(CapStatus.OUT_OF_STOCK)
    if _DASHES.match(text) or text.lower() in _UNCAPPED:
        return PriceTold(CapStatus.UNCAPPED)
    found = _NUMBER.match(text)
    if found is None:
        return None
    fen = int(Decimal(found["yuan"].replace(",", "")) * FEN_PER_YUAN)
    _yuan, slash, of = found["unit"].replace("每", "/").partition("/")
    unit = unit_told(f"元/{of}") if slash else None
    if fen == 0 or (slash and unit is None):
        return None
    return PriceTold(CapStatus.CAPPED, fen, unit)
