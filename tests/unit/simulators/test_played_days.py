"""Played days: the same seed plays the same day, every trick is played, and what is recorded is consistent."""

import random
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from simulators.market.assortment import shop_of
from simulators.market.day import Day
from simulators.market.goods import read_goods
from simulators.market.plan import MarketPlan, market_registry
from simulators.market.played_days import DeviceTrick, PlayedDay, PlayedVendor, StallDays
from simulators.market.sizes import PieceSize, read_sizes, size_of
from simulators.market.vendors import Trick

DATA = Path(__file__).parents[3] / "data"
CAPS = DATA / "cap_list_sanya_2013-08-26.csv"
MIDNIGHT = datetime.fromisoformat("2026-11-22T00:00:00+08:00")
PLAN = MarketPlan(directory=Path(), goods=DATA / "goods.csv", cap_list=CAPS, truth=Path(), stalls=1)
BESIDE_THE_SCALE = {Trick.OFF_SCALE, Trick.THROWN, DeviceTrick.SWITCHED_OFF}


def played(trick: Trick | DeviceTrick, basket_g: int = 400) -> PlayedDay:
    shop = shop_of(PLAN, market_registry(PLAN)[0], read_goods(PLAN.goods, PLAN.cap_list))
    vendor = PlayedVendor(shop=shop, trick=trick, percent=60, basket_g=basket_g)
    return StallDays(random.Random(7), vendor, read_sizes(CAPS)).play(MIDNIGHT, Day())


@pytest.mark.parametrize("trick", [*Trick, *DeviceTrick])
def test_a_day_of_each_trick_is_whole_and_says_what_was_done(trick: Trick | DeviceTrick) -> None:
    day = played(trick)
    assert day == played(trick), "the same seed plays the same day"
    assert day.tricks.get(trick.value, 0) > 0
    recorded = Counter(one.trick for one in day.weighings)
    assert (trick.value in recorded) is (trick not in BESIDE_THE_SCALE)
    weighings = [one.weighing for one in day.weighings]
    assert [one.seq for one in weighings] == list(range(1, len(weighings) + 1))
    assert [one.weighed_at for one in weighings] == sorted(one.weighed_at for one in weighings)
    assert all(one.net_g == (one.gross_g or 0) - (one.tare_g or 0) > 0 for one in weighings)


def test_what_is_sold_honestly_is_what_there_was() -> None:
    assert all(one.weighing.net_g == one.true_g for one in played(Trick.NONE).weighings)


@pytest.mark.parametrize("trick", [Trick.BASKET, Trick.TARE_ABUSE, Trick.GAIN])
def test_who_cheats_with_weight_gives_less_than_is_paid(trick: Trick) -> None:
    cheated = [one for one in played(trick).weighings if one.trick == trick.value]
    assert cheated
    assert all(one.true_g < one.weighing.net_g for one in cheated)


@pytest.mark.parametrize(
    ("note", "size"),
    [
        ("12–19个/斤", PieceSize(least_g=27, most_g=41)),
        ("≥2斤/条", PieceSize(least_g=1000, most_g=1500)),
        ("≤0.7斤/个", PieceSize(least_g=175, most_g=350)),
        ("≈1.9斤/条", PieceSize(least_g=855, most_g=1045)),
        ("", None),
        ("新鲜", None),
    ],
)
def test_the_note_beside_a_grade_says_how_large_a_piece_is(note: str, size: PieceSize | None) -> None:
    assert size_of(note) == size
