"""Who sells: honest, careless and cheating vendors, and how each sets a price. Pure; chance is a seeded Random."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from domain.units import PriceUnit
from simulators.goods import MarketGoods
from simulators.scale import DIVISION_G, MAX_FIELD_FEN, OVERSHOOT_PERCENT

_SURNAMES: Final = "陈林黄符王李吴郑周张梁邢蔡麦谢韩冯潘何羊"
_GIVEN: Final = ("阿海", "亚明", "秀英", "国强", "丽华", "志勇", "春梅", "永福", "玉兰", "德才", "小燕", "文昌")
_TRADES: Final = ("海鲜", "渔行", "鲜活", "水产", "海味", "鱼档")
_STEP_FEN: Final = 10  # prices are set in jiao
# Percent of a vendor's sales:
_CARELESS_SLIPS: Final = 20
_CHEAT_CHEATS: Final = 60
_EXACTLY_AT_CAP: Final = 15
_SMALLEST_SALE_G: Final = 200
_USUAL_LARGEST_SALE_G: Final = 3000
_UNLISTED_FEN_PER_500G: Final = (1500, 18_000)


class Character(Enum):
    """How a vendor keeps to the caps."""

    HONEST = "honest"
    CARELESS = "careless"
    CHEAT = "cheat"


@dataclass(frozen=True, kw_only=True, slots=True)
class Shares:
    """Percent of the vendors that are careless or cheat (others are honest), and of sales that are unlisted goods."""

    careless: int = 15
    cheat: int = 5
    unlisted_sales: int = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What a customer gets: goods, how much, and at which price for the scale's unit."""

    goods: MarketGoods
    net_g: int
    unit_price_fen: int


def vendor_name(rng: random.Random) -> str:
    """Return a name such as one reads above a stall: 陈记海鲜."""
    surname = rng.choice(_SURNAMES)
    return rng.choice((f"{surname}记", rng.choice(_GIVEN), f"{surname}{rng.choice(_GIVEN)}")) + rng.choice(_TRADES)


def characters(rng: random.Random, count: int, shares: Shares) -> list[Character]:
    """Return the characters of `count` vendors; the shares hold exactly, rounded up, and the order is shuffled."""
    careless = -(-count * shares.careless // 100)
    cheats = -(-count * shares.cheat // 100)
    drawn = [Character.CARELESS] * careless + [Character.CHEAT] * cheats
    drawn = (drawn + [Character.HONEST] * max(0, count - len(drawn)))[:count]
    rng.shuffle(drawn)
    return drawn


def fen_per_500g(rng: random.Random, character: Character, cap_fen: int) -> int:
    """Return the price for 500 g of capped goods: at or under the cap, a few percent over, or well over."""
    chance = rng.randrange(100)
    if character is Character.CARELESS and chance < _CARELESS_SLIPS:
        return cap_fen + max(_STEP_FEN, _in_steps(cap_fen * rng.randint(1, 6) // 100))
    if character is Character.CHEAT and chance < _CHEAT_CHEATS:
        return cap_fen + max(_STEP_FEN, _in_steps(cap_fen * rng.randint(15, 60) // 100))
    if chance >= 100 - _EXACTLY_AT_CAP:
        return cap_fen  # exactly at the cap, which is legal
    return max(_STEP_FEN, _in_steps(cap_fen * rng.randint(70, 100) // 100))


def next_sale(
    rng: random.Random, character: Character, goods: Sequence[MarketGoods], shares: Shares, price_unit: PriceUnit
) -> Wanted:
    """Return what the next customer wants, and the price this vendor sets for it."""
    capped = [entry for entry in goods if entry.cap_fen_per_500g is not None]
    unlisted = [entry for entry in goods if entry.cap_fen_per_500g is None]
    is_unlisted = rng.randrange(100) < shares.unlisted_sales
    chosen = rng.choice((unlisted or capped) if is_unlisted else (capped or unlisted))
    if chosen.cap_fen_per_500g is None:
        price = _in_steps(rng.randint(*_UNLISTED_FEN_PER_500G))
    else:
        price = fen_per_500g(rng, character, chosen.cap_fen_per_500g)
    affordable_g = MAX_FIELD_FEN * 500 // price * 100 // OVERSHOOT_PERCENT
    largest_g = max(_SMALLEST_SALE_G, min(_USUAL_LARGEST_SALE_G, affordable_g))
    return Wanted(
        goods=chosen,
        net_g=rng.randrange(_SMALLEST_SALE_G, largest_g + 1, DIVISION_G),
        unit_price_fen=price if price_unit is PriceUnit.HALF_KG else 2 * price,
    )


def _in_steps(fen: int) -> int:
    return fen // _STEP_FEN * _STEP_FEN
