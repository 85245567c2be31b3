"""The draw (双随机): which subjects are visited, and by whom. Pure and exact: a seed gives the same draw for ever.

docs/inspections.md says the method in words, so that anyone can repeat it; `METHOD` names it in every draw. Whatever
changes what a seed gives is a new method with a new name.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

METHOD: Final = "steelyard-draw-1"
_ALL: Final = 1 << 256


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """Who may be drawn, by a key that names nobody; `weight` is a whole number above 0."""

    key: str
    weight: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Inspector:
    """Who may be sent. `barred`: keys of subjects that this person does not visit."""

    badge: str
    barred: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawn:
    """A visit: a subject and who goes. Without badges nobody could go: too few were free to."""

    key: str
    badges: tuple[str, ...]


def seed_of(frozen_sha256: str, secret: str, public_value: str) -> str:
    """Return the seed, in hex: of what was frozen, the secret that was promised, and a value nobody could choose."""
    text = f"{METHOD}\n{frozen_sha256}\n{secret}\n{public_value}"
    return hashlib.sha256(text.encode()).hexdigest()


def draw(
    subjects: Sequence[Subject],
    inspectors: Sequence[Inspector],
    *,
    visits: int,
    each: int,
    most: int,
    seed: str,
) -> list[Drawn]:
    """Return the visits in the order they were drawn; fewer than `visits` only where there are no more subjects.

    `each`: inspectors a visit; `most`: visits an inspector. In which order the lists are given does not matter.
    """
    ordered = sorted(subjects, key=lambda one: one.key.encode())
    staff = sorted(inspectors, key=lambda one: one.badge.encode())
    _require_sound(ordered, staff)
    urn, loads = _Urn([one.weight for one in ordered]), dict.fromkeys((one.badge for one in staff), 0)
    drawn = []
    for number in range(1, min(visits, len(ordered)) + 1):
        subject = ordered[urn.take(below(urn.total, seed, f"subject {number}"))]
        free = [one.badge for one in staff if subject.key not in one.barred and loads[one.badge] < most]
        badges = _chosen(free, each, seed, number) if len(free) >= each else ()
        for badge in badges:
            loads[badge] += 1
        drawn.append(Drawn(key=subject.key, badges=badges))
    return drawn


def below(bound: int, seed: str, label: str) -> int:
    """Return a whole number from 0 to `bound` - 1, each equally likely: SHA-256 of seed, label and the try's number.

    A number of the last, incomplete span of `bound` is not taken: the next try is.
    """
    fair, tried = _ALL - _ALL % bound, 0
    while True:
        number = int.from_bytes(hashlib.sha256(f"{seed}\n{label}\n{tried}".encode()).digest(), "big")
        if number < fair:
            return number % bound
        tried += 1


def _chosen(free: list[str], each: int, seed: str, number: int) -> tuple[str, ...]:
    left = list(free)
    chosen = [left.pop(below(len(left), seed, f"inspector {number} {place}")) for place in range(1, each + 1)]
    return tuple(sorted(chosen, key=str.encode))


def _require_sound(subjects: Sequence[Subject], inspectors: Sequence[Inspector]) -> None:
    if any(one.weight < 1 for one in subjects):
        raise ValueError("a weight is below 1: such a subject could never be drawn")
    for names in ([one.key for one in subjects], [one.badge for one in inspectors]):
        if len(names) != len(set(names)):
            raise ValueError("a name stands twice in a draw")


class _Urn:
    """Whole weights to draw from without putting back: a tree of partial sums, so that a draw costs log n."""

    def __init__(self, weights: list[int]) -> None:
        self._sums = [0, *weights]
        self._weights = weights
        self.total = sum(weights)
        for place in range(1, len(self._sums)):
            above = place + (place & -place)
            if above < len(self._sums):
                self._sums[above] += self._sums[place]

    def take(self, number: int) -> int:
        """Take out and return the index where the sum of weights up to and with it first exceeds `number`."""
        place, step = 0, 1 << (len(self._sums) - 1).bit_length()
        while step:
            beyond = place + step
            if beyond < len(self._sums) and self._sums[beyond] <= number:
                place, number = beyond, number - self._sums[beyond]
            step >>= 1
        self._remove(place)
        return place

    def _remove(self, index: int) -> None:
        weight, place = self._weights[index], index + 1
        self.total -= weight
        while place < len(self._sums):
            self._sums[place] -= weight
            place += place & -place
