"""Equally good assignments and a seed → the one that is dealt, and the proof that the lot leaves no other. Pure.

Who may have what is given by pairs that the prices allow. Of these the largest lots of each claim and each stall are
enough; where they are not, four times as many are taken. The prices are no matter of the solver: they are the lowest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from credit.rotation.lots import lots
from credit.rotation.matching import Flags, NotProven, Whole

_LOTS_EACH: Final = 32
_ATTEMPTS: Final = 16
#: More than the lots of a whole market: a stall that must be used outweighs them.
_MUST: Final = np.int64(1 << 38)


def dealt(allowed: Flags, must: Flags, claims: Sequence[int], stalls: Sequence[str], seed: str) -> Whole:
    """Return the column of each row with the largest sum of lots, every column that `must` be used with it.

    Raise NotProven where no assignment is allowed at all.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        drawn = np.where(allowed, lots(seed, attempt, claims, stalls), 0)
        columns = _dealt_once(drawn, must)
        if columns is not None:
            return columns
    raise NotProven(f"{_ATTEMPTS} lots left more than one assignment")


def _dealt_once(drawn: Whole, must: Flags) -> Whole | None:
    """Deal with as few lots of each as there is an assignment with; None where it is not the only one."""
    each = _LOTS_EACH
    while True:
        pairs = _pairs(drawn, must, each)
        columns = _best(pairs)
        if columns is not None and not must[_unused(columns, len(must))].any():
            return columns if _is_the_only_one(pairs, columns) else None
        if each >= max(drawn.shape):
            raise NotProven("the pairs that prices allow leave somebody out")
        each *= 4


@dataclass(frozen=True, kw_only=True, slots=True)
class _Pairs:
    """Pairs of rows and columns with what each is worth, by rows."""

    rows: Whole
    columns: Whole
    worth: Whole
    shape: tuple[int, int]


def _pairs(drawn: Whole, must: Flags, each: int) -> _Pairs:
    height, width = drawn.shape
    kept = drawn > 0
    if each < width:
        kept &= drawn >= np.partition(drawn, width - each, axis=1)[:, width - each, None]
    if each < height:
        kept |= (drawn > 0) & (drawn >= np.partition(drawn, height - each, axis=0)[None, height - each])
    rows, columns = np.nonzero(kept)
    return _Pairs(
        rows=rows, columns=columns, worth=drawn[rows, columns] + np.where(must[columns], _MUST, 0), shape=drawn.shape
    )


def _best(pairs: _Pairs) -> Whole | None:
    # Imported here: whoever only shows a round needs no solver, and it takes half a second.
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    if len(np.unique(pairs.rows)) < pairs.shape[0]:
        return None
    graph = csr_array((pairs.worth.astype(np.float64), (pairs.rows, pairs.columns)), shape=pairs.shape)
    try:
        rows, columns = min_weight_full_bipartite_matching(graph, maximize=True)
    except ValueError:  # says so only in words: no full matching exists
        return None
    found = np.empty(pairs.shape[0], dtype=np.int64)
    found[rows] = columns
    return found


def _is_the_only_one(pairs: _Pairs, columns: Whole) -> bool:
    """Prove the sum by prices, and that nothing can be exchanged round a circle at them. Raise NotProven."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    height, width = pairs.shape
    row_has, prices = _lowest_prices(pairs, columns)
    tight = (row_has - prices[columns])[pairs.rows] + prices[pairs.columns] == pairs.worth
    tight &= columns[pairs.rows] != pairs.columns
    owner = np.full(width, height)
    owner[columns] = np.arange(height)
    # Whoever has a column without a price may leave it for one that nobody has: both go through one place, `height`.
    leavers = np.nonzero(prices[columns] == 0)[0]
    starts = np.concatenate([pairs.rows[tight], np.full(len(leavers), height)])
    ends = np.concatenate([owner[pairs.columns[tight]], leavers])
    graph = csr_array((np.ones(len(starts), dtype=np.int8), (starts, ends)), shape=(height + 1, height + 1))
    count, _ = connected_components(graph, directed=True, connection="strong")
    return bool(count == height + 1)


def _lowest_prices(pairs: _Pairs, columns: Whole) -> tuple[Whole, Whole]:
    height, width = pairs.shape
    row_has = np.zeros(height, dtype=np.int64)
    had = columns[pairs.rows] == pairs.columns
    row_has[pairs.rows[had]] = pairs.worth[had]
    gain = pairs.worth - row_has[pairs.rows]
    prices = np.zeros(width, dtype=np.int64)
    for _ in range(height + 2):
        asked = gain + prices[columns[pairs.rows]]
        risen = prices.copy()
        np.maximum.at(risen, pairs.columns, asked)
        if (risen == prices).all():
            break
        prices = risen
    else:
        raise NotProven("exchanging round a circle still gains: the dealt assignment is not the best")
    if prices[_unused(columns, width)].any():
        raise NotProven("a column that nobody has would have a price")
    return row_has, prices


def _unused(columns: Whole, width: int) -> Flags:
    unused = np.ones(width, dtype=np.bool_)
    unused[columns] = False
    return unused
