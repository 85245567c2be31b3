"""Every error of the product says whose fault it is and what was expected.

SteelyardError
├── BadInput            theirs: kept, explained, never retried
│   ├── BadMessage      a payload on the wire: goes to quarantine
│   └── BadFile         a file somebody gave us: every problem at once, nothing half-imported
├── RuleViolation       a person tried what the rules do not allow: show it to them
│   ├── FieldRefused    a value of what they filled in cannot be taken
│   ├── IllegalTransition
│   ├── NotAllowed
│   └── NotFound
└── Unavailable         a part is away: wait and try again
    ├── TookTooLong     the database ended what seemed to have stopped: try again, with more time
    └── JournalFull     a device can keep no more weighings until the service receipts some

Anything else that is raised is our own bug and is not caught.
"""

from collections.abc import Mapping
from dataclasses import dataclass

_SHOWN_VALUE_LENGTH = 80


class SteelyardError(Exception):
    """Root of every error this product raises on purpose."""


class BadInput(SteelyardError):
    """Something handed to us cannot be used."""


@dataclass(eq=False)
class BadMessage(BadInput):
    """A payload that cannot be used. `field`, `value` and `expected` make the sentence a person reads.

    `reason` is a short stable code (`not_json`, `bad_field`, `unknown_scale` …) to count and filter by.
    """

    reason: str
    field: str
    value: str
    expected: str

    def __str__(self) -> str:
        return f"{self.field} is {self.value}; expected {self.expected}"


@dataclass(eq=False)
class BadFile(BadInput):
    """A file with problems: all of them, each with its place (`row 7, cap_yuan_per_500g: …`)."""

    name: str
    problems: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name}: {len(self.problems)} problem(s)\n" + "\n".join(f"  {p}" for p in self.problems)


class RuleViolation(SteelyardError):
    """A person asked for something the rules do not allow; the message is for them.

    `problem` is a short stable word and `facts` are what its sentence names: a page says it in the reader's words.
    """

    def __init__(self, message: str = "", *, problem: str = "", facts: Mapping[str, object] | None = None) -> None:
        super().__init__(message)
        self.problem = problem
        self.facts: Mapping[str, str] = {name: str(value) for name, value in (facts or {}).items()}


class FieldRefused(RuleViolation):
    """A value that a person filled in cannot be taken: which field, what is in it, what was expected."""

    def __init__(
        self, field: str, value: str, expected: str, *, problem: str, facts: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(f"{field} is {value or 'missing'}; expected {expected}", problem=problem, facts=facts)
        self.field = field
        self.value = value
        self.expected = expected


class IllegalTransition(RuleViolation):
    """The alert or message is not in a state that allows this action."""


class NotAllowed(RuleViolation):
    """The person's role or market does not allow this."""


class NotFound(RuleViolation):
    """There is no such thing, or none that this person may see."""


class Unavailable(SteelyardError):
    """The database or the broker is away; what was being done can be done again."""


class TookTooLong(Unavailable):
    """The database ended a transaction whose owner seemed to have stopped in its middle: frozen, or only slow."""


class JournalFull(Unavailable):
    """A device's journal can take nothing more: what it holds has no receipt, and is never overwritten."""


def show_value(value: object) -> str:
    """Return `value` as it is shown in a refusal: its repr, cut to 80 characters."""
    text = repr(value)
    return text if len(text) <= _SHOWN_VALUE_LENGTH else text[: _SHOWN_VALUE_LENGTH - 1] + "…"
