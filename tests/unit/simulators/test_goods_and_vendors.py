"""What is sold at which price: the published list, and vendors who keep to it or do not."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from domain.errors import BadFile
from domain.units import PriceUnit
from simulators.market.goods import MarketGoods, is_over_cap, read_goods
from simulators.market.vendors import fair_fen_per_500g, greedy_fen_per_500g, slipped_fen_per_500g, vendor_name

DATA = Path(__file__).parents[3] / "data"
CAP_LIST = DATA / "cap_list_sanya_2013-08-26.csv"
COLUMNS = "plu,species,grade,name,cap_list_name\n"


def goods(cap: int | None) -> MarketGoods:
    return MarketGoods(plu="2001", species="F01", grade="", name="东星斑", cap_fen_per_500g=cap)


@pytest.mark.parametrize(
    ("price", "unit", "over"),
    [
        (31_499, PriceUnit.HALF_KG, False),
        (31_500, PriceUnit.HALF_KG, False),
        (31_501, PriceUnit.HALF_KG, True),
        (63_000, PriceUnit.KG, False),
        (63_001, PriceUnit.KG, True),
    ],
    ids=["below", "at the cap", "one fen over", "at the cap by the kg", "one fen over by the kg"],
)
def test_exactly_at_the_cap_is_not_over_it(price: int, unit: PriceUnit, over: bool) -> None:
    assert is_over_cap(goods(31_500), price, unit) is over


def test_goods_without_a_cap_are_neither_over_nor_under_it() -> None:
    assert is_over_cap(goods(None), 999_999, PriceUnit.KG) is None


def test_the_published_list_gives_each_grade_its_cap(tmp_path: Path) -> None:
    path = tmp_path / "goods.csv"
    path.write_text(
        COLUMNS + "2001,S01,大,芒果螺,芒果螺\n2002,S01,小,芒果螺,芒果螺\n2003,X,,和乐蟹,\n", encoding="utf-8"
    )
    assert [entry.cap_fen_per_500g for entry in read_goods(path, CAP_LIST)] == [9200, 1800, None]


def test_the_shipped_goods_all_find_their_caps() -> None:
    shipped = read_goods(DATA / "goods.csv", CAP_LIST)
    assert len({entry.plu for entry in shipped}) == len(shipped)
    assert any(entry.cap_fen_per_500g is None for entry in shipped)


def test_every_name_that_is_not_in_the_list_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "goods.csv"
    path.write_text(COLUMNS + "2001,F,,a,不在\n2002,F,,b,也不在\n", encoding="utf-8")
    with pytest.raises(BadFile) as refused:
        read_goods(path, CAP_LIST)
    assert [problem.split(":")[0] for problem in refused.value.problems] == [
        "row 2, cap_list_name",
        "row 3, cap_list_name",
    ]


def test_goods_without_a_row_are_a_problem(tmp_path: Path) -> None:
    (tmp_path / "goods.csv").write_text(COLUMNS, encoding="utf-8")
    with pytest.raises(BadFile, match="there are no goods"):
        read_goods(tmp_path / "goods.csv", CAP_LIST)


def prices(draw: Callable[[random.Random, int], int], cap: int) -> list[int]:
    rng = random.Random(1)
    return [draw(rng, cap) for _ in range(2000)]


def test_a_fair_price_is_never_over_the_cap_and_often_exactly_at_it() -> None:
    drawn = prices(fair_fen_per_500g, 31_500)
    assert max(drawn) == 31_500
    assert drawn.count(31_500) > 200


def test_a_slip_is_a_few_percent_over() -> None:
    drawn = prices(slipped_fen_per_500g, 31_500)
    assert min(drawn) > 31_500
    assert max(drawn) <= 31_500 * 106 // 100


def test_greed_is_well_over() -> None:
    assert min(prices(greedy_fen_per_500g, 31_500)) >= 31_500 * 114 // 100


def test_names_are_chinese() -> None:
    rng = random.Random(1)
    for _ in range(100):
        assert all("\u4e00" <= char <= "\u9fff" for char in vendor_name(rng))
