"""The assignment problem, solved exactly and proven by prices: nothing is better than what they add up to. Pure.

scipy finds the assignment (Jonker-Volgenant); the prices are found here, in whole numbers, and checked: whoever
doubts it checks them too, without a solver.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]

#: Stands for a pair that cannot be; far below every sum.
NEVER: Final = np.int64(-(1 << 61))
#: Whole numbers below it are exact in floating point.
EXACT: Final = 1 << 53


class NotProven(AssertionError):
    """The solver's answer does not hold what it promises: nothing of it may be shown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Matched:
    """Which column each row has, what that is worth, and the prices that prove that nothing is worth more.

    For every pair that can be, `row_prices + column_prices >= worth`, and both are equal for the pairs that are. Prices
    of columns are 0 or more, and 0 where nobody has one. So the sum of all prices is a bound, and `total` reaches it.
    """

    columns: Whole
    total: int
    row_prices: Whole
    column_prices: Whole


def match(worth: Whole, *, first: Whole | None = None) -> Matched | None:
    """Give every row a column so that the sum is as large as can be; None where not every row can have one.

    `worth` is `NEVER` where a pair cannot be. `first`: an order of the rows in which the solver is quick.
    """
    # Imported here: whoever only shows a round needs no solver, and it takes half a second.
    from scipy.optimize import linear_sum_assignment

    rows, width = worth.shape
    if rows > width:
        return None
    possible = worth > NEVER
    largest = int(np.abs(np.where(possible, worth, 0)).max(initial=0))
    if largest * (rows + 1) >= EXACT:
        raise ValueError(f"a sum of {rows} pairs of up to {largest} is not exact in floating point")
    order = np.arange(rows) if first is None else first
    costs = np.where(possible, -worth, np.inf)[order]
    try:
        _, found = linear_sum_assignment(costs)
    except ValueError:  # says so only in words: infeasible
        return None
    columns = np.empty(rows, dtype=np.int64)
    columns[order] = found
    return _proven(worth, possible, columns)


def _proven(worth: Whole, possible: Flags, columns: Whole) -> Matched:
    """Find the lowest prices of columns: what exchanging along a chain of rows would gain. Raise NotProven."""
    rows, width = worth.shape
    everyone = np.arange(rows)
    have = worth[everyone, columns]
    gain = np.where(possible, worth - have[:, None], NEVER)
    prices = np.zeros(width, dtype=np.int64)
    changed = everyone
    for _ in range(rows + 2):
        # A row asks of each column what it would gain there, plus the price of the column it has.
        asked = (gain[changed] + prices[columns[changed]][:, None]).max(axis=0, initial=NEVER)
        risen = asked > prices
        if not risen.any():
            break
        prices = np.maximum(prices, asked)
        changed = everyone[risen[columns]]
        if not len(changed):
            break
    row_prices = have - prices[columns]
    free = np.ones(width, dtype=np.bool_)
    free[columns] = False
    holds = bool(np.all(np.where(possible, row_prices[:, None] + prices[None, :] >= worth, True)))
    if not holds or prices[free].any() or len(set(columns.tolist())) != rows or not possible[everyone, columns].all():
        raise NotProven("the solver's assignment has no prices that prove it")
    total = int(have.sum())
    if total != int(row_prices.sum()) + int(prices.sum()):
        raise NotProven(f"the assignment is worth {total}, and its prices add up to another sum")
    return Matched(columns=columns, total=total, row_prices=row_prices, column_prices=prices)
