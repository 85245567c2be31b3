"""A market's day without scales, lines and brokers: the weighings that would arrive, and what is true of each. Pure.

The vendors, their tricks, prices and hours are those of the market that speaks bytes (simulators.market.running); what
is left out is the way from the pan to the wire. So thousands of vendors' days are played in a minute, and rules are
held against the truth. Beside the tricks of vendors there are those of devices (DeviceTrick), which need a scale that
writes its own messages, and things a market's own scale would show: baskets and counted pieces.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.ids import SpeciesCode
from domain.units import Fen, Grams
from domain.weighing import Weighing
from simulators.amounts import DIVISION_G, amount_fen, unit_price_fen
from simulators.market.day import Day
from simulators.market.goods import MarketGoods
from simulators.market.sizes import PieceSize
from simulators.market.tricks import Lot, Shop, lots_of, next_lots
from simulators.market.vendors import Trick

_BUSY_S: Final = (25.0, 60.0)
_NEXT_LOAD_S: Final = (8.0, 15.0)
_REGRET_S: Final = 3.0
_GAIN_PERCENT: Final = (106, 120)
_OFF_FROM_S, _OFF_UNTIL_S = 17 * 3600, 21 * 3600


class DeviceTrick(StrEnum):
    """What a scale, or the program in it, does for its vendor. The truth of a played day says it of each weighing."""

    PADDED = "padded_amount"  # the amount is a few percent more than net x price
    MOVING = "moving"  # the weight is taken before the scale is at rest
    PRELOADED = "preloaded_zero"  # zeroed with the pan held up: everything weighs more
    SPIKE = "price_spike"  # goods without a cap at several times the usual price
    WRONG_KEY = "wrong_key"  # cheap goods under the key of dear ones
    CRUMBS = "crumbs"  # portions below what the scale may weigh
    SWITCHED_OFF = "switched_off"  # the scale is off in the evening rush, and sales go on
    DOUBLED = "second_device"  # another device weighs elsewhere under the scale's name, with a journal of its own


@dataclass(frozen=True, kw_only=True, slots=True)
class PlayedVendor:
    """Who is played. `trick` on `percent` of the sales; `basket_g`: what the stall's basket weighs, 0 for none."""

    shop: Shop
    trick: Trick | DeviceTrick = Trick.NONE
    percent: int = 0
    basket_g: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Played:
    """A weighing that arrives, and what is true: what was done with it, and how much there really was."""

    weighing: Weighing
    trick: str
    true_g: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PlayedDay:
    """What a stall's day came to. `tricks`: how many sales each trick was played on, also beside the scale."""

    weighings: tuple[Played, ...]
    tricks: Mapping[str, int]


