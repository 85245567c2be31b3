"""What a new list changes against the one it takes over from, item by item. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

from domain.ids import SpeciesCode
from domain.price_cap import CapStatus, CapUnit

#: A change of more than this many thousandths of the old cap is marked: the usual mistake is a factor of two.
LARGE_PERMILLE: Final = 300
_PERMILLE: Final = 1000


class ChangeKind(StrEnum):
    """What happened to an item."""

    NEW = "new"
    GONE = "gone"
    UP = "up"
    DOWN = "down"
    SAME = "same"
    STATUS = "status"
    UNIT = "unit"


class Said(NamedTuple):
    """What a list says about an item; `fen` per `unit` where it is capped by a number.

    `made`: where the vendor's own purchase makes the cap, its markup (in thousandths) and what is added (in fen).
    """

    status: CapStatus
    unit: CapUnit
    fen: int | None
    made: tuple[int | None, int | None] = (None, None)


class _Line(Protocol):
    """What every kind of item has: to be published, published, shown."""

    @property
    def status(self) -> CapStatus: ...
    @property
    def unit(self) -> CapUnit: ...
    @property
    def cap_fen(self) -> int | None: ...
    @property
    def markup_permille(self) -> int | None: ...
    @property
    def plus_fen(self) -> int | None: ...


def said_of(line: _Line) -> Said:
    """Return what an item says."""
    return Said(line.status, line.unit, line.cap_fen, (line.markup_permille, line.plus_fen))


class ListedItem(NamedTuple):
    """An item of a list, as far as lists are compared."""

    species: SpeciesCode
    grade: str
    said: Said


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What happened to an item. `permille`: by how much of the old cap, signed, where there are two of one unit."""

    species: SpeciesCode
    grade: str
    kind: ChangeKind
    before: Said | None
    after: Said | None
    permille: int | None = None

    @property
    def is_large(self) -> bool:
        """Whether somebody should look twice: beyond ±30 %, or per piece where it was per kg."""
        return self.kind is ChangeKind.UNIT or (self.permille is not None and abs(self.permille) > LARGE_PERMILLE)


def compare(before: Iterable[ListedItem], after: Iterable[ListedItem]) -> list[Change]:
    """Return what happened to each item, in the order of the new list; what is gone comes last."""
    old = {(item.species, item.grade): item.said for item in before}
    changes = [
        _change(item.species, item.grade, old.pop((item.species, item.grade), None), item.said) for item in after
    ]
    return changes + [_change(species, grade, said, None) for (species, grade), said in old.items()]


def counted(changes: Sequence[Change]) -> dict[ChangeKind, int]:
    """Return how many changes there are of each kind."""
    return {kind: sum(change.kind is kind for change in changes) for kind in ChangeKind}


def _change(species: SpeciesCode, grade: str, before: Said | None, after: Said | None) -> Change:
    kind, permille = _kind(before, after)
    return Change(species=species, grade=grade, kind=kind, before=before, after=after, permille=permille)


def _kind(before: Said | None, after: Said | None) -> tuple[ChangeKind, int | None]:
    if before is None or after is None:
        return (ChangeKind.NEW if before is None else ChangeKind.GONE), None
    if before.status is not after.status or (before.fen is None) != (after.fen is None):
        return ChangeKind.STATUS, None
    if before.fen is None or after.fen is None:
        return (ChangeKind.SAME if before.made == after.made else ChangeKind.STATUS), None
    if before.unit is not after.unit:
        return ChangeKind.UNIT, None
    if before.fen == after.fen:
        return ChangeKind.SAME, 0
    # Rounded away from nought: what is a fen beyond 30 % is beyond it.
    difference = after.fen - before.fen
    size = -(-abs(difference) * _PERMILLE // before.fen)
    return (ChangeKind.UP, size) if difference > 0 else (ChangeKind.DOWN, -size)
