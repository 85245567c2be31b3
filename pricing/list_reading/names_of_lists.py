"""What a name cell says: names, aliases and a grade in brackets, sometimes a unit ('大闸蟹（元/只）'). Pure."""

import re
from dataclasses import dataclass
from typing import Final

from domain.price_cap import UNTOLD, GradeMeaning
from domain.units import PriceUnit
from pricing.list_reading.grades_of_lists import grade_in_brackets
from pricing.list_reading.units_of_lists import unit_told

_BRACKET: Final = re.compile(r"[(\[【〔]([^()\[\]【】〔〕]*)[)\]】〕]")
_ANY_BRACKET: Final = re.compile(r"[()\[\]【】〔〕]")
_BETWEEN: Final = re.compile(r"[/、,;|]")
_CALLED: Final = re.compile(r"^(?:又名|又称|俗称|俗名|别名|也叫|即|aka)\s*:?\s*", re.IGNORECASE)
_CHINESE_GAP: Final = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")


@dataclass(frozen=True, kw_only=True, slots=True)
class NameTold:
    """What a name cell says. `names`: the item goes by each of them ('马蹄螺/塔螺'); `aliases` stood in brackets."""

    names: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    grade: str = ""
    meaning: GradeMeaning = UNTOLD
    unit: PriceUnit | None = None


def name_told(text: str) -> NameTold | None:
    """Return what a cell says (its text made plain); None where it holds no name, or a bracket without its partner."""
    brackets: list[str] = _BRACKET.findall(text)
    base = _BRACKET.sub(" ", text)
    if _ANY_BRACKET.search(base):
        return None
    head, _space, last = base.strip().rpartition(" ")
    behind = grade_in_brackets(last) if head else None
    names = _split(head if behind else base)
    if not names:
        return None
    aliases: list[str] = []
    grade, unit = behind, None
    for content in map(str.strip, brackets):
        told = grade_in_brackets(content)
        if told is not None:
            grade = told
        elif unit_told(content) is not None:
            unit = unit_told(content)
        else:
            aliases.extend(_split(_CALLED.sub("", content)))
    return NameTold(
        names=names,
        aliases=tuple(dict.fromkeys(aliases)),
        grade="" if grade is None else grade.word,
        meaning=UNTOLD if grade is None else grade.meaning,
        unit=unit,
    )


def names_in(text: str) -> tuple[str, ...]:
    """Return the names of a cell of the aliases' own column."""
    return _split(_CALLED.sub("", text))


def _split(text: str) -> tuple[str, ...]:
    parts = (_CHINESE_GAP.sub("", part.strip()) for part in _BETWEEN.split(text))
    return tuple(dict.fromkeys(part for part in parts if part))
