"""All the lists a moment can be judged by, and which item of them a weighing falls under. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.ids import MarketId, SpeciesCode, VendorId
from domain.price_cap import CapList, CapStatus, Channel, Exemption, PriceCap
from pricing.timeline import Timeline, at, layered


@dataclass(frozen=True, kw_only=True, slots=True)
class MarketScope:
    """What decides which lists bind a market, and which day it is there."""

    area: str
    channel: Channel
    timezone: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CapBook:
    """The published lists by area and channel, the markets' scopes, who is exempt, and the names of species.

    A market is judged by a list of its own where it has one in force, else by its area's; advisory lists come last:
    where only they speak, the vendor prices freely.
    """

    revision: int
    lists: Mapping[tuple[str, Channel], Sequence[CapList]]
    markets: Mapping[MarketId, MarketScope]
    species: frozenset[SpeciesCode]
    species_by_name: Mapping[str, SpeciesCode]
    exemptions: Mapping[tuple[MarketId, VendorId], Sequence[Exemption]] = field(default_factory=dict)
    _items: dict[int, dict[SpeciesCode, list[PriceCap]]] = field(init=False, repr=False)
    _timelines: dict[tuple[str, Channel, MarketId | None], Timeline] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        items: dict[int, dict[SpeciesCode, list[PriceCap]]] = {}
        for cap_list in (one for many in self.lists.values() for one in many):
            of_list = items.setdefault(cap_list.cap_list_id, {})
            for cap in cap_list.items:
                if cap.status is not CapStatus.ABSENT:
                    of_list.setdefault(cap.species, []).append(cap)
        object.__setattr__(self, "_items", items)
        object.__setattr__(self, "_timelines", {})

    def timeline_of(self, market_id: MarketId) -> Timeline:
        """Return which list judges when in a market; markets without lists of their own share their area's."""
        scope = self.markets[market_id]
        lists = self.lists.get((scope.area, scope.channel), ())
        own = market_id if any(one.market_id == market_id for one in lists) else None
        key = (scope.area, scope.channel, own)
        if key not in self._timelines:
            whose = (own, None) if own is not None else (None,)
            self._timelines[key] = layered(
                [
                    [one for one in lists if one.is_advisory == is_advisory and one.market_id == market]
                    for is_advisory in (False, True)
                    for market in whose
                ]
            )
        return self._timelines[key]

    def list_in_force(self, market_id: MarketId, moment: datetime) -> CapList | None:
        """Return the list that judges in the market at `moment`, or None."""
        return at(self.timeline_of(market_id), moment)

    def is_exempt(self, market_id: MarketId, vendor_id: VendorId, moment: datetime) -> bool:
        """Say whether a vendor may price freely at `moment`."""
        return any(one.holds_at(moment) for one in self.exemptions.get((market_id, vendor_id), ()))

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
