"""What a vendor makes of a customer's wish: the loads that come onto the pan, what is keyed, and what is true.

Pure; chance is a seeded Random. Who pays in the end is not simulated: `true_price_fen` is what was asked for.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from domain.units import PriceUnit
from simulators.amounts import DIVISION_G, MAX_FIELD_FEN, unit_price_fen
from simulators.market.goods import MarketGoods
from simulators.market.vendors import Trick, fair_fen_per_500g, greedy_fen_per_500g, in_steps, slipped_fen_per_500g

_SMALLEST_SALE_G: Final = 200
_USUAL_LARGEST_SALE_G: Final = 3000
_ROOM_PERCENT: Final = 200  # swing, basket, gain or a doubled price still fit into the scale's fields
_BASKET_G: Final = (300, 600)
_SMALLEST_PART_G: Final = 150
_UNLISTED_DEMAND_YUAN: Final = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Lot:
    """One load and what is keyed for it; beside it what is true. Prices are for the scale's unit, in fen.

    `load_g` is what lies on the pan, a basket with it. `raised_price_fen` is what the price is corrected to afterwards.
    """

    goods: MarketGoods
    load_g: int
    unit_price_fen: int
    tare_g: int = 0
    trick: Trick
    true_goods: MarketGoods
    true_g: int
    true_price_fen: int
    raised_price_fen: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Shop:
    """What a stall sells, and every key its scale has."""

    goods: Sequence[MarketGoods]
    catalogue: Sequence[MarketGoods]
    price_unit: PriceUnit
    unlisted_percent: int


def next_lots(rng: random.Random, trick: Trick, shop: Shop) -> tuple[Lot, ...]:
    """Return what the next customer's purchase becomes on the scale. A trick that its goods do not allow is none."""
    return lots_of(rng, trick, _wanted(rng, shop, needs_cap=trick is not Trick.NONE), shop)


def lots_of(rng: random.Random, trick: Trick, goods: MarketGoods, shop: Shop) -> tuple[Lot, ...]:
    """Return what a purchase of these goods becomes. A trick that they do not allow is none."""
    fair = _fair(rng, goods, shop.price_unit)
    play = _PLAYS.get(trick)
    if play is None or (goods.cap_fen_per_500g is None and trick not in _FREE_OF_CAPS):
        return (fair,)
    lots = play(rng, fair, goods.cap_fen_per_500g or 0, shop)
    return tuple(replace(lot, trick=trick) for lot in lots) or (fair,)


def _wanted(rng: random.Random, shop: Shop, *, needs_cap: bool) -> MarketGoods:
    capped = [entry for entry in shop.goods if entry.cap_fen_per_500g is not None]
    unlisted = [entry for entry in shop.goods if entry.cap_fen_per_500g is None]
    is_unlisted = rng.randrange(100) < shop.unlisted_percent and not needs_cap
    chosen = (unlisted or capped) if is_unlisted else (capped or unlisted)
    return rng.choices(chosen, [_demand(entry) for entry in chosen])[0]


def _demand(goods: MarketGoods) -> int:
    """Cheaper kinds are bought more often: an assumption, for the lists do not say."""
    yuan = _UNLISTED_DEMAND_YUAN if goods.cap_fen_per_500g is None else goods.cap_fen_per_500g // 100
    return 10_000 // (50 + yuan)


def _fair(rng: random.Random, goods: MarketGoods, unit: PriceUnit) -> Lot:
    return _lot(rng, goods, fair_fen_per_500g(rng, goods.cap_fen_per_500g), unit)


def _lot(rng: random.Random, goods: MarketGoods, fen_per_500g: int, unit: PriceUnit) -> Lot:
    """An honest lot at this price, of a weight whose amount the scale can show."""
    affordable_g = MAX_FIELD_FEN * 500 // fen_per_500g * 100 // _ROOM_PERCENT
    largest_g = max(_SMALLEST_SALE_G, min(_USUAL_LARGEST_SALE_G, affordable_g))
    net_g = rng.randrange(_SMALLEST_SALE_G, largest_g + 1, DIVISION_G)
    price = unit_price_fen(fen_per_500g, unit)
    return Lot(
        goods=goods,
        load_g=net_g,
        unit_price_fen=price,
        trick=Trick.NONE,
        true_goods=goods,
        true_g=net_g,
        true_price_fen=price,
    )


def _at(rng: random.Random, fair: Lot, fen_per_500g: int, shop: Shop) -> Lot:
    return _lot(rng, fair.goods, fen_per_500g, shop.price_unit)


def _slip(rng: random.Random, fair: Lot, cap: int, shop: Shop) -> tuple[Lot, ...]:
    return (_at(rng, fair, slipped_fen_per_500g(rng, cap), shop),)


def _over_cap(rng: random.Random, fair: Lot, cap: int, shop: Shop) -> tuple[Lot, ...]:
    return (_at(rng, fair, greedy_fen_per_500g(rng, cap), shop),)


