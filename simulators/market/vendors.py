"""Who sells: honest, careless and cheating vendors, and how each sets a price. Pure; chance is a seeded Random."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final

_SURNAMES: Final = "陈林黄符王李吴郑周张梁邢蔡麦谢韩冯潘何羊"
_GIVEN: Final = ("阿海", "亚明", "秀英", "国强", "丽华", "志勇", "春梅", "永福", "玉兰", "德才", "小燕", "文昌")
_TRADES: Final = ("海鲜", "渔行", "鲜活", "水产", "海味", "鱼档")
_STEP_FEN: Final = 10  # prices are set in jiao
# Percent of a vendor's sales:
_EXACTLY_AT_CAP: Final = 15
_UNLISTED_FEN_PER_500G: Final = (1500, 18_000)


class Character(Enum):
    """What a vendor is like."""

    HONEST = "honest"
    CARELESS = "careless"
    CHEAT = "cheat"


class Trick(StrEnum):
    """What is not as it should be with a sale; the truth file says it of each."""

    NONE = "none"
    # What careless vendors do:
    SLIP = "slip"  # a few percent over the cap
    REPEAT = "repeat"  # the same goods are weighed a second time
    # What cheats do:
    OVER_CAP = "over_cap"  # well over the cap
    SCALED_PRICE = "scaled_price"  # a tenth or a hundredth of the price is keyed, the rest computed by hand
    GRADE_UPGRADE = "grade_upgrade"  # small goods under the PLU of large ones
    OTHER_CODE = "other_code"  # capped goods under a PLU that has no cap
    UNIT_CONFUSION = "unit_confusion"  # a price for the kg where 500 g belong, or the other way round
    BASKET = "basket"  # the basket is weighed, and paid, too
    TARE_ABUSE = "tare_abuse"  # less is tared than the basket weighs
    THROWN = "thrown"  # thrown onto the pan and taken off before it rests: nothing is recorded
    GAIN = "gain"  # the calibration cheats: 106 to 120 %
    SPLIT = "split"  # one purchase in several small weighings
    OFF_SCALE = "off_scale"  # the scale lies idle beside the sale
    VOIDED = "void_after_warning"  # over the cap, and voided once it was recorded
    RAISED = "raised_later"  # the price is corrected upwards once it was recorded


CARELESS_TRICKS: Final = (Trick.SLIP, Trick.REPEAT)
CHEAT_TRICKS: Final = tuple(trick for trick in Trick if trick not in (Trick.NONE, *CARELESS_TRICKS))
#: These are a price. Where a scale has the prices in a table of its own, they stand there, for every sale.
TABLE_TRICKS: Final = (Trick.SLIP, Trick.OVER_CAP, Trick.SCALED_PRICE, Trick.UNIT_CONFUSION, Trick.VOIDED)
#: These are another price for goods that were sold already: by its table a scale sells all day at the same.
KEYED_TRICKS: Final = (Trick.RAISED,)
USUAL_TRICKS: Final = (Trick.SLIP, Trick.OVER_CAP)
_SLIPS_PERCENT: Final = 20
_CHEATS_PERCENT: Final = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Shares:
    """Percent of the vendors that are careless or cheat (others are honest), and of sales that are unlisted goods.

    `heeded_warnings`: percent of the warnings at which a careless vendor lowers the price; 0: none looks for them.
    """

    careless: int = 15
    cheat: int = 5
    unlisted_sales: int = 8
    heeded_warnings: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Vendor:
    """A vendor; `trick` is what a careless or a cheating one does, on `percent` of the sales."""

    character: Character
    trick: Trick = Trick.NONE
    percent: int = 0

    def next_trick(self, rng: random.Random) -> Trick:
        """Return what this vendor does at the next sale."""
        return self.trick if rng.randrange(100) < self.percent else Trick.NONE


def vendor_name(rng: random.Random) -> str:
    """Return a name such as one reads above a stall: 陈记海鲜."""
    surname = rng.choice(_SURNAMES)
    return rng.choice((f"{surname}记", rng.choice(_GIVEN), f"{surname}{rng.choice(_GIVEN)}")) + rng.choice(_TRADES)


def vendors(rng: random.Random, count: int, shares: Shares, tricks: Sequence[Trick] = USUAL_TRICKS) -> list[Vendor]:
    """Return `count` vendors. The shares hold exactly, rounded up; tricks are dealt in turn; the order is shuffled."""
    slips = [trick for trick in tricks if trick in CARELESS_TRICKS] or [Trick.SLIP]
    cheats = [trick for trick in tricks if trick in CHEAT_TRICKS] or [Trick.OVER_CAP]
    dealt = [
        Vendor(character=Character.CARELESS, trick=slips[n % len(slips)], percent=_SLIPS_PERCENT)
        for n in range(-(-count * shares.careless // 100))
    ] + [cheat(cheats[n % len(cheats)]) for n in range(-(-count * shares.cheat // 100))]
    dealt = (dealt + [Vendor(character=Character.HONEST)] * max(0, count - len(dealt)))[:count]
    rng.shuffle(dealt)
    return dealt


def cheat(trick: Trick) -> Vendor:
    """Return who does this: a calibration cheats at every sale, the others choose theirs."""
    return Vendor(character=Character.CHEAT, trick=trick, percent=100 if trick is Trick.GAIN else _CHEATS_PERCENT)


def fair_fen_per_500g(rng: random.Random, cap_fen: int | None) -> int:
    """Return an honest price for 500 g: at or under the cap, often exactly at it, which is legal."""
    if cap_fen is None:
        return in_steps(rng.randint(*_UNLISTED_FEN_PER_500G))
    if rng.randrange(100) < _EXACTLY_AT_CAP:
        return cap_fen
    return max(_STEP_FEN, in_steps(cap_fen * rng.randint(70, 100) // 100))


def slipped_fen_per_500g(rng: random.Random, cap_fen: int) -> int:
    """Return a price a few percent over the cap."""
    return cap_fen + max(_STEP_FEN, in_steps(cap_fen * rng.randint(1, 6) // 100))


def greedy_fen_per_500g(rng: random.Random, cap_fen: int) -> int:
    """Return a price well over the cap."""
    return cap_fen + max(_STEP_FEN, in_steps(cap_fen * rng.randint(15, 60) // 100))


def in_steps(fen: int) -> int:
    """Cut to whole jiao."""
    return fen // _STEP_FEN * _STEP_FEN
