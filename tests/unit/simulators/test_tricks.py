"""What careless and cheating vendors make of a purchase, and what the truth says beside it."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.units import PriceUnit
from simulators.amounts import MAX_FIELD_FEN, amount_fen
from simulators.market.goods import MarketGoods, is_over_cap, read_goods
from simulators.market.tricks import Lot, Shop, next_lots
from simulators.market.vendors import CHEAT_TRICKS, Character, Shares, Trick, Vendor, vendors

DATA = Path(__file__).parents[3] / "data"
SHIPPED = read_goods(DATA / "goods.csv", DATA / "cap_list_sanya_2013-08-26.csv")
EVERY_TRICK = tuple(Trick)


def shop(unit: PriceUnit = PriceUnit.KG, unlisted: int = 8) -> Shop:
    return Shop(goods=SHIPPED, catalogue=SHIPPED, price_unit=unit, unlisted_percent=unlisted)


def played(trick: Trick, unit: PriceUnit = PriceUnit.KG, times: int = 300) -> Iterator[tuple[Lot, ...]]:
    rng = random.Random(1)
    for _ in range(times):
        yield next_lots(rng, trick, shop(unit))


def over(lot: Lot, goods: MarketGoods, price: int) -> bool | None:
    return is_over_cap(goods, price, PriceUnit.KG)


@pytest.mark.parametrize("unit", [PriceUnit.KG, PriceUnit.HALF_KG])
@pytest.mark.parametrize("trick", EVERY_TRICK)
def test_every_lot_fits_onto_the_scale_and_says_what_it_is(trick: Trick, unit: PriceUnit) -> None:
    for lots in played(trick, unit, times=200):
        assert {lot.trick for lot in lots} == {trick}
        for lot in lots:
            assert lot.load_g >= 150
            assert 0 < lot.unit_price_fen <= MAX_FIELD_FEN
            shown_g = lot.load_g * 120 // 100
            assert amount_fen(shown_g, max(lot.unit_price_fen, lot.raised_price_fen or 0), unit) <= MAX_FIELD_FEN


def test_an_honest_sale_is_what_it_seems_and_never_over_the_cap() -> None:
    for (lot,) in played(Trick.NONE):
        assert (lot.goods, lot.load_g, lot.unit_price_fen) == (lot.true_goods, lot.true_g, lot.true_price_fen)
        assert over(lot, lot.goods, lot.unit_price_fen) is not True


@pytest.mark.parametrize("trick", [Trick.SLIP, Trick.OVER_CAP, Trick.VOIDED])
def test_over_the_cap_is_over_it(trick: Trick) -> None:
    assert all(over(lot, lot.goods, lot.unit_price_fen) for (lot,) in played(trick))


def test_a_scaled_price_hides_one_over_the_cap() -> None:
    for (lot,) in played(Trick.SCALED_PRICE):
        assert over(lot, lot.goods, lot.true_price_fen)
        assert not over(lot, lot.goods, lot.unit_price_fen)
        assert lot.true_price_fen // lot.unit_price_fen in range(10, 102)


def test_an_upgrade_is_of_one_species_and_over_the_cap_of_what_is_there() -> None:
    for (lot,) in played(Trick.GRADE_UPGRADE):
        assert lot.goods.species == lot.true_goods.species
        assert (lot.goods.cap_fen_per_500g or 0) >= (lot.true_goods.cap_fen_per_500g or 0)
        assert not over(lot, lot.goods, lot.unit_price_fen)
    assert any(over(lot, lot.true_goods, lot.unit_price_fen) for (lot,) in played(Trick.GRADE_UPGRADE))


def test_another_code_has_no_cap_though_the_goods_have_one() -> None:
    for (lot,) in played(Trick.OTHER_CODE):
        assert over(lot, lot.goods, lot.unit_price_fen) is None
        assert over(lot, lot.true_goods, lot.unit_price_fen)


def test_confused_units_are_twice_or_half_the_price() -> None:
    caps = {over(lot, lot.goods, lot.unit_price_fen) for (lot,) in played(Trick.UNIT_CONFUSION)}
    assert {True, False} <= caps


def test_a_basket_is_paid_too_and_a_tare_too_small_pays_part_of_it() -> None:
    for (lot,) in played(Trick.BASKET):
        assert 300 <= lot.load_g - lot.true_g < 600
        assert lot.tare_g == 0
    for (lot,) in played(Trick.TARE_ABUSE):
        assert 0 < lot.tare_g < lot.load_g - lot.true_g


def test_a_purchase_in_parts_adds_up() -> None:
    lots = [lots for lots in played(Trick.SPLIT) if len(lots) > 1]
    assert lots
    assert all(len({(lot.goods, lot.unit_price_fen) for lot in parts}) == 1 for parts in lots)


def test_what_is_weighed_twice_is_there_once() -> None:
    for first, second in played(Trick.REPEAT):
        assert (first.load_g, second.load_g, second.true_g) == (first.true_g, first.true_g, 0)


def test_a_price_that_is_raised_was_fair_before() -> None:
    for (lot,) in played(Trick.RAISED):
        assert not over(lot, lot.goods, lot.unit_price_fen)
        assert lot.raised_price_fen is not None
        assert over(lot, lot.goods, lot.raised_price_fen)


def test_goods_that_do_not_allow_a_trick_are_sold_without_it() -> None:
    plain = (MarketGoods(plu="2001", species="F01", grade="", name="东星斑", cap_fen_per_500g=31_500),)
    here = Shop(goods=plain, catalogue=plain, price_unit=PriceUnit.KG, unlisted_percent=0)
    for trick in (Trick.GRADE_UPGRADE, Trick.OTHER_CODE):
        (lot,) = next_lots(random.Random(1), trick, here)
        assert lot.trick is Trick.NONE


def test_unlisted_goods_are_sold_as_often_as_asked() -> None:
    rng = random.Random(1)
    drawn = [next_lots(rng, Trick.NONE, shop(unlisted=10))[0] for _ in range(1000)]
    assert 60 < sum(lot.goods.cap_fen_per_500g is None for lot in drawn) < 140


def test_cheaper_kinds_are_bought_more_often() -> None:
    sold = [lot.goods.cap_fen_per_500g or 0 for (lot,) in played(Trick.NONE, times=3000)]
    caps = sorted({entry.cap_fen_per_500g for entry in SHIPPED if entry.cap_fen_per_500g is not None})
    assert sold.count(caps[0]) > sold.count(caps[-1])


def test_the_shares_hold_exactly_and_every_trick_is_dealt() -> None:
    dealt = vendors(random.Random(1), 100, Shares(careless=10, cheat=30), EVERY_TRICK)
    kinds = [vendor.character for vendor in dealt]
    assert (kinds.count(Character.CARELESS), kinds.count(Character.CHEAT), len(kinds)) == (10, 30, 100)
    assert {vendor.trick for vendor in dealt} == {*EVERY_TRICK}
    assert {vendor.trick for vendor in vendors(random.Random(1), 40, Shares())} == {
        Trick.NONE,
        Trick.SLIP,
        Trick.OVER_CAP,
    }


def test_a_vendor_plays_the_trick_as_often_as_it_is_theirs() -> None:
    rng = random.Random(1)
    cheat = Vendor(character=Character.CHEAT, trick=Trick.BASKET, percent=60)
    drawn = [cheat.next_trick(rng) for _ in range(1000)]
    assert 540 < drawn.count(Trick.BASKET) < 660
    assert len(CHEAT_TRICKS) == 13