def _repeat(_rng: random.Random, fair: Lot, _cap: int, _shop: Shop) -> tuple[Lot, ...]:
    """The second time there is nothing more to sell."""
    return (fair, replace(fair, true_g=0))


def _scaled(rng: random.Random, fair: Lot, cap: int, shop: Shop) -> tuple[Lot, ...]:
    lot = _at(rng, fair, greedy_fen_per_500g(rng, cap), shop)
    return (replace(lot, unit_price_fen=max(1, lot.true_price_fen // rng.choice((10, 100)))),)


def _grade_upgrade(rng: random.Random, _fair: Lot, _cap: int, shop: Shop) -> tuple[Lot, ...]:
    """Of a species with grades, the one with the lowest cap is sold as that with the highest."""
    graded = [entry for entry in shop.catalogue if entry.grade and entry.cap_fen_per_500g is not None]
    if not graded:
        return ()
    species = rng.choice(graded).species
    kinds = sorted(
        (entry for entry in graded if entry.species == species), key=lambda entry: entry.cap_fen_per_500g or 0
    )
    small, large = kinds[0], kinds[-1]
    least, most = small.cap_fen_per_500g or 0, large.cap_fen_per_500g or 0
    lot = _lot(rng, large, in_steps(rng.randint((least + most) // 2, most)), shop.price_unit)
    return (replace(lot, true_goods=small),)


def _other_code(rng: random.Random, fair: Lot, cap: int, shop: Shop) -> tuple[Lot, ...]:
    uncapped = [entry for entry in shop.catalogue if entry.cap_fen_per_500g is None]
    lot = _at(rng, fair, greedy_fen_per_500g(rng, cap), shop)
    return (replace(lot, goods=rng.choice(uncapped)),) if uncapped else ()


def _unit_confusion(rng: random.Random, fair: Lot, _cap: int, _shop: Shop) -> tuple[Lot, ...]:
    """Twice the price, or half of it, is keyed; that is also what the customer is asked for."""
    price = fair.unit_price_fen * 2 if rng.randrange(2) else fair.unit_price_fen // 2
    return (replace(fair, unit_price_fen=price, true_price_fen=price),)


def _basket(rng: random.Random, fair: Lot, _cap: int, _shop: Shop) -> tuple[Lot, ...]:
    return (replace(fair, load_g=fair.true_g + _basket_g(rng)),)


def _tare_abuse(rng: random.Random, fair: Lot, _cap: int, _shop: Shop) -> tuple[Lot, ...]:
    """Two fifths of the basket are tared."""
    basket_g = _basket_g(rng)
    tare_g = basket_g * 2 // 5 // DIVISION_G * DIVISION_G
    return (replace(fair, load_g=fair.true_g + basket_g, tare_g=tare_g),)


def _split(rng: random.Random, fair: Lot, cap: int, shop: Shop) -> tuple[Lot, ...]:
    lot = _at(rng, fair, greedy_fen_per_500g(rng, cap), shop)
    parts = max(1, min(rng.randint(2, 4), lot.true_g // _SMALLEST_PART_G))
    part_g = lot.true_g // parts // DIVISION_G * DIVISION_G
    weights = [part_g] * (parts - 1) + [lot.true_g - part_g * (parts - 1)]
    return tuple(replace(lot, load_g=g, true_g=g) for g in weights)


def _as_it_is(_rng: random.Random, fair: Lot, _cap: int, _shop: Shop) -> tuple[Lot, ...]:
    """The goods and the price are in order; it is the scale, or how it is used, that is not."""
    return (fair,)


def _raised(rng: random.Random, fair: Lot, cap: int, shop: Shop) -> tuple[Lot, ...]:
    raised = unit_price_fen(greedy_fen_per_500g(rng, cap), shop.price_unit)
    return (replace(fair, raised_price_fen=raised, true_price_fen=raised),)


def _basket_g(rng: random.Random) -> int:
    return rng.randrange(*_BASKET_G, DIVISION_G)


_FREE_OF_CAPS: Final = (
    Trick.REPEAT,
    Trick.UNIT_CONFUSION,
    Trick.BASKET,
    Trick.TARE_ABUSE,
    Trick.THROWN,
    Trick.GAIN,
    Trick.OFF_SCALE,
)
_Play = Callable[[random.Random, Lot, int, Shop], tuple[Lot, ...]]
_PLAYS: Final[dict[Trick, _Play]] = {
    Trick.SLIP: _slip,
    Trick.REPEAT: _repeat,
    Trick.OVER_CAP: _over_cap,
    Trick.SCALED_PRICE: _scaled,
    Trick.GRADE_UPGRADE: _grade_upgrade,
    Trick.OTHER_CODE: _other_code,
    Trick.UNIT_CONFUSION: _unit_confusion,
    Trick.BASKET: _basket,
    Trick.TARE_ABUSE: _tare_abuse,
    Trick.THROWN: _as_it_is,
    Trick.GAIN: _as_it_is,
    Trick.SPLIT: _split,
    Trick.OFF_SCALE: _as_it_is,
    Trick.VOIDED: _over_cap,
    Trick.RAISED: _raised,
}
