"""`policy/publicity.toml`: which penalties are told in public, and for how long."""

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from domain.errors import BadFile
from domain.publicity import PenaltyKind, PublicityField

#: No penalty is public for longer.
LONGEST_MONTHS: Final = 36
_Months = Annotated[int, Meta(ge=1, le=LONGEST_MONTHS)]


class TermMonths(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long an entry is public at most, and after how many months it may be repaired."""

    months: _Months
    repairable_after_months: _Months


class PublicityPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    version: str
    in_force_from: date
    not_published: tuple[PenaltyKind, ...]
    terms: Mapping[PublicityField, TermMonths]


def read_publicity_policy(path: Path) -> PublicityPolicy:
    """Read the policy. Raise BadFile naming everything that is wrong with it."""
    try:
        policy = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), PublicityPolicy)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadFile(path.name, (str(error),)) from None
    problems = [
        f"terms.{field} is missing; expected months for it" for field in PublicityField if field not in policy.terms
    ]
    problems += [
        f"terms.{field}.repairable_after_months is {term.repairable_after_months};"
        f" expected at most months, {term.months}"
        for field, term in policy.terms.items()
        if term.repairable_after_months > term.months
    ]
    if problems:
        raise BadFile(path.name, tuple(problems))
    return policy
