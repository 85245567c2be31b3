"""`policy/credit.toml`: what a confirmed alert costs, and which score is which tier."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from domain.alert import AlertKind, Severity
from tables.toml_file import read_toml

_Deduction = Annotated[int, Meta(le=-1)]
_Count = Annotated[int, Meta(ge=0)]


class Deduction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a confirmed alert of a kind takes, by severity; a repeat takes more."""

    kind: AlertKind
    points: dict[Severity, _Deduction]
    repeat_points: dict[Severity, _Deduction]
    zh: str
    en: str


class Tier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A band of scores, from `from_points` up to the next better tier."""

    name: str
    from_points: int
    zh: str
    en: str


class CreditRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file. Tiers stand in falling order and the last starts at the floor."""

    version: str
    in_force_from: date
    base: int
    floor: int
    ceiling: int
    cycle: Literal["month", "quarter", "year"]
    repeat_days: _Count
    deduction: tuple[Deduction, ...]
    tier: tuple[Tier, ...]

    def deduction_for(self, kind: AlertKind) -> Deduction | None:
        """Return the rule for a kind of alert; None where confirming it moves no score."""
        return next((rule for rule in self.deduction if rule.kind is kind), None)

    def tier_of(self, score: int) -> Tier:
        """Return the tier a score belongs to."""
        return next(tier for tier in self.tier if score >= tier.from_points)


def read_credit_rules(path: Path) -> CreditRules:
    """Read the rules. Raise BadFile naming everything that is wrong with them."""
    return read_toml(path, CreditRules, _problems)


def _problems(rules: CreditRules) -> list[str]:
    problems = []
    if not rules.floor <= rules.base <= rules.ceiling:
        problems.append(f"base is {rules.base}; expected between floor {rules.floor} and ceiling {rules.ceiling}")
    starts = [tier.from_points for tier in rules.tier]
    if not starts or starts != sorted(set(starts), reverse=True) or starts[-1] > rules.floor:
        problems.append(f"tier.from_points are {starts}; expected falling, the last at the floor {rules.floor}")
    kinds = [rule.kind for rule in rules.deduction]
    problems += [f"deduction {kind} stands twice" for kind in sorted(set(kinds)) if kinds.count(kind) > 1]
    for rule in rules.deduction:
        for field, points in (("points", rule.points), ("repeat_points", rule.repeat_points)):
            missing = [severity.value for severity in Severity if severity not in points]
            if missing:
                problems.append(f"deduction {rule.kind}.{field} lacks {', '.join(missing)}")
    return problems
