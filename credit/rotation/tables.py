"""A rotation as whole numbers in rows (claims) and columns (stalls), cut into blocks that do not touch. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from credit.rotation.matching import NEVER, Flags, Whole
from credit.rotation.model import Claim, Rotation, Stall, against, stay_of, weights_of


@dataclass(frozen=True)
class Tables:
    """Claims by number and stalls by id, so that the order in which they are given does not matter."""

    rotation: Rotation

    @cached_property
    def claims(self) -> Sequence[Claim]:
        """The rows."""
        return sorted(self.rotation.claims, key=lambda one: one.number)

    @cached_property
    def stalls(self) -> Sequence[Stall]:
        """The columns."""
        return sorted(self.rotation.stalls, key=lambda one: one.stall_id.encode())

    @cached_property
    def row_of(self) -> Mapping[int, int]:
        """The row of a claim's number."""
        return {one.number: row for row, one in enumerate(self.claims)}

    @cached_property
    def column_of(self) -> Mapping[str, int]:
        """The column of a stall's id."""
        return {one.stall_id: column for column, one in enumerate(self.stalls)}

    @cached_property
    def weights(self) -> Whole:
        """What each claim weighs."""
        by_number = weights_of(self.rotation)
        return np.array([by_number[one.number] for one in self.claims], dtype=np.int64)

    @cached_property
    def fits(self) -> Flags:
        """Whether a stall meets a claim's needs and no pin is against it."""
        # Stalls that no need tells apart are looked at once.
        looks = {(one.zone, one.has_tank, one.area_dm2, one.floor): one for one in self.stalls}
        look_of = {look: number for number, look in enumerate(looks)}
        kinds = np.array(
            [look_of[one.zone, one.has_tank, one.area_dm2, one.floor] for one in self.stalls], dtype=np.int64
        )
        rows: dict[tuple[object, ...], Flags] = {}
        fits = np.zeros((len(self.claims), len(self.stalls)), dtype=np.bool_)
        for row, claim in enumerate(self.claims):
            needs = (claim.zone, claim.needs_tank, claim.least_area_dm2, claim.ground_floor)
            if needs not in rows:
                rows[needs] = np.array([not against(claim, one) for one in looks.values()], dtype=np.bool_)[kinds]
            fits[row] = rows[needs]
        for pin in self.rotation.pins:
            column = self.column_of[pin.stall_id]
            fits[:, column] = False
            if pin.claim is not None:
                fits[self.row_of[pin.claim]] = False
                fits[self.row_of[pin.claim], column] = True
        return fits

    @cached_property
    def worth(self) -> Whole:
        """What giving a claim a stall adds to the sum, whether it fits or not."""
        rules = self.rotation.rules
        values = {one.code: one.value for one in rules.classes}
        of_stalls = np.array([values[one.position_class] for one in self.stalls], dtype=np.int64)
        worth: Whole = np.multiply.outer(self.weights, of_stalls)
        for row, claim in enumerate(self.claims):
            column = self.column_of.get(claim.held or "")
            if column is not None:
                worth[row][column] += stay_of(rules, claim)
        return worth

    @cached_property
    def possible_worth(self) -> Whole:
        """The same, and `NEVER` where it does not fit."""
        return np.where(self.fits, self.worth, NEVER)

    def blocks(self) -> list[tuple[Whole, Whole]]:
        """Return rows and columns that go together: who could have a stall of a block can have none of another."""
        alike: dict[bytes, list[int]] = {}
        for row, fitting in enumerate(np.packbits(self.fits, axis=1)):
            alike.setdefault(fitting.tobytes(), []).append(row)
        groups: list[tuple[list[int], Flags]] = []
        for rows in alike.values():
            together, taken, others = list(rows), self.fits[rows[0]].copy(), []
            for group in groups:
                if (group[1] & taken).any():
                    together, taken = together + group[0], taken | group[1]
                else:
                    others.append(group)
            groups = [*others, (together, taken)]
        found = [(np.array(sorted(rows), dtype=np.int64), np.nonzero(taken)[0]) for rows, taken in groups]
        return sorted(found, key=lambda block: int(block[0][0]))
