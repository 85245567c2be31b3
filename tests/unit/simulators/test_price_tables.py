"""The table of a scale that sells by it: which prices are tricks, and what a purchase becomes there."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from domain.units import PriceUnit
from simulators.market.goods import MarketGoods, is_over_cap, read_goods
from simulators.market.price_tables import PriceTable, TablePrice, draw_table
from simulators.market.tricks import Lot, Shop, next_lots
from simulators.market.vendors import KEYED_TRICKS, TABLE_TRICKS, Character, Trick, Vendor, cheat

DATA = Path(__file__).parents[3] / "data"
SHIPPED = read_goods(DATA / "goods.csv", DATA / "cap_list_sanya_2013-08-26.csv")
CAPPED = MarketGoods(plu="2001", species="F01", grade="", name="东星斑", cap_fen_per_500g=31_500)
UNCAPPED = MarketGoods(plu="2003", species="X01", grade="", name="和乐蟹", cap_fen_per_500g=None)


def shop() -> Shop:
    return Shop(goods=SHIPPED[:10], catalogue=SHIPPED, price_unit=PriceUnit.KG, unlisted_percent=8)


def drawn(vendor: Vendor, seed: int = 1) -> PriceTable:
    return draw_table(random.Random(seed), vendor, shop(), plu_digits=5)


def entry(goods: MarketGoods, unit_price_fen: int, trick: Trick = Trick.NONE) -> TablePrice:
    return TablePrice(
        goods=replace(goods, plu=goods.plu.zfill(5)),
        unit_price_fen=unit_price_fen,
        true_price_fen=unit_price_fen,
        trick=trick,
    )


def two(capped_fen: int, uncapped_fen: int, trick: Trick = Trick.NONE) -> PriceTable:
    entries = {CAPPED.plu: entry(CAPPED, capped_fen, trick), UNCAPPED.plu: entry(UNCAPPED, uncapped_fen)}
    return PriceTable(entries=entries, price_unit=PriceUnit.KG)


def lot(trick: Trick, goods: MarketGoods = CAPPED) -> Lot:
    return Lot(
        goods=goods,
        load_g=712,
        unit_price_fen=70_000,
        trick=trick,
        true_goods=CAPPED,
        true_g=712,
        true_price_fen=70_000,
        raised_price_fen=80_000,
    )


def test_a_table_has_everything_that_can_be_keyed_under_the_numbers_of_the_scale() -> None:
    table = drawn(Vendor(character=Character.HONEST))
    assert {one.goods.plu for one in table.entries.values()} == {f"0{goods.plu}" for goods in SHIPPED}
    for one in table.entries.values():
        assert (one.trick, one.true_price_fen) == (Trick.NONE, one.unit_price_fen)
        assert not is_over_cap(one.goods, one.unit_price_fen, PriceUnit.KG)


def test_the_same_chance_loads_the_same_prices_and_another_one_others() -> None:
    honest = Vendor(character=Character.HONEST)
    assert drawn(honest) == drawn(honest)
    assert drawn(honest) != drawn(honest, seed=2)


@pytest.mark.parametrize("trick", TABLE_TRICKS)
def test_a_trick_that_is_a_price_is_in_six_of_ten_prices_of_what_a_cheat_sells(trick: Trick) -> None:
    tricked = [one for one in drawn(cheat(trick)).entries.values() if one.trick is not Trick.NONE]
    assert {one.trick for one in tricked} == {trick}
    assert len(tricked) == 6
    assert {one.goods.species for one in tricked} <= {goods.species for goods in SHIPPED[:10]}
    if trick in {Trick.SLIP, Trick.OVER_CAP, Trick.VOIDED}:
        assert all(is_over_cap(one.goods, one.unit_price_fen, PriceUnit.KG) for one in tricked)
    assert all(one.true_price_fen > one.unit_price_fen for one in tricked) == (trick is Trick.SCALED_PRICE)


@pytest.mark.parametrize("trick", [trick for trick in Trick if trick not in TABLE_TRICKS])
def test_every_other_trick_leaves_the_prices_fair(trick: Trick) -> None:
    assert {one.trick for one in drawn(cheat(trick)).entries.values()} == {Trick.NONE}


@pytest.mark.parametrize("trick", Trick)
def test_whatever_a_vendor_does_the_price_is_that_of_the_table(trick: Trick) -> None:
    table, rng = drawn(cheat(trick)), random.Random(1)
    by_plu = {one.goods.plu: one for one in table.entries.values()}
    for _ in range(200):
        for here in next_lots(rng, trick, shop()):
            sold = table.sold(here)
            listed = by_plu[sold.goods.plu]
            assert (sold.unit_price_fen, sold.true_price_fen) == (listed.unit_price_fen, listed.true_price_fen)
            assert (sold.load_g, sold.tare_g, sold.true_g) == (here.load_g, here.tare_g, here.true_g)
            assert sold.true_goods.species == here.true_goods.species
            assert sold.raised_price_fen is None
            assert sold.trick not in KEYED_TRICKS


def test_a_price_that_is_a_trick_makes_each_sale_one_and_what_is_done_with_the_goods_stays_one() -> None:
    over = two(70_000, 20_000, Trick.OVER_CAP)
    assert [over.sold(lot(trick)).trick for trick in (Trick.NONE, Trick.SLIP, Trick.RAISED, Trick.BASKET)] == [
        Trick.OVER_CAP,
        Trick.OVER_CAP,
        Trick.OVER_CAP,
        Trick.BASKET,
    ]
    assert two(60_000, 20_000).sold(lot(Trick.OVER_CAP)).trick is Trick.NONE


@pytest.mark.parametrize(("uncapped_fen", "plu", "trick"), [(63_001, "02003", "other_code"), (63_000, "02001", "none")])
def test_another_code_is_keyed_only_where_it_costs_more_than_the_cap(uncapped_fen: int, plu: str, trick: str) -> None:
    sold = two(60_000, uncapped_fen).sold(lot(Trick.OTHER_CODE, UNCAPPED))
    assert (sold.goods.plu, sold.trick, sold.true_goods.species) == (plu, trick, "F01")
