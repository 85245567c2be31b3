"""From counted prices to trends, strips and proposals."""

import pytest

from db.day_trends import PriceCount
from db.reference_proposals import Rate, SpeciesWords
from domain.ids import SpeciesCode
from pricing.reference_proposals import proposals_of, proposed_reference
from pricing.traded import trends_of
from web.strip import WIDTH, strip_of

F01 = SpeciesCode("F01")
FISH = SpeciesWords(species_code=F01, name_zh="鲈鱼", name_en="sea bass", category="fish")
RATE = Rate(category="fish", markup_permille=1900, allowance_permille=100)


def count(price: int | None, times: int, *, cap: int | None = None, species: str = "F01", paid: int = 0) -> PriceCount:
    return PriceCount(SpeciesCode(species), "", False, price, times, times * 1000, paid or times, 0, cap, cap)


def test_a_day_is_put_together_and_stands_against_the_day_before() -> None:
    [goods] = trends_of([count(100, 1, cap=120), count(110, 3, cap=130), count(None, 5)], [count(88, 2)])
    assert goods.today is not None
    assert (goods.today.weighings, goods.today.lower_fen, goods.today.median_fen) == (9, 100, 110)
    assert (goods.today.lowest_cap_fen, goods.today.highest_cap_fen) == (120, 130)
    assert goods.against_cap_permille == -154  # 110 under 130: 15.4 % below
    assert goods.against_before_permille == 250


def test_goods_of_one_day_only_are_there_with_nothing_on_the_other() -> None:
    new, gone = trends_of([count(1, 1, species="F02")], [count(1, 1)])
    assert (new.species_code, new.before, new.against_before_permille) == ("F02", None, None)
    assert (gone.species_code, gone.today, gone.against_cap_permille) == ("F01", None, None)


def test_the_goods_of_the_most_money_come_first() -> None:
    found = trends_of([count(1, 1, species="A", paid=5), count(1, 1, species="B", paid=9)], [])
    assert [one.species_code for one in found] == ["B", "A"]


def test_a_strip_begins_at_nothing_and_holds_everything() -> None:
    [goods] = trends_of([count(price, 1, cap=100) for price in (50, 60, 70, 80)], [count(120, 1)])
    strip = strip_of(goods)
    assert strip is not None
    assert strip.before is not None
    assert strip.cap is not None
    assert 4 < strip.lower < strip.median < strip.upper < strip.cap < strip.before < WIDTH
    [unknown] = trends_of([count(None, 3)], [])
    assert strip_of(unknown) is None


@pytest.mark.parametrize(
    ("median", "rate", "expected"),
    [(23_000, RATE, 7_210), (22_968, RATE, 7_200), (1, RATE, 1), (23_000, None, 23_000)],
    ids=["a cap in whole yuan", "36 yuan: the official example backwards", "never nothing", "no rate is in force"],
)
def test_what_is_proposed_makes_the_median_the_cap(median: int, rate: Rate | None, expected: int) -> None:
    assert proposed_reference(median, rate) == expected


def test_only_goods_of_a_known_species_and_price_are_proposed() -> None:
    trends = trends_of([count(23_000, 3), count(7, 1, species=""), count(None, 2, species="F02")], [count(1, 1)])
    [one] = proposals_of(trends, words={F01: FISH}, rates={"fish": RATE}, published=[])
    assert (one.species, one.median_fen, one.proposed_fen, one.price_unit) == (FISH, 23_000, 7_210, "kg")
