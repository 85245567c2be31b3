"""`policy/rotation.toml`: what a stall of a class is worth, and how much a score, a turn and staying weigh."""

from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from tables.toml_file import read_toml

_Weight = Annotated[int, Meta(ge=1, le=1_000)]
_Value = Annotated[int, Meta(ge=1, le=1_000)]
_Bonus = Annotated[int, Meta(ge=0, le=10_000_000)]


class PositionClass(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A class of stalls by where they stand. `value`: what one is worth, in units of the objective."""

    code: Annotated[str, Meta(min_length=1, max_length=8)]
    value: _Value
    zh: str
    en: str


class RotationRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"classes": "class"}):
    """The whole file. Classes stand in falling order of their values."""

    version: str
    in_force_from: date
    score_weight: _Weight
    turn: Annotated[int, Meta(ge=0, le=1_000)]
    stay: _Bonus
    hardship_stay: _Bonus
    classes: Annotated[tuple[PositionClass, ...], Meta(min_length=1, max_length=40)]

    def class_of(self, code: str) -> PositionClass | None:
        """Return a class by its code, or None."""
        return next((one for one in self.classes if one.code == code), None)

    @property
    def largest_stay_that_no_score_pays_for(self) -> int:
        """Twice of it is below what one step of score gains on the two nearest classes: no one envies a lower score."""
        gaps = [better.value - worse.value for better, worse in pairwise(self.classes)]
        if not gaps:
            return max(self.stay, self.hardship_stay)
        return (min(gaps) * (self.score_weight - self.turn * (len(self.classes) - 1)) - 1) // 2


def read_rotation_rules(path: Path) -> RotationRules:
    """Read the policy. Raise BadFile naming everything that is wrong with it."""
    return read_toml(path, RotationRules, problems_of)


def problems_of(rules: RotationRules) -> list[str]:
    """Return what is wrong with the rules; with none of it a higher score envies no lower one of the same needs."""
    problems = []
    codes = [one.code for one in rules.classes]
    problems += [f"class {code} stands twice" for code in sorted(set(codes)) if codes.count(code) > 1]
    values = [one.value for one in rules.classes]
    if values != sorted(set(values), reverse=True):
        problems.append(f"class.value are {values}; expected falling, the best class first")
    most_turn = rules.turn * (len(values) - 1)
    if most_turn >= rules.score_weight:
        problems.append(
            f"turn is {rules.turn}: over {len(values)} classes that is {most_turn}; expected below score_weight"
            f" ({rules.score_weight}), or a turn would count more than a score"
        )
    elif not problems and rules.stay > rules.largest_stay_that_no_score_pays_for:
        problems.append(
            f"stay is {rules.stay}; expected {rules.largest_stay_that_no_score_pays_for} at most, or staying would"
            " count more than a score"
        )
    if rules.hardship_stay < rules.stay:
        problems.append(f"hardship_stay is {rules.hardship_stay}; expected stay ({rules.stay}) or more")
    return problems
