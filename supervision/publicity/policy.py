"""`policy/publicity.toml`: which penalties are told in public, and for how long."""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from domain.publicity import PenaltyKind, PublicityField
from tables.toml_file import read_toml

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
    return read_toml(path, PublicityPolicy, _problems)


def _problems(policy: PublicityPolicy) -> Iterator[str]:
    for field in PublicityField:
        if field not in policy.terms:
            yield f"terms.{field} is missing; expected months for it"
    for field, term in policy.terms.items():
        if term.repairable_after_months > term.months:
            yield (
                f"terms.{field}.repairable_after_months is {term.repairable_after_months};"
                f" expected at most months, {term.months}"
            )
