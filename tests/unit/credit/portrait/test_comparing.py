"""A market's vendors against each other: peers of the same goods, enough of them, and who can be compared with none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.portrait.comparing import compared, main_goods
from credit.portrait.figures import Counts
from domain.ids import VendorId
from domain.portrait import Axis, AxisFigure, Lack
from tests.unit.credit.portrait.test_figures import FULL, POLICY

ENOUGH = POLICY.peers.at_least


def of(figures: tuple[AxisFigure, ...], axis: Axis) -> AxisFigure:
    return next(one for one in figures if one.axis is axis)


def sellers(count: int, net_g: int = 600_000) -> dict[VendorId, Counts]:
    return {VendorId(f"V-{n}"): Counts(sales=100, net_g=net_g + n * 60, held_days=60) for n in range(count)}


@pytest.mark.parametrize(
    ("net_g", "expected"),
    [
        ({"fish": 10, "crab": 30}, ("crab", 30)),
        ({"fish": 10, "crab": 10}, ("crab", 10)),
        ({"": 900, "fish": 1}, ("fish", 1)),
        ({"": 900}, (None, 0)),
        ({"crab": 0}, (None, 0)),
        ({}, (None, 0)),
    ],
    ids=["most", "as much", "unknown goods are nobody's", "only unknown", "by the piece", "nothing"],
)
def test_main_goods_are_what_most_was_sold_of(net_g: dict[str, int], expected: tuple[str | None, int]) -> None:
    assert main_goods(net_g) == expected


def test_a_vendor_alone_has_its_figures_and_no_rank() -> None:
    alone = VendorId("V-1")
    found = compared({alone: FULL}, {alone: "fish"}, POLICY)
    for one in found.figures[alone]:
        assert one.value is not None
        assert (one.rank_permille, one.peers, one.lack) == (None, 0, Lack.FEW_PEERS)
    assert not found.quartiles


@pytest.mark.parametrize("others", [ENOUGH - 1, ENOUGH])
def test_from_so_many_others_on_a_vendor_is_compared(others: int) -> None:
    counts = sellers(others + 1)
    found = compared(counts, dict.fromkeys(counts, "fish"), POLICY)
    best = of(found.figures[VendorId(f"V-{others}")], Axis.VOLUME)
    assert best.peers == others
    assert (best.rank_permille, best.lack) == ((1000, None) if others == ENOUGH else (None, Lack.FEW_PEERS))
    assert (("fish", Axis.VOLUME) in found.quartiles) == (others == ENOUGH)


def test_who_sells_something_else_is_no_peer() -> None:
    counts = sellers(2 * ENOUGH)
    goods = {vendor: "fish" if n % 2 else "crab" for n, vendor in enumerate(counts)}
    found = compared(counts, goods, POLICY)
    assert {of(one, Axis.VOLUME).peers for one in found.figures.values()} == {ENOUGH - 1}
    assert {of(one, Axis.VOLUME).rank_permille for one in found.figures.values()} == {None}


def test_whose_goods_are_not_known_is_compared_with_nobody() -> None:
    counts = sellers(ENOUGH + 1)
    odd = VendorId("odd")
    found = compared({**counts, odd: FULL}, {**dict.fromkeys(counts, "fish"), odd: None}, POLICY)
    assert {one.lack for one in found.figures[odd]} == {Lack.NO_GOODS}
    assert {one.value is None for one in found.figures[odd]} == {False}
    assert of(found.figures[VendorId("V-0")], Axis.VOLUME).peers == ENOUGH


def test_peers_are_those_whose_figure_is_known() -> None:
    """Who has too little of something is nobody's peer in it, and is still told how many there are."""
    counts = {**sellers(ENOUGH + 1), VendorId("new"): Counts(sales=1, net_g=9, held_days=2)}
    found = compared(counts, dict.fromkeys(counts, "fish"), POLICY)
    new = of(found.figures[VendorId("new")], Axis.VOLUME)
    assert (new.value, new.rank_permille, new.peers, new.lack) == (None, None, ENOUGH + 1, Lack.FEW_DAYS)
    assert of(found.figures[VendorId("V-0")], Axis.VOLUME).peers == ENOUGH


COUNTS = st.builds(
    Counts,
    sales=st.integers(0, 300),
    net_g=st.integers(0, 10**6),
    capped=st.integers(0, 60),
    held_days=st.integers(0, 60),
    known_days=st.integers(0, 90),
    due=st.integers(0, 3),
)


@given(st.lists(st.tuples(COUNTS, st.sampled_from(["fish", "crab", None])), max_size=30))
def test_whoever_there_is_each_axis_has_a_rank_or_says_why_not(market: list[tuple[Counts, str | None]]) -> None:
    counts = {VendorId(f"V-{n}"): one for n, (one, _goods) in enumerate(market)}
    goods = {VendorId(f"V-{n}"): its for n, (_counts, its) in enumerate(market)}
    found = compared(counts, goods, POLICY)
    assert set(found.figures) == set(counts)
    for vendor, figures in found.figures.items():
        assert tuple(one.axis for one in figures) == tuple(Axis)
        for one in figures:
            assert (one.rank_permille is None) == (one.lack is not None)
            assert one.rank_permille is None or one.peers >= ENOUGH
            its = goods[vendor]
            if one.rank_permille is not None and its is not None:
                assert found.quartiles[its, one.axis].vendors == one.peers + 1
    assert all(one.vendors > ENOUGH for one in found.quartiles.values())
