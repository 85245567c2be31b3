"""Where a portrait is drawn: within its frame, in the order of its figures, and nothing for what is not known."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from credit.portrait.trend import Week
from domain.portrait import Axis, AxisFigure, Lack, Quartiles, WeekSums
from web.portrait_drawing import RADAR_HEIGHT, RADAR_WIDTH, TREND_HEIGHT, TREND_WIDTH, radar_of, trend_of

RANKS = st.lists(st.none() | st.integers(0, 1000), min_size=6, max_size=6)


def figures(ranks: list[int | None]) -> list[AxisFigure]:
    return [
        AxisFigure(
            axis=axis,
            part=1,
            whole=2,
            value=None if rank is None else 1,
            rank_permille=rank,
            peers=9,
            lack=Lack.FEW_PEERS if rank is None else None,
        )
        for axis, rank in zip(Axis, ranks, strict=True)
    ]


@given(RANKS)
def test_a_radar_stays_in_its_frame_and_leaves_out_what_is_not_known(ranks: list[int | None]) -> None:
    radar = radar_of(figures(ranks))
    assert [one.place is None for one in radar.spokes] == [rank is None for rank in ranks]
    for one in radar.spokes:
        assert 0 < one.end[0] < RADAR_WIDTH
        assert 0 < one.label[1] < RADAR_HEIGHT - 18
    beside = sum(a is not None and b is not None for a, b in zip(ranks, [*ranks[1:], ranks[0]], strict=True))
    assert len(radar.lines) == beside
    assert (radar.area != "") == (None not in ranks)


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_a_higher_rank_is_no_further_in(one: int, other: int) -> None:
    low, high = sorted((one, other))
    (_, lower), (_, higher) = (radar_of(figures([rank] * 6)).spokes[0].place or (0, 0) for rank in (low, high))
    assert higher <= lower


def weeks(values: list[int | None]) -> list[Week]:
    nothing = WeekSums(week=0, sales=0, net_g=0, capped=0, near_cap=0, over_cap=0)
    return [
        Week(
            first_day=date(2026, 8, 23) + timedelta(weeks=n),
            sums=nothing,
            held_days=0,
            used_days=0,
            values={} if value is None else {Axis.VOLUME: value},
        )
        for n, value in enumerate(values)
    ]


@given(
    st.lists(st.none() | st.integers(0, 10**7), min_size=2, max_size=53),
    st.dictionaries(st.integers(0, 52), st.lists(st.integers(0, 10**7), min_size=3, max_size=3).map(sorted)),
)
def test_a_trend_stays_in_its_frame_and_has_a_dot_for_each_known_week(
    values: list[int | None], beside: dict[int, list[int]]
) -> None:
    quartiles = {
        (Axis.VOLUME, week): Quartiles(vendors=9, lower=of[0], median=of[1], upper=of[2]) for week, of in beside.items()
    }
    trend = trend_of(Axis.VOLUME, weeks(values), quartiles)
    known = [value for value in values if value is not None]
    if not known:
        assert trend is None
        return
    assert trend is not None
    assert len(trend.dots) == len(known)
    assert trend.most >= max(known)
    for x, y in trend.dots:
        assert 0 < x < TREND_WIDTH
        assert 0 < y < TREND_HEIGHT
    runs = "".join("." if value is None else "x" for value in values).replace(".", " ").split()
    assert len(trend.lines) == sum(len(run) > 1 for run in runs)


def test_no_line_crosses_a_week_that_says_nothing() -> None:
    trend = trend_of(Axis.VOLUME, weeks([5, 7, None, 9]), {})
    assert trend is not None
    assert [line.count(",") for line in trend.lines] == [2]


def test_a_figure_of_nought_is_a_dot_on_the_floor() -> None:
    trend = trend_of(Axis.VOLUME, weeks([0, 10]), {})
    assert trend is not None
    assert trend.dots[0][1] == trend.bottom_y
