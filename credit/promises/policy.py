"""`policy/promises.toml`: which breaches may end in a promise, what breaks it, and what that costs."""

import string
from datetime import date
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from domain.alert import AlertKind, Severity
from tables.toml_file import read_toml

_Positive = Annotated[int, Meta(ge=1)]
_Words = Annotated[str, Meta(min_length=1, max_length=1000)]
_FILLED_IN: Final = frozenset({"vendor", "market", "days"})


class First(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a first breach is, and how many promises a cycle takes."""

    within_days: _Positive
    most_per_cycle: _Positive


class Offer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For how many working days an offer stands."""

    working_days: Annotated[int, Meta(ge=1, le=60)]


class Broken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a breach within the term costs: so many times as much; and whether what was waived is charged too."""

    factor: Annotated[int, Meta(ge=1, le=10)]
    charges_waived: bool


class Family(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A promise with its text: `kinds` of `severities` may end in it, `scope` breaks it."""

    name: Annotated[str, Meta(min_length=1, max_length=64)]
    kinds: Annotated[tuple[AlertKind, ...], Meta(min_length=1)]
    severities: Annotated[tuple[Severity, ...], Meta(min_length=1)]
    scope: tuple[AlertKind, ...]
    term_days: Annotated[int, Meta(ge=1, le=3660)]
    zh: _Words
    en: _Words

    def text(self, language: str, *, vendor: str, market: str) -> str:
        """Return the words that a vendor promises."""
        template = self.zh if language == "zh" else self.en
        return template.format(vendor=vendor, market=market, days=self.term_days)


class PromisesPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    version: str
    in_force_from: date
    first: First
    offer: Offer
    broken: Broken
    family: tuple[Family, ...] = ()

    def family_for(self, kind: AlertKind) -> Family | None:
        """Return which promise a kind of alert may end in; None: it may end in none."""
        return next((one for one in self.family if kind in one.kinds), None)


def read_promises_policy(path: Path) -> PromisesPolicy:
    """Read the policy. Raise BadFile naming everything that is wrong with it."""
    return read_toml(path, PromisesPolicy, _problems)


def _problems(policy: PromisesPolicy) -> list[str]:
    names = [one.name for one in policy.family]
    problems = [f"family {name} stands twice" for name in sorted(set(names)) if names.count(name) > 1]
    kinds = [kind for one in policy.family for kind in one.kinds]
    problems += [
        f"kind {kind} is in {kinds.count(kind)} places of family.kinds; expected one"
        for kind in sorted(set(kinds))
        if kinds.count(kind) > 1
    ]
    for one in policy.family:
        missing = sorted(set(one.kinds) - set(one.scope))
        if missing:
            problems.append(f"family {one.name}.scope lacks {', '.join(missing)}; expected all of its kinds")
        for field, text in (("zh", one.zh), ("en", one.en)):
            problems += _problems_of_text(f"family {one.name}.{field}", text)
    return problems


def _problems_of_text(where: str, text: str) -> list[str]:
    expected = "only {vendor}, {market} and {days} to be filled in"
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError as error:
        return [f"{where}: {error}; expected {expected}"]
    asked = [(name, spec, how) for _text, name, spec, how in parts if name is not None]
    return [
        f"{where} has {{{name}}}; expected {expected}"
        for name, spec, how in asked
        if name not in _FILLED_IN or spec or how
    ]
