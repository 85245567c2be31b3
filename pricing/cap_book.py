"""All the lists a moment can be judged by, and which item of them a weighing falls under. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.ids import MarketId, SpeciesCode
from domain.price_cap import CapList, Channel, PriceCap


@dataclass(frozen=True, kw_only=True, slots=True)
class MarketScope:
    """What decides which lists bind a market, and which day it is there."""

    area: str
    channel: Channel
    timezone: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CapBook:
    """The published lists, the markets' scopes and the names species go by, at one revision."""

    revision: int
    lists: Mapping[tuple[str, Channel], Sequence[CapList]]
    markets: Mapping[MarketId, MarketScope]
    species: frozenset[SpeciesCode]
    species_by_name: Mapping[str, SpeciesCode]
    _items: dict[int, dict[SpeciesCode, list[PriceCap]]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        items: dict[int, dict[SpeciesCode, list[PriceCap]]] = {}
        for cap_list in (one for many in self.lists.values() for one in many):
            of_list = items.setdefault(cap_list.cap_list_id, {})
            for cap in cap_list.items:
                of_list.setdefault(cap.species, []).append(cap)
        object.__setattr__(self, "_items", items)

    def list_in_force(self, market_id: MarketId, moment: datetime) -> CapList | None:
        """Return the list that binds the market at `moment`, or None."""
        scope = self.markets[market_id]
        lists = self.lists.get((scope.area, scope.channel), ())
        return next((one for one in lists if one.in_force_at(moment)), None)

    def lists_of(self, area: str, channel: str) -> Sequence[CapList]:
        """Return the lists of an area and channel, by when they begin; no two are in force at once."""
        return self.lists.get((area, Channel(channel)), ())

    def item_for(self, cap_list: CapList, species: SpeciesCode, grade: str) -> PriceCap | None:
        """Return the list's item for a species and grade.

        Goods whose grade the scale did not say, or says in words the list does not use, are judged by the list's
        ungraded item; where the list has only graded ones, by the highest of them, in the vendor's favour.
        """
        items = self._items[cap_list.cap_list_id].get(species, [])
        exact = [item for item in items if item.grade == grade] or [item for item in items if item.grade == ""]
        return next(iter(exact), None) or max(items, key=_leniency, default=None)

    def species_of(self, code: SpeciesCode, name: str) -> SpeciesCode:
        """Return the species of goods: their code where it is known, else what their name means, else as sent."""
        return code if code in self.species else self.species_by_name.get(name, code)


def _leniency(item: PriceCap) -> tuple[bool, int]:
    return (item.cap_fen is None, item.cap_fen or 0)