class StallDays:
    """Plays the days of one stall, one after another; its journal goes on."""

    def __init__(self, rng: random.Random, vendor: PlayedVendor, sizes: Mapping[tuple[str, str], PieceSize]) -> None:
        self._rng, self._vendor, self._sizes = rng, vendor, sizes
        self._seq = 0

    def play(self, midnight: datetime, day: Day, *, honestly: bool = False) -> PlayedDay:
        """Play the day that begins at `midnight`. `honestly`: no trick is played."""
        played: list[Played] = []
        tricks: dict[str, int] = {}
        free_s = 0.0
        while (at_s := day.next_customer(self._rng, free_s)) < day.closes_s:
            trick = Trick.NONE if honestly else self._next_trick(at_s)
            made = list(self._sell(trick, midnight, at_s))
            done = made[0].trick if made else trick.value
            tricks[done] = tricks.get(done, 0) + 1
            played += made
            last_s = at_s if not made else (made[-1].weighing.weighed_at - midnight).total_seconds()
            free_s = last_s + self._rng.uniform(*_BUSY_S)
        return PlayedDay(weighings=tuple(played), tricks=tricks)

    def _next_trick(self, at_s: float) -> Trick | DeviceTrick:
        if self._vendor.trick is DeviceTrick.SWITCHED_OFF:
            return DeviceTrick.SWITCHED_OFF if _OFF_FROM_S <= at_s < _OFF_UNTIL_S else Trick.NONE
        return self._vendor.trick if self._rng.randrange(100) < self._vendor.percent else Trick.NONE

    def _sell(self, trick: Trick | DeviceTrick, midnight: datetime, at_s: float) -> Iterator[Played]:
        """Yield what one customer's purchase leaves in the journal; nothing where no scale shows it."""
        if trick in (Trick.OFF_SCALE, Trick.THROWN, DeviceTrick.SWITCHED_OFF):
            return
        at = midnight + timedelta(seconds=at_s)
        lots = self._by_device(trick) if isinstance(trick, DeviceTrick) else self._by_vendor(trick)
        for lot, made in lots:
            weighing = self._record(made, at)
            yield Played(weighing=weighing, trick=_name_of(lot, trick), true_g=lot.true_g)
            if lot.trick in (Trick.VOIDED, Trick.RAISED):
                yield from self._regret(lot, weighing, at + timedelta(seconds=_REGRET_S))
            at += timedelta(seconds=self._rng.uniform(*_NEXT_LOAD_S))

    def _by_vendor(self, trick: Trick) -> Iterator[tuple[Lot, Weighing]]:
        for wanted in next_lots(self._rng, trick, self._vendor.shop):
            lot, pieces = self._in_pieces(self._with_basket(wanted))
            weighing = self._of(lot, pieces)
            if lot.trick is Trick.GAIN:
                gained = lot.load_g * self._rng.randint(*_GAIN_PERCENT) // 100 // DIVISION_G * DIVISION_G
                weighing = self._of(replace(lot, load_g=gained), pieces)
            yield lot, weighing

    def _with_basket(self, lot: Lot) -> Lot:
        """Put the stall's basket under the goods, and tare it as the vendor does."""
        basket_g = self._vendor.basket_g
        if not basket_g:
            return lot
        if lot.trick in (Trick.BASKET, Trick.TARE_ABUSE):
            tared_g = 0 if lot.trick is Trick.BASKET else basket_g * 2 // 5 // DIVISION_G * DIVISION_G
            return replace(lot, load_g=lot.true_g + basket_g, tare_g=tared_g)
        return replace(lot, load_g=lot.load_g + basket_g, tare_g=basket_g)

    def _in_pieces(self, lot: Lot) -> tuple[Lot, int | None]:
        """Count goods that are sold by size: whole pieces of what they truly are."""
        size = self._sizes.get((lot.true_goods.name, lot.true_goods.grade))
        if size is None or not lot.goods.grade or lot.trick in (Trick.SPLIT, Trick.REPEAT):
            return lot, None
        piece_g = self._rng.randint(size.least_g, size.most_g)
        pieces = max(1, round(lot.true_g / piece_g))
        true_g = pieces * piece_g
        return replace(lot, true_g=true_g, load_g=lot.load_g - lot.true_g + true_g), pieces

    def _by_device(self, trick: DeviceTrick) -> Iterator[tuple[Lot, Weighing]]:
        rng = self._rng
        for lot, fair in self._by_vendor(Trick.NONE):
            if trick is DeviceTrick.PADDED:
                more_fen = max(5, fair.amount_fen * rng.randint(1, 3) // 100)
                yield lot, replace(fair, amount_fen=Fen(fair.amount_fen + more_fen))
            elif trick is DeviceTrick.MOVING:
                yield lot, replace(fair, stable=False)
            elif trick is DeviceTrick.PRELOADED:
                yield lot, replace(fair, zero_offset_g=-rng.randrange(650, 1500, DIVISION_G))
            elif trick is DeviceTrick.CRUMBS:
                crumb_g = rng.randrange(50, 100, DIVISION_G)
                small = replace(lot, true_g=crumb_g, load_g=crumb_g, tare_g=0)
                yield small, self._of(small, None)
            elif trick is DeviceTrick.DOUBLED:
                yield lot, fair
            elif trick is DeviceTrick.SPIKE:
                yield from self._spike(lot)
            else:
                yield from self._wrong_key(lot)

    def _spike(self, otherwise: Lot) -> Iterator[tuple[Lot, Weighing]]:
        free = [goods for goods in self._vendor.shop.catalogue if goods.cap_fen_per_500g is None]
        lot = otherwise
        if free:
            price = unit_price_fen(self._rng.randint(400, 600) * 100, self._vendor.shop.price_unit)
            half_kg = replace(otherwise, load_g=500, tare_g=0, true_g=500)
            lot = replace(half_kg, goods=self._rng.choice(free), unit_price_fen=price)
        yield lot, self._of(lot, None)

    def _wrong_key(self, otherwise: Lot) -> Iterator[tuple[Lot, Weighing]]:
        """Goods that cost less than half of the dearest of the stall come under its key, at their own price."""
        capped = sorted(_capped(self._vendor.shop.goods), key=lambda goods: goods.cap_fen_per_500g or 0)
        dear = capped[-1] if capped else None
        cheap = [one for one in capped if dear and 2 * (one.cap_fen_per_500g or 0) < (dear.cap_fen_per_500g or 0)]
        if dear is None or not cheap:
            yield otherwise, self._of(otherwise, None)
            return
        (lot,) = lots_of(self._rng, Trick.NONE, self._rng.choice(cheap), self._vendor.shop)
        keyed = replace(lot, goods=dear)
        yield keyed, self._of(keyed, None)

    def _of(self, lot: Lot, pieces: int | None) -> Weighing:
        shop, net_g = self._vendor.shop, lot.load_g - lot.tare_g
        amount = Fen(amount_fen(net_g, lot.unit_price_fen, shop.price_unit))
        return Weighing(
            seq=1,
            weighed_at=_ANY_TIME,
            net_g=Grams(net_g),
            gross_g=Grams(lot.load_g),
            tare_g=Grams(lot.tare_g),
            zero_offset_g=0,
            pieces=pieces,
            stable=True,
            clock_synced=True,
            unit_price_fen=Fen(lot.unit_price_fen),
            price_unit=shop.price_unit,
            amount_fen=amount,
            paid_fen=amount,
            plu=lot.goods.plu,
            species=SpeciesCode(lot.goods.species),
            grade=lot.goods.grade,
            name=lot.goods.name,
        )

    def _regret(self, lot: Lot, sold: Weighing, at: datetime) -> Iterator[Played]:
        """Void a sale; or void it and record it again at a higher price."""
        void = replace(sold, voids_seq=sold.seq)
        yield Played(weighing=self._record(void, at), trick=lot.trick.value, true_g=0)
        if lot.raised_price_fen is not None:
            raised = self._of(replace(lot, unit_price_fen=lot.raised_price_fen), sold.pieces)
            again = self._record(raised, at + timedelta(seconds=_REGRET_S))
            yield Played(weighing=again, trick=lot.trick.value, true_g=lot.true_g)

    def _record(self, weighing: Weighing, at: datetime) -> Weighing:
        self._seq += 1
        return replace(weighing, seq=self._seq, weighed_at=at, paid_fen=weighing.amount_fen)


def _capped(goods: Sequence[MarketGoods]) -> list[MarketGoods]:
    return [one for one in goods if one.cap_fen_per_500g is not None]


def _name_of(lot: Lot, trick: Trick | DeviceTrick) -> str:
    """A trick that the goods did not allow was none."""
    return trick.value if isinstance(trick, DeviceTrick) else lot.trick.value


_ANY_TIME: Final = datetime.fromisoformat("2026-01-01T00:00:00+08:00")
