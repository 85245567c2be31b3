"""What one version of the rules says otherwise than another: field by field. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from credit.rules.shape import CreditRules

#: How the entries of a list are told apart: by their names and not by where they stand.
_NAMES: Final = {"deduction": "kind", "recorded": "name", "bonus": "name", "tier": "name"}
#: These differ in any two versions.
_OWN: Final = frozenset({"version", "in_force_from"})


@dataclass(frozen=True, slots=True)
class Difference:
    """A field ("deduction tare_abuse points medium") with what each version says; None: it says nothing of it."""

    field: str
    before: str | None
    after: str | None


def differences(before: CreditRules, after: CreditRules) -> list[Difference]:
    """Return the fields that differ, in the order of the file."""
    was, now = dict(_fields(before)), dict(_fields(after))
    return [
        Difference(field, was.get(field), now.get(field))
        for field in {**was, **now}
        if was.get(field) != now.get(field)
    ]


def _fields(rules: CreditRules) -> Iterator[tuple[str, str]]:
    values: dict[str, Any] = msgspec.to_builtins(rules)
    for name, value in values.items():
        if name not in _OWN:
            yield from _flat(name, value)


def _flat(field: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield from _flat(f"{field} {name}", one)
    elif isinstance(value, Sequence) and not isinstance(value, str) and field in _NAMES:
        for one in value:
            yield from _flat(f"{field} {one[_NAMES[field]]}", {k: v for k, v in one.items() if k != _NAMES[field]})
    elif isinstance(value, Sequence) and not isinstance(value, str):
        yield field, ", ".join(str(one) for one in value)
    elif value is not None:
        yield field, str(value)
