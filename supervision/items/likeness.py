"""Which items look like the same one twice: by basis and by name. Pure; a person decides."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domain.supervision_item import Item

#: Thousandths of common pairs of signs: what is enough beside a common basis, and what is enough alone.
_NEAR_ENOUGH, _NEAR_ALONE = 250, 700
#: Words that half the names of a catalogue have, and that say nothing about which item it is.
_COMMON: Final = re.compile("监督检查|行政检查|专项检查|情况的?检查|检查|监管|情况|进行|是否|的")


@dataclass(frozen=True, kw_only=True, slots=True)
class Likeness:
    """Two items that may be one. `nearness` in thousandths; `shared`: the articles both rest on.

    `kept` is the one with more to check, which the other would become part of.
    """

    kept: Item
    other: Item
    nearness: int
    shared: tuple[str, ...]


def likely_duplicates(items: Sequence[Item]) -> list[Likeness]:
    """Return pairs that may be the same item, the likeliest first."""
    names = [_pairs(one.name) for one in items]
    bases = [frozenset(basis.named for basis in one.basis) for one in items]
    found = []
    for i, first in enumerate(items):
        for j in range(i + 1, len(items)):
            nearness = _nearness(names[i], names[j])
            shared = bases[i] & bases[j]
            if nearness >= (_NEAR_ENOUGH if shared else _NEAR_ALONE):
                kept, other = _larger_first(first, items[j])
                found.append(Likeness(kept=kept, other=other, nearness=nearness, shared=tuple(sorted(shared))))
    return sorted(found, key=lambda one: (-one.nearness, -len(one.shared), one.kept.code, one.other.code))


def matching(items: Sequence[Item], query: str) -> list[Item]:
    """Return the items whose code, name or basis holds every word of a query."""
    words = unicodedata.normalize("NFKC", query).casefold().split()
    return [one for one in items if all(word in _searched(one) for word in words)]


def _searched(item: Item) -> str:
    parts = (item.code, item.name, item.name_en, *(one.named for one in item.basis), *(s.name for s in item.sub_items))
    return unicodedata.normalize("NFKC", " ".join(parts)).casefold()


def _larger_first(first: Item, second: Item) -> tuple[Item, Item]:
    def size(one: Item) -> int:
        return len(one.sub_items) + len(one.questions) + len(one.alert_kinds)

    return (first, second) if size(first) >= size(second) else (second, first)


def _pairs(name: str) -> frozenset[str]:
    text = _COMMON.sub("", unicodedata.normalize("NFKC", name).casefold())
    signs = "".join(sign for sign in text if sign.isalnum())
    return frozenset(signs[n : n + 2] for n in range(len(signs) - 1)) or frozenset({signs})


def _nearness(first: frozenset[str], second: frozenset[str]) -> int:
    return 2000 * len(first & second) // (len(first) + len(second))
