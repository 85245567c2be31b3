"""Where a figure stands among those of its peers, and what they are like without saying whose is which. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Final

from domain.portrait import Axis, Quartiles

#: A vendor stands the further out the less there is of these.
LESS_IS_BETTER: Final = frozenset({Axis.PRICES, Axis.COMPLAINTS})
_WHOLE: Final = 1000
#: Of which quartiles can be told without naming one of them.
_FEWEST: Final = 4


def rank_permille(value: int, everybody: Sequence[int], *, less_is_better: bool) -> int:
    """Return of how many in 1000 of the others a figure is no worse; `everybody`: all figures, ascending, with this.

    The same figure has the same rank: among vendors that are all without a complaint each is no worse than any. A
    better figure never ranks lower. Rounded half up. Raise ValueError where there are no others.
    """
    others = len(everybody) - 1
    if others < 1:
        raise ValueError("there is nobody to compare with")
    no_better = len(everybody) - bisect_left(everybody, value) if less_is_better else bisect_right(everybody, value)
    return (2 * _WHOLE * (no_better - 1) + others) // (2 * others)


def quartiles_of(ordered: Sequence[int]) -> Quartiles:
    """Return quartiles of figures in ascending order, each halfway between two vendors' figures and so nobody's own.

    Raise ValueError for fewer than four.
    """
    if len(ordered) < _FEWEST:
        raise ValueError(f"{len(ordered)} figures; expected at least {_FEWEST}")
    lower, median, upper = (_between(ordered, quarters) for quarters in (1, 2, 3))
    return Quartiles(vendors=len(ordered), lower=lower, median=median, upper=upper)


def _between(ordered: Sequence[int], quarters: int) -> int:
    """The two figures beside the place of a quartile; one that stands on it exactly is left out."""
    place, rest = divmod((len(ordered) - 1) * quarters, 4)
    before, after = (place, place + 1) if rest else (place - 1, place + 1)
    return (ordered[before] + ordered[after] + 1) // 2
