"""What a rule saw, in numbers: kept in an alert's note, and said in words by whoever shows it. Pure.

A name says its unit by its end: `_fen`, `_fen_per_kg`, `_g`, `_permille`, `_s`; without one it is a count.
"""

import re
from collections.abc import Mapping
from typing import Final

_FIGURE: Final = re.compile(r"(?P<name>[a-z][a-z0-9_]*)=(?P<value>-?\d+)")

Figures = Mapping[str, int]


def noted(figures: Figures) -> str:
    """Return figures as a note: `amount_fen=1200 due_fen=1100`."""
    return " ".join(f"{name}={value}" for name, value in figures.items())


def figures_in(note: str) -> dict[str, int]:
    """Return the figures of a note; none where it is anything else."""
    parts = [_FIGURE.fullmatch(part) for part in note.split()]
    if not all(parts):
        return {}
    return {part["name"]: int(part["value"]) for part in parts if part is not None}
