"""Where a portrait's radar and trends are drawn. Pure; in whole steps, so that a template only writes them down."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from credit.portrait.trend import Week
from domain.portrait import Axis, AxisFigure, Quartiles

RADAR_WIDTH: Final = 520
RADAR_HEIGHT: Final = 376
_CENTRE: Final = (RADAR_WIDTH // 2, RADAR_HEIGHT // 2)
_RADIUS: Final = 130
_LABEL_AT: Final = 1150
_WHOLE: Final = 1000
RINGS: Final = (250, 500, 750, 1000)

TREND_WIDTH: Final = 520
TREND_HEIGHT: Final = 180
_LEFT: Final = 62
_RIGHT: Final = 12
_TOP: Final = 14
_BOTTOM: Final = 26
#: A chart of nothing but 0 has a height too: 1 %, or 10 g.
_LEAST: Final = 10

Point = tuple[int, int]
_Placed = TypeVar("_Placed")


@dataclass(frozen=True, kw_only=True, slots=True)
class Spoke:
    """An axis of the radar: its end, where its name stands and how, and the vendor's place on it; None: it has none."""

    figure: AxisFigure
    end: Point
    label: Point
    anchor: str
    place: Point | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Radar:
    """The rings as polygons, the spokes, and the vendor's lines: only between neighbouring axes that it stands on."""

    centre: Point
    rings: tuple[str, ...]
    spokes: tuple[Spoke, ...]
    area: str
    lines: tuple[tuple[Point, Point], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Trend:
    """A chart of weeks: the vendor's line in parts where weeks are missing, and its peers' band and median likewise."""

    axis: Axis
    most: int
    middle_y: int
    bottom_y: int
    dots: tuple[Point, ...]
    lines: tuple[str, ...]
    bands: tuple[str, ...]
    medians: tuple[str, ...]


def radar_of(figures: Sequence[AxisFigure]) -> Radar:
    """Return the radar of a vendor's ranks. An axis without a rank has no place: it is left out, and not 0."""
    count = len(figures)
    spokes = tuple(_spoke(number, count, one) for number, one in enumerate(figures))
    places = [one.place for one in spokes]
    lines = [(a, b) for a, b in zip(places, [*places[1:], *places[:1]], strict=True) if a is not None and b is not None]
    return Radar(
        centre=_CENTRE,
        rings=tuple(_points([_at(number, count, ring) for number in range(count)]) for ring in RINGS),
        spokes=spokes,
        area=_points([one for one in places if one is not None]) if None not in places else "",
        lines=tuple(lines),
    )


def trend_of(axis: Axis, weeks: Sequence[Week], quartiles: Mapping[tuple[Axis, int], Quartiles]) -> Trend | None:
    """Return the chart of an axis by week, from 0 to a round figure above all; None where no week has the vendor's."""
    own = [week.values.get(axis) for week in weeks]
    if all(value is None for value in own):
        return None
    peers = [quartiles.get((axis, number)) for number in range(len(weeks))]
    highest = max([value or 0 for value in own] + [one.upper for one in peers if one is not None])
    most = _round_above(max(highest, _LEAST))

    def place(number: int, value: int) -> Point:
        x = _LEFT + number * (TREND_WIDTH - _LEFT - _RIGHT) // max(1, len(weeks) - 1)
        return x, TREND_HEIGHT - _BOTTOM - value * (TREND_HEIGHT - _TOP - _BOTTOM) // most

    own_runs = _runs([None if value is None else place(number, value) for number, value in enumerate(own)])
    peer_runs = _runs([None if one is None else (number, one) for number, one in enumerate(peers)])
    return Trend(
        axis=axis,
        most=most,
        middle_y=place(0, most // 2)[1],
        bottom_y=place(0, 0)[1],
        dots=tuple(point for run in own_runs for point in run),
        lines=tuple(_points(run) for run in own_runs if len(run) > 1),
        bands=tuple(
            _points([place(n, one.upper) for n, one in run] + [place(n, one.lower) for n, one in reversed(run)])
            for run in peer_runs
        ),
        medians=tuple(_points([place(n, one.median) for n, one in run]) for run in peer_runs),
    )


def _spoke(number: int, count: int, figure: AxisFigure) -> Spoke:
    end, label = _at(number, count, _WHOLE), _at(number, count, _LABEL_AT)
    across = label[0] - _CENTRE[0]
    rank = figure.rank_permille
    return Spoke(
        figure=figure,
        end=end,
        label=label,
        anchor="middle" if abs(across) < _RADIUS // 4 else "start" if across > 0 else "end",
        place=None if rank is None else _at(number, count, rank),
    )


def _at(number: int, count: int, permille: int) -> Point:
    """A place on an axis, the first straight up, the others clockwise."""
    angle = 2 * math.pi * number / count
    reach = _RADIUS * permille / _WHOLE
    return round(_CENTRE[0] + reach * math.sin(angle)), round(_CENTRE[1] - reach * math.cos(angle))


def _points(places: Sequence[Point]) -> str:
    return " ".join(f"{x},{y}" for x, y in places)


def _round_above(highest: int) -> int:
    """The lowest of 1, 2, 5, 10, 20, 50, … that nothing is above."""
    unit = 1
    while True:
        for step in (1, 2, 5):
            if step * unit >= highest:
                return step * unit
        unit *= 10


def _runs(places: Sequence[_Placed | None]) -> list[list[_Placed]]:
    """Split where something is missing: no line crosses a week that says nothing."""
    runs: list[list[_Placed]] = [[]]
    for one in places:
        if one is None:
            runs.append([])
        else:
            runs[-1].append(one)
    return [run for run in runs if run]
