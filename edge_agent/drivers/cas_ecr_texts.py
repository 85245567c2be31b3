"""What the texts of CAS ECR blocks say: a weight with its status, money, or five digits (`cas_ecr.py`).

Each reader is given the texts of an answer's blocks, and what the scale's unit price is for; it answers what was heard,
or a word for why that is garbage.
"""

import re
from typing import Final

from domain.units import Fen, Grams, PriceUnit
from edge_agent.drivers.amounts import amount_fits
from edge_agent.weighing.readings import Condition, Heard, NoWeight, Reading

_WEIGHT: Final = re.compile(rb"(?P<sta>[SU])(?P<sign>[- F])(?P<weight>.{6})(?P<unit>[A-Za-z]{2})")
_KILOGRAMS: Final = re.compile(rb"(?P<kg>[ 0-9]\d)\.(?P<g>\d{3})")
_MONEY: Final = re.compile(rb" *(?P<sign>-?)(?P<yuan>\d+)\.(?P<fen>\d\d)")
_TYPE_0_WEIGHT: Final = re.compile(rb"[!-~](?P<g>\d{5})")


def _weight(text: bytes) -> Reading | NoWeight | str:
    match = _WEIGHT.fullmatch(text)
    if match is None:
        return "not_a_frame"
    if match["sign"] == b"F":
        return NoWeight(Condition.OVERLOAD)
    if match["unit"].lower() != b"kg":
        return "unit_not_metric"
    digits = _KILOGRAMS.fullmatch(match["weight"])
    if digits is None:
        return "not_a_weight"
    net_g = int(digits["kg"] + digits["g"])
    return Reading(net_g=Grams(-net_g if match["sign"] == b"-" else net_g), stable=match["sta"] == b"S")


def read_weight(texts: tuple[bytes, ...], price_unit: PriceUnit) -> Heard | str:  # noqa: ARG001
    """Read the block that answers DC1."""
    return _weight(texts[0])


def read_price(texts: tuple[bytes, ...], price_unit: PriceUnit) -> Heard | str:
    """Read total, weight and unit price, which answer DC2. The amount has to fit."""
    total, weight, price = texts
    found = _weight(weight)
    if not isinstance(found, Reading):
        return found
    amount_fen, unit_price_fen = _fen(total), _fen(price)
    if isinstance(amount_fen, str):
        return amount_fen
    if isinstance(unit_price_fen, str):
        return unit_price_fen
    if unit_price_fen < 0:
        return "price_below_zero"
    if not amount_fits(found.net_g, unit_price_fen, amount_fen, price_unit):
        return "amount_mismatch"
    return Reading(net_g=found.net_g, stable=found.stable, unit_price_fen=unit_price_fen, amount_fen=amount_fen)


def _fen(text: bytes) -> Fen | str:
    """Eight places without a point might be yuan or fen, and could be above a million: they are no price."""
    match = _MONEY.fullmatch(text)
    if match is None:
        return "price_without_point" if text.strip().isdigit() else "not_a_price"
    fen = int(match["yuan"] + match["fen"])
    return Fen(-fen if match["sign"] else fen)


def read_type_0(texts: tuple[bytes, ...], price_unit: PriceUnit) -> Heard | str:  # noqa: ARG001
    """Read the block of PD-II TYPE-0: its scale type, then the weight."""
    match = _TYPE_0_WEIGHT.fullmatch(texts[0])
    return "not_a_weight" if match is None else Reading(net_g=Grams(int(match["g"])))
