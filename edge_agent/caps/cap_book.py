"""The market's caps as the agent knows them, and what they say of a price before the sale. Pure.

The words and the answers are those of the service, which judges the sale itself; a test holds the two together. What
the service will say later depends on nothing else but the list: so a warning here is a breach there.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from domain.ids import SpeciesCode
from domain.price_cap import CapList, CapStatus, CapUnit, PriceCap, Verdict
from domain.units import Fen, FenPerKg, Grams, PriceUnit, amount_due, amount_for_pieces, fen_per_kg
from messages.caps import AnnouncedList, Announcement

_WITHOUT_A_CAP: Final = {CapStatus.UNCAPPED: Verdict.UNCAPPED, CapStatus.OUT_OF_STOCK: Verdict.OUT_OF_STOCK}
_UNITS_IN_A_KG: Final = {PriceUnit.KG: 1, PriceUnit.HALF_KG: 2, PriceUnit.HUNDRED_GRAMS: 10}


@dataclass(frozen=True, kw_only=True, slots=True)
class CapEntry:
    """What there is to judge some goods by. Without `announced`, no list is in force; without `cap`, it has no item."""

    announced: AnnouncedList | None = None
    cap: PriceCap | None = None

    @property
    def list_version(self) -> str:
        """The version of the list in force; empty without one."""
        return "" if self.announced is None else self.announced.version

    @property
    def cap_fen_per_kg(self) -> FenPerKg | None:
        """The cap for a kg; None where there is none, or one by the piece."""
        if self.cap is None or self.cap.cap_fen is None or self.cap.unit is not CapUnit.KG:
            return None
        return FenPerKg(self.cap.cap_fen)


@dataclass(frozen=True, slots=True)
class CapBook:
    """The lists an agent was told of: the one that was in force then, and those to come."""

    lists: tuple[AnnouncedList, ...] = ()
    _items: dict[str, dict[SpeciesCode, list[PriceCap]]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_items", {one.version: _by_species(one.cap_list) for one in self.lists})

    def in_force(self, at: datetime) -> AnnouncedList | None:
        """Return the list that binds the market `at` a moment: of those that began, the latest, unless it has ended."""
        begun = [one for one in self.lists if one.cap_list.effective_from <= at]
        latest = max(begun, key=lambda one: one.cap_list.effective_from, default=None)
        return latest if latest is not None and latest.cap_list.in_force_at(at) else None

    def lookup(self, species: SpeciesCode, grade: str, at: datetime) -> CapEntry:
        """Return what goods are judged by `at` a moment.

        As the service does: a grade that is not said, or said in words the list does not use, falls under the list's
        ungraded item; where the list has only graded ones, under the highest of them, in the vendor's favour.
        """
        announced = self.in_force(at)
        if announced is None:
            return CapEntry()
        items = self._items[announced.version].get(species, [])
        exact = [item for item in items if item.grade == grade] or [item for item in items if not item.grade]
        return CapEntry(announced=announced, cap=next(iter(exact), None) or max(items, key=_leniency, default=None))

    def verdict(
        self,
        unit_price_fen: Fen,
        price_unit: PriceUnit,
        species: SpeciesCode,
        grade: str,
        at: datetime,
        *,
        net_g: Grams = Grams(0),
        pieces: int | None = None,
    ) -> Verdict:
        """Say what the service will say of this unit price for these goods. Equal to the cap is within.

        A price in the cap's own unit needs no load to be judged. Another one (by the piece, and a cap for a kg, or the
        other way round) can only be compared for a load that is known, and is `unlisted` until then.
        """
        return judge_price(self.lookup(species, grade, at), unit_price_fen, price_unit, net_g=net_g, pieces=pieces)


def book_of(announcement: Announcement | None) -> CapBook:
    """Return the book of what was announced last; an empty one where nothing ever was."""
    if announcement is None:
        return CapBook()
    lists = announcement.coming
    return CapBook(lists if announcement.in_force is None else (announcement.in_force, *lists))


def judge_price(
    entry: CapEntry, unit_price_fen: Fen, price_unit: PriceUnit, *, net_g: Grams = Grams(0), pieces: int | None = None
) -> Verdict:
    """Judge a unit price by what was looked up; `CapBook.verdict` says how."""
    if entry.announced is None or entry.cap is None:
        return Verdict.NO_LIST if entry.announced is None else Verdict.UNLISTED
    if entry.cap.cap_fen is None:
        return _WITHOUT_A_CAP[entry.cap.status]
    if unit_price_fen <= 0:  # not known: it is not within a cap, nor above it
        return Verdict.UNLISTED
    per_kg = fen_per_kg(unit_price_fen, price_unit)
    if entry.cap.unit is CapUnit.KG and per_kg is not None:
        return _over_if(per_kg > entry.cap.cap_fen)
    if entry.cap.unit is CapUnit.PIECE and per_kg is None:
        return _over_if(unit_price_fen > entry.cap.cap_fen)
    return _judge_amount(entry.cap.unit, entry.cap.cap_fen, unit_price_fen, per_kg, net_g, pieces or 0)


def highest_legal_fen(cap_fen_per_kg: FenPerKg, unit: PriceUnit) -> Fen | None:
    """Return the highest whole-fen price within a cap in the unit a scale is priced in; None for a piece.

    Rounded down: half a fen more for 500 g would already be above the cap.
    """
    units = _UNITS_IN_A_KG.get(unit)
    return None if units is None else Fen(cap_fen_per_kg // units)


def _judge_amount(
    cap_unit: CapUnit, cap_fen: Fen, unit_price_fen: Fen, per_kg: FenPerKg | None, net_g: Grams, pieces: int
) -> Verdict:
    """Compare what the goods would cost with the most they may cost: the units of price and cap differ."""
    is_by_piece = cap_unit is CapUnit.PIECE
    if (pieces if is_by_piece else net_g) <= 0:
        return Verdict.UNLISTED
    legal = amount_for_pieces(pieces, cap_fen) if is_by_piece else amount_due(net_g, FenPerKg(cap_fen))
    asked = amount_for_pieces(pieces, unit_price_fen) if per_kg is None else amount_due(net_g, per_kg)
    return _over_if(asked > legal)


def _over_if(is_over: bool) -> Verdict:
    return Verdict.OVER if is_over else Verdict.WITHIN


def _by_species(cap_list: CapList) -> dict[SpeciesCode, list[PriceCap]]:
    items: dict[SpeciesCode, list[PriceCap]] = {}
    for cap in cap_list.items:
        items.setdefault(cap.species, []).append(cap)
    return items


def _leniency(item: PriceCap) -> tuple[bool, int]:
    return (item.cap_fen is None, item.cap_fen or 0)
