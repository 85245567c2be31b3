"""The words of a simulated MT-SICS balance: how it writes a weight, and how it reads one."""

import re
from typing import Final

LIST: Final = ("@", "D", "DW", "I0", "I1", "I2", "I3", "I4", "S", "SI", "SIR", "SR", "T", "TA", "TAC", "TI", "Z", "ZI")
_LEVEL_1: Final = {"D", "DW", "SR", "T", "TA", "TAC", "TI"}
_WEIGHT: Final = re.compile(r"(\d{1,6})(?:\.(\d{1,6}))? (kg|g)")


def level(command: str) -> int:
    """Return the level of MT-SICS that a command belongs to."""
    return 1 if command in _LEVEL_1 else 0


def field(weight_g: int, unit: str) -> str:
    """Return a weight as it is sent: right-aligned in ten characters, the sign at the digits, then the unit."""
    kilos = f"{'-' if weight_g < 0 else ''}{abs(weight_g) // 1000}.{abs(weight_g) % 1000:03d}"
    return f"{kilos if unit == 'kg' else weight_g:>10} {unit}"


def weight_in(text: str, e_g: int) -> int | None:
    """Return `0.030 kg` or `30 g` as grams, in whole divisions; None for what is no weight."""
    match = _WEIGHT.fullmatch(text)
    if match is None:
        return None
    whole, decimals, unit = match.groups(default="")
    millionths = int(whole + decimals.ljust(6, "0")) * (1000 if unit == "kg" else 1)
    divisions, rest = divmod(millionths, e_g * 1_000_000)
    return (divisions + (2 * rest >= e_g * 1_000_000)) * e_g
