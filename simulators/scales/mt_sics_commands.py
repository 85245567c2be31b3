"""The words of a simulated MT-SICS balance: how it writes a weight, and how it reads one."""

import re
from collections.abc import Collection
from typing import Final

_LIST: Final = ("@", "D", "DW", "I0", "I1", "I2", "I3", "I4", "S", "SI", "SIR", "SR", "T", "TA", "TAC", "TI", "Z", "ZI")
_LEVEL_1: Final = {"D", "DW", "SR", "T", "TA", "TAC", "TI"}
_WEIGHT: Final = re.compile(r"(\d{1,6})(?:\.(\d{1,6}))? (kg|g)")


def listing(known: Collection[str]) -> str:
    """Return the answer to I0: every command with its level, the last line with another status."""
    lines = [f'I0 B {int(name in _LEVEL_1)} "{name}"' for name in _LIST if name in known]
    return "\r\n".join([*lines[:-1], lines[-1].replace(" B ", " A ", 1)])


def field(weight_g: int, unit: str, width: int = 10) -> str:
    """Return a weight as it is sent: right-aligned in ten characters, the sign at the digits, then the unit."""
    kilos = f"{'-' if weight_g < 0 else ''}{abs(weight_g) // 1000}.{abs(weight_g) % 1000:03d}"
    return f"{kilos if unit == 'kg' else weight_g:>{width}} {unit}"


def weight_in(text: str, e_g: int) -> int | None:
    """Return `0.030 kg` or `30 g` as grams, in whole divisions; None for what is no weight."""
    match = _WEIGHT.fullmatch(text)
    if match is None:
        return None
    whole, decimals, unit = match.groups(default="")
    millionths = int(whole + decimals.ljust(6, "0")) * (1000 if unit == "kg" else 1)
    divisions, rest = divmod(millionths, e_g * 1_000_000)
    return (divisions + (2 * rest >= e_g * 1_000_000)) * e_g
