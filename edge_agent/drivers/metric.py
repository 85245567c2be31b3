"""A weight as a scale writes it, in exact whole grams; and whether its unit is to be believed."""

from typing import Final

from domain.units import Grams
from edge_agent.weighing.readings import Garbage

_MILLIGRAMS: Final = {"kg": 1_000_000, "g": 1_000, "mg": 1}


def is_metric(unit: str) -> bool:
    """Say whether weights in this unit are read. A `t` is not: A&D means a tola by it."""
    return unit in _MILLIGRAMS


def grams(number: str, unit: str) -> Grams:
    """Return `-0.0305`, `kg` as grams, rounded half up (towards the heavier). The unit must be metric."""
    digits, _, decimals = number.partition(".")
    thousandths_of_grams = int(digits + decimals) * _MILLIGRAMS[unit]
    whole = 1_000 * 10 ** len(decimals)
    return Grams((2 * thousandths_of_grams + whole) // (2 * whole))


def weight(number: str, unit: str, line: bytes) -> Grams | Garbage:
    """Return grams, or why not. A comma is never guessed at: it may divide decimals, or thousands."""
    if "," in number:
        return Garbage(reason="decimal_comma", data=line)
    return grams(number, unit) if is_metric(unit) else Garbage(reason="unit_not_metric", data=line)


class UnitWatch:
    """The unit a scale weighs in. Another one is believed when it comes a second time: `kg` that lost its k is `g`."""

    def __init__(self) -> None:
        self._unit = self._proposed = ""

    def believes(self, unit: str) -> bool:
        """Take the unit of the next weight, and say whether that weight is to be believed."""
        is_believed = unit in {self._unit, self._proposed} or not self._unit
        self._proposed = unit
        if is_believed:
            self._unit = unit
        return is_believed
