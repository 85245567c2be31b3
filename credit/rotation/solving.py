"""The rotation itself: the best sum, proven; equals by lot; some kept apart; who is left without a stall. Pure.

docs/rotation.md says the method in words. Nothing of it depends on the clock or on the order in which lists are given.
"""

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from credit.rotation.dealing import dealt
from credit.rotation.matching import EXACT, NEVER, Flags, Matched, NotProven, Whole, match
from credit.rotation.model import Rotation, neighbours_of, problems_of
from credit.rotation.tables import Tables
from domain.errors import RuleViolation

#: How many restricted problems are solved for neighbours at most, so that a repetition ends at the same one.
MOST_TRIED: Final = 60
#: A pair of a row and a column that a restricted problem does without.
_Without = frozenset[tuple[int, int]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Solution:
    """Which stall each claim has (None: none is left), and the proof.

    `bound`: no assignment is worth more, as `claim_prices` and `stall_prices` show; it is `objective` where nobody
    had to be kept apart at a price. `restricted`: how many problems were solved for that; `not_apart`: who
    could not be kept apart.
    """

    places: Mapping[int, str | None]
    objective: int
    bound: int
    claim_prices: Mapping[int, int]
    stall_prices: Mapping[str, int]
    restricted: int = 0
    not_apart: tuple[tuple[int, int], ...] = ()

    @property
    def gap(self) -> int:
        """How much better an assignment could be at most; 0: none can."""
        return self.bound - self.objective


def solve(rotation: Rotation, seed: str, *, most_tried: int = MOST_TRIED) -> Solution:
    """Return the rotation. Raise RuleViolation naming what it cannot be reckoned with."""
    problems = problems_of(rotation)
    if problems:
        raise RuleViolation("; ".join(problems), problem="rotation_unsound", facts={"problems": tuple(problems)})
    search = _Search(Tables(rotation), seed)
    root = search.solved(frozenset())
    best, tried, bound = _kept_apart(search, root, most_tried)
    return _solution(search, root, best, tried, bound)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Block:
    """What a block came to: the column of each row (-1: left out) and the prices."""

    columns: Whole
    total: int
    row_prices: Whole
    column_prices: Whole


@dataclass(frozen=True, kw_only=True, slots=True)
class _Node:
    """A problem without some pairs, solved. `total` counts who is left out as a loss that nothing outweighs."""

    without: _Without
    columns: Whole
    total: int
    blocks: tuple[_Block, ...]
    together: tuple[tuple[int, int], ...] = field(default=())


class _Search:
    """Solves a rotation without some pairs; a block that these do not touch is solved once."""

    def __init__(self, tables: Tables, seed: str) -> None:
        self.tables, self.seed = tables, seed
        self.blocks = tables.blocks()
        self._solved: dict[tuple[int, _Without], _Block] = {}
        #: More than all stalls together are worth: so first as many as possible have one, by weight.
        self.left_out = int(tables.worth.max(initial=0)) * len(tables.claims) + 1
        #: What leaving a row out costs, in units of `left_out`: 1 for the lightest, one more for each that weighs more.
        self.loss = np.unique(tables.weights, return_inverse=True)[1].astype(np.int64) + 1
        if self.left_out * int(self.loss.max(initial=1)) * (len(tables.claims) + 1) >= EXACT:
            raise RuleViolation(
                "the sums are too large to be exact; choose a smaller class.value, score_weight or hardship_stay",
                problem="rotation_too_large",
            )
        beside = neighbours_of(tables.rotation.stalls)
        self._beside = {(tables.column_of[one], tables.column_of[other]) for one, other in beside}
        self._apart = [(tables.row_of[one], tables.row_of[other]) for one, other in sorted(tables.rotation.apart)]

    def solved(self, without: _Without) -> _Node:
        columns = np.full(len(self.tables.claims), -1, dtype=np.int64)
        found = []
        for number, (rows, _) in enumerate(self.blocks):
            touching = frozenset(pair for pair in without if pair[0] in set(rows.tolist())) if without else without
            key = (number, touching)
            if key not in self._solved:
                self._solved[key] = self._block(number, touching)
            columns[rows] = self._solved[key].columns
            found.append(self._solved[key])
        together = tuple(
            (one, other) for one, other in self._apart if (int(columns[one]), int(columns[other])) in self._beside
        )
        total = sum(one.total for one in found)
        return _Node(without=without, columns=columns, total=total, blocks=tuple(found), together=together)

    def _block(self, number: int, without: _Without) -> _Block:
        rows, stalls = self.blocks[number]
        worth = self.tables.possible_worth[np.ix_(rows, stalls)]
        place = {int(row): at for at, row in enumerate(rows)}, {int(column): at for at, column in enumerate(stalls)}
        for row, column in without:
            worth[place[0][row], place[1][column]] = NEVER
        weights = self.tables.weights[rows]
        first = np.argsort(-weights, kind="stable")
        matched, width = match(worth, first=first), worth
        if matched is None:
            width, matched = self._with_some_left_out(worth, self.loss[rows], first)
        columns = self._by_lot(number, width, matched)
        inside = columns < len(stalls)
        of_stalls = np.full(len(rows), -1, dtype=np.int64)
        of_stalls[inside] = stalls[columns[inside]]
        return _Block(
            columns=of_stalls,
            total=matched.total,
            row_prices=matched.row_prices,
            column_prices=matched.column_prices[: len(stalls)],
        )

    def _with_some_left_out(self, worth: Whole, loss: Whole, first: Whole) -> tuple[Whole, Matched]:
        """Add as few places that are no stall as are lacking: whoever weighs least stands there."""
        lacking = len(worth) - _most_that_have_one(worth > NEVER)
        none = np.repeat((-self.left_out * loss)[:, None], lacking, axis=1)
        width = np.concatenate([worth, none], axis=1)
        matched = match(width, first=first)
        if matched is None:
            raise NotProven("not every claim has a stall or a place that is none")
        return width, matched

    def _by_lot(self, number: int, worth: Whole, matched: Matched) -> Whole:
        """Return, of the assignments that are worth as much, the one with the largest sum of lots."""
        rows, stalls = self.blocks[number]
        tight = (worth > NEVER) & (matched.row_prices[:, None] + matched.column_prices[None, :] == worth)
        numbers = [self.tables.claims[row].number for row in rows]
        names = [self.tables.stalls[column].stall_id for column in stalls]
        # Places that are none, where some are left out: which of them somebody has says nothing, yet one it must be.
        names += [f"none {n}" for n in range(worth.shape[1] - len(stalls))]
        return dealt(tight, matched.column_prices > 0, numbers, names, self.seed)


def _kept_apart(search: _Search, root: _Node, most_tried: int) -> tuple[_Node, int, int]:
    """Go on without one of two pairs that make neighbours of who may not be, the best sum first (branch and bound).

    Return the best node, how many were solved beside the root, and the best sum that could still be.
    """
    waiting = [(-root.total, 0, 0, root)]
    tried, least = 0, root
    seen = {root.without}
    while waiting:
        _, _, _, node = heapq.heappop(waiting)
        if not node.together:
            return node, tried, node.total
        if tried >= most_tried:
            return least, tried, node.total
        for without in _splits(node):
            if without in seen:
                continue
            seen.add(without)
            tried += 1
            child = search.solved(without)
            if (len(child.together), -child.total) < (len(least.together), -least.total):
                least = child
            heapq.heappush(waiting, (-child.total, -len(child.without), tried, child))
    return least, tried, root.total


def _splits(node: _Node) -> Iterator[_Without]:
    one, other = node.together[0]
    for row in (one, other):
        yield node.without | {(row, int(node.columns[row]))}


def _most_that_have_one(possible: Flags) -> int:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    return int((maximum_bipartite_matching(csr_array(possible), perm_type="column") >= 0).sum())


def _solution(search: _Search, root: _Node, best: _Node, tried: int, bound: int) -> Solution:
    tables = search.tables
    out = best.columns < 0
    lost = -search.left_out * int(search.loss[out].sum())
    claim_prices: dict[int, int] = {}
    stall_prices = {one.stall_id: 0 for one in tables.stalls}
    for (rows, columns), block in zip(search.blocks, root.blocks, strict=True):
        claim_prices |= {
            tables.claims[row].number: int(price) for row, price in zip(rows, block.row_prices, strict=True)
        }
        stall_prices |= {
            tables.stalls[column].stall_id: int(price)
            for column, price in zip(columns, block.column_prices, strict=True)
        }
    return Solution(
        places={
            claim.number: None if column < 0 else tables.stalls[column].stall_id
            for claim, column in zip(tables.claims, best.columns.tolist(), strict=True)
        },
        objective=best.total - lost,
        bound=max(bound, best.total) - lost,
        claim_prices=claim_prices,
        stall_prices=stall_prices,
        restricted=tried,
        not_apart=tuple((tables.claims[one].number, tables.claims[other].number) for one, other in best.together),
    )
