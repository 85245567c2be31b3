"""What a version changes against the one in force. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.supervision_item import Item


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """Codes that are new, changed, merged into another, and left out without one."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    merged: tuple[str, ...]
    left_out: tuple[str, ...]


def compare(old: Sequence[Item], new: Sequence[Item], into: Mapping[str, str]) -> Comparison:
    """Return what `new` changes of `old`; `into` is the map of merged items that holds with `new`."""
    before, after = {one.code: one for one in old}, {one.code: one for one in new}
    gone = [code for code in before if code not in after]
    return Comparison(
        added=tuple(code for code in after if code not in before),
        changed=tuple(code for code, one in after.items() if code in before and before[code] != one),
        merged=tuple(code for code in gone if code in into),
        left_out=tuple(code for code in gone if code not in into),
    )
