"""From prices that were counted to what goods traded at: quartiles, volume, against the cap and the day before. Pure.

A quartile is a price that was really asked (as PostgreSQL's discrete percentile): the lowest that at least so many of
the weighings did not exceed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter

from db.day_trends import PriceCount
from domain.ids import SpeciesCode

_PERMILLE = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Traded:
    """What was traded of goods in a day. Prices in fen per kg (or piece); None where the scales knew none."""

    weighings: int
    net_g: int
    paid_fen: int
    over_cap: int
    lower_fen: int | None
    median_fen: int | None
    upper_fen: int | None
    lowest_cap_fen: int | None
    highest_cap_fen: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class GoodsTrend:
    """Goods on a day, and on the day before; None on a day without a sale of them."""

    species_code: SpeciesCode
    grade: str
    by_piece: bool
    today: Traded | None
    before: Traded | None

    @property
    def against_cap_permille(self) -> int | None:
        """How far the median is above the cap (negative: below), the highest cap where vendors had different ones."""
        return None if self.today is None else _apart(self.today.median_fen, self.today.highest_cap_fen)

    @property
    def against_before_permille(self) -> int | None:
        """How far the median has moved since the day before."""
        if self.today is None or self.before is None:
            return None
        return _apart(self.today.median_fen, self.before.median_fen)


def trends_of(today: Iterable[PriceCount], before: Iterable[PriceCount]) -> list[GoodsTrend]:
    """Put counted prices together, goods by goods: those of the most money today come first."""
    found: dict[tuple[SpeciesCode, str, bool], tuple[list[PriceCount], list[PriceCount]]] = {}
    for place, counts in enumerate((today, before)):
        for one in counts:
            found.setdefault((one.species_code, one.grade, one.by_piece), ([], []))[place].append(one)
    trends = [
        GoodsTrend(
            species_code=species, grade=grade, by_piece=by_piece, today=_traded(of_today), before=_traded(of_before)
        )
        for (species, grade, by_piece), (of_today, of_before) in found.items()
    ]
    return sorted(
        trends,
        key=lambda one: (-(one.today.paid_fen if one.today else -1), one.species_code, one.grade, one.by_piece),
    )


def quartiles(priced: Sequence[tuple[int, int]]) -> tuple[int, int, int] | None:
    """Return the three quartiles of (price, how often), of which none is 0 times; None of nothing."""
    ordered, total = sorted(priced), sum(times for _, times in priced)
    if not total:
        return None
    found: list[int] = []
    passed = 0
    for price, times in ordered:
        passed += times
        while len(found) < 3 and passed * 4 >= (len(found) + 1) * total:  # noqa: PLR2004 - three quartiles
            found.append(price)
    return found[0], found[1], found[2]


def _traded(counts: Sequence[PriceCount]) -> Traded | None:
    if not counts:
        return None
    known = quartiles([(one.price_fen, one.weighings) for one in counts if one.price_fen is not None])
    lower, median, upper = known or (None, None, None)
    lowest = [one.lowest_cap_fen for one in counts if one.lowest_cap_fen is not None]
    highest = [one.highest_cap_fen for one in counts if one.highest_cap_fen is not None]
    return Traded(
        weighings=_sum(counts, "weighings"),
        net_g=_sum(counts, "net_g"),
        paid_fen=_sum(counts, "paid_fen"),
        over_cap=_sum(counts, "over_cap"),
        lower_fen=lower,
        median_fen=median,
        upper_fen=upper,
        lowest_cap_fen=min(lowest, default=None),
        highest_cap_fen=max(highest, default=None),
    )


def _sum(counts: Sequence[PriceCount], name: str) -> int:
    return sum(map(attrgetter(name), counts))


def _apart(price: int | None, other: int | None) -> int | None:
    """Return how far a price is above another in thousandths of that, rounded half away from nothing."""
    if price is None or not other:
        return None
    apart = price - other
    size = (2 * abs(apart) * _PERMILLE + other) // (2 * other)
    return -size if apart < 0 else size
