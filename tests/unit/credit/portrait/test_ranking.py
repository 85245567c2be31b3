"""Ranks and quartiles, whatever the figures: ties, order, bounds, and that nobody's figure can be read."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from credit.portrait.ranking import quartiles_of, rank_permille

FIGURES = st.lists(st.integers(0, 50), min_size=2, max_size=40).map(sorted)
DIRECTION = st.booleans()


@given(FIGURES, DIRECTION)
def test_a_rank_is_the_share_of_others_that_are_no_better(everybody: list[int], less_is_better: bool) -> None:
    for place, value in enumerate(everybody):
        others = everybody[:place] + everybody[place + 1 :]
        no_better = sum(other >= value if less_is_better else other <= value for other in others)
        rank = rank_permille(value, everybody, less_is_better=less_is_better)
        assert 0 <= rank <= 1000
        assert abs(rank - 1000 * no_better / len(others)) <= 0.5


@given(FIGURES, DIRECTION)
def test_the_same_figure_has_the_same_rank_and_a_better_one_never_a_lower(
    everybody: list[int], less_is_better: bool
) -> None:
    ranks = [rank_permille(value, everybody, less_is_better=less_is_better) for value in everybody]
    for one, after, rank, rank_after in zip(everybody, everybody[1:], ranks, ranks[1:], strict=False):
        if one == after:
            assert rank == rank_after
        else:
            assert rank >= rank_after if less_is_better else rank <= rank_after


@given(FIGURES, DIRECTION)
def test_who_is_best_ranks_full_and_who_is_alone_at_the_bottom_ranks_none(
    everybody: list[int], less_is_better: bool
) -> None:
    best, worst = (everybody[0], everybody[-1]) if less_is_better else (everybody[-1], everybody[0])
    assert rank_permille(best, everybody, less_is_better=less_is_better) == 1000
    assume(everybody.count(worst) == 1)
    assert rank_permille(worst, everybody, less_is_better=less_is_better) == 0


@given(st.integers(0, 50), st.integers(2, 30), DIRECTION)
def test_where_all_are_the_same_each_is_no_worse_than_any(value: int, count: int, less_is_better: bool) -> None:
    assert rank_permille(value, [value] * count, less_is_better=less_is_better) == 1000


def test_nobody_is_ranked_against_nobody() -> None:
    with pytest.raises(ValueError, match="nobody to compare with"):
        rank_permille(7, [7], less_is_better=True)


@given(st.lists(st.integers(0, 10**9), min_size=4, max_size=60).map(sorted))
def test_quartiles_stand_in_order_within_what_there_is(everybody: list[int]) -> None:
    found = quartiles_of(everybody)
    assert found.vendors == len(everybody)
    assert everybody[0] <= found.lower <= found.median <= found.upper <= everybody[-1]


@given(st.integers(4, 200), st.integers(0, 199))
def test_no_quartile_is_one_vendors_figure(count: int, whose: int) -> None:
    """Each figure here is a power of two, so that the middle of two of them is neither's nor anybody else's."""
    found = quartiles_of([2 ** (n + 1) for n in range(count)])
    assert 2 ** (whose + 1) not in (found.lower, found.median, found.upper)


@pytest.mark.parametrize(
    ("everybody", "expected"),
    [
        ([0, 0, 100, 100], (0, 50, 100)),
        ([10, 20, 30, 40, 50], (20, 30, 40)),
        ([0, 10, 20, 30, 40, 50, 60, 70, 80], (20, 40, 60)),
        ([0, 0, 0, 0, 900], (0, 0, 450)),
    ],
)
def test_quartiles_are_halfway_between_two(everybody: list[int], expected: tuple[int, int, int]) -> None:
    found = quartiles_of(everybody)
    assert (found.lower, found.median, found.upper) == expected


def test_three_figures_have_no_quartiles() -> None:
    with pytest.raises(ValueError, match="3 figures; expected at least 4"):
        quartiles_of([1, 2, 3])
