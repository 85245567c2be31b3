"""`policy/inspections.toml`: weights of the draw, who goes, and the days of rectification and revisit."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from domain.supervision_item import RiskClass
from tables.toml_file import read_toml

_Weight = Annotated[int, Meta(ge=1, le=10_000)]
_Days = Annotated[int, Meta(ge=1, le=366)]


class InspectionPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file. Weights are whole numbers and rise with the risk."""

    version: str
    in_force_from: date
    weights: Mapping[RiskClass, _Weight]
    default_class: RiskClass
    inspectors: Annotated[int, Meta(ge=1, le=5)]
    same_inspectors_again: bool
    rectify_days: _Days
    revisit_days: _Days
    longest_rectify_days: _Days
    feedback_per_hour: Annotated[int, Meta(ge=1, le=1000)]


def read_inspection_policy(path: Path) -> InspectionPolicy:
    """Read the policy. Raise BadFile naming everything that is wrong with it."""
    return read_toml(path, InspectionPolicy, _problems)


def _problems(policy: InspectionPolicy) -> list[str]:
    lacking = [one.value for one in RiskClass if one not in policy.weights]
    if lacking:
        return [f"weights lack {', '.join(lacking)}; expected one for each of A, B, C and D"]
    problems = []
    weights = [policy.weights[one] for one in RiskClass]
    if weights != sorted(weights):
        problems.append(f"weights are {weights}; expected that none is less than that of a lower risk")
    longest = policy.longest_rectify_days
    if policy.rectify_days > longest:
        problems.append(f"rectify_days is {policy.rectify_days}; expected longest_rectify_days ({longest}) at most")
    return problems
