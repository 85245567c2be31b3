"""Which species an unknown name may mean: by an alias beside it, by how it sounds, by how it is written. Pure.

A suggestion is never taken by itself: homophones are common, and 老虎斑 is not 老虎鱼. A person accepts it.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from functools import lru_cache
from typing import Final

from domain.ids import SpeciesCode

MOST_SUGGESTIONS: Final = 4
_LEAST_SOUND, _LEAST_WRITTEN = 0.8, 0.5


class Because(StrEnum):
    """Why a species is suggested, the strongest first."""

    ALIAS = "alias"
    SAME_SOUND = "same_sound"
    NEAR_SOUND = "near_sound"
    NEAR_NAME = "near_name"


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestion:
    """A species that a name may mean: why, by which of its names, and how near (thousandths)."""

    species: SpeciesCode
    because: Because
    through: str
    nearness: int


def suggest(name: str, aliases: Iterable[str], species_by_name: Mapping[str, SpeciesCode]) -> list[Suggestion]:
    """Return the species that a name may mean, the likeliest first, each once."""
    found: dict[SpeciesCode, Suggestion] = {}
    for alias in aliases:
        if alias in species_by_name:
            _keep(found, species_by_name[alias], Because.ALIAS, alias, 1.0)
    sound = _sound(name)
    for known, species in species_by_name.items():
        heard = _sound(known)
        if sound and sound == heard:
            _keep(found, species, Because.SAME_SOUND, known, 1.0)
            continue
        near = SequenceMatcher(None, sound, heard, autojunk=False)
        if near.real_quick_ratio() >= _LEAST_SOUND and near.quick_ratio() >= _LEAST_SOUND:
            _keep(found, species, Because.NEAR_SOUND, known, near.ratio() if near.ratio() >= _LEAST_SOUND else 0)
        written = SequenceMatcher(None, name, known, autojunk=False).ratio()
        _keep(found, species, Because.NEAR_NAME, known, written if written >= _LEAST_WRITTEN else 0)
    order = list(Because)
    ranked = sorted(found.values(), key=lambda one: (order.index(one.because), -one.nearness, one.species))
    return ranked[:MOST_SUGGESTIONS]


def _keep(
    found: dict[SpeciesCode, Suggestion], species: SpeciesCode, because: Because, through: str, near: float
) -> None:
    if not near:
        return
    order = list(Because)
    new = Suggestion(species=species, because=because, through=through, nearness=round(near * 1000))
    old = found.get(species)
    if old is None or (order.index(new.because), -new.nearness) < (order.index(old.because), -old.nearness):
        found[species] = new


@lru_cache(maxsize=4096)
def _sound(name: str) -> str:
    """Return a name's pinyin without tones, as one word; what is written in pinyin sounds as it is written."""
    from pypinyin import lazy_pinyin  # its dictionaries take some MiB, and only who imports a list needs them

    letters = unicodedata.normalize("NFD", "".join(lazy_pinyin(name)))
    return "".join(letter for letter in letters.lower() if letter.isascii() and letter.isalnum())
