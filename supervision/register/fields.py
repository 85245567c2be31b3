"""Fields of a record, read one by one: what is wrong with each is kept, and no identity card gets in. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from domain.errors import RuleViolation
from domain.register.codes import is_identity_card, tidy
from supervision.register import reading
from supervision.register.reading import EntryFault, WrongError

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class EntryProblem:
    """What is wrong with a field, as a sentence with its values."""

    field: str
    fault: StrEnum
    values: tuple[str, ...] = ()

    @property
    def says(self) -> str:
        """The sentence, in English."""
        return str(self.fault).format(*self.values)

    def __str__(self) -> str:
        return f"{self.field} {self.says}"


class Unreadable(RuleViolation):
    """What was typed cannot be taken: every problem with its field."""

    def __init__(self, problems: Sequence[EntryProblem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Entry(Generic[Record]):
    """A record, or None and why not."""

    record: Record | None
    problems: tuple[EntryProblem, ...]


class Fields:
    """Reads fields one by one and keeps what is wrong with them."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = {name: text.strip() for name, text in texts.items()}
        self.problems: list[EntryProblem] = []

    def read(self, name: str, reader: "reading.Reader[Record]", *, required: bool = False) -> Record | None:
        """Return the value of a field, None where it is empty or wrong."""
        text = self.texts.get(name, "")
        if not text:
            if required:
                self.refuse(name, EntryFault.MISSING)
            return None
        if is_identity_card(tidy(text)):
            self.refuse(name, EntryFault.IDENTITY_CARD)
            return None
        try:
            return reader(text)
        except WrongError as wrong:
            self.refuse(name, wrong.fault, *wrong.values)
            return None

    def text(self, name: str, most: int, *, required: bool = False) -> str:
        """Return a short text; empty where there is none."""
        return self.read(name, reading.short_text(most), required=required) or ""

    def refuse(self, name: str, fault: StrEnum, *values: str) -> None:
        """Keep what is wrong with a field."""
        self.problems.append(EntryProblem(name, fault, values))

    def refuse_if_before(self, name: str, value: object, first: object) -> None:
        """A last day lies not before its first one."""
        if value is not None and first is not None and str(value) < str(first):
            self.refuse(name, EntryFault.ENDS_BEFORE, str(value), str(first))
