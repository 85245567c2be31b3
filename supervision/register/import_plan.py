"""What a file would change in the register: what is new, changed, the same, and what cannot be. Pure."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from domain.register.codes import tidy
from domain.register.personal import PersonalField, mask
from domain.register.records import as_texts, differences
from supervision.register import reading
from supervision.register.entries import area_text, over, read_scale, read_stall, read_vendor
from supervision.register.fields import Entry
from supervision.register.import_tables import GivenTable, IgnoredColumn, ImportComplaint, ImportKind
from supervision.register.reading import EntryFault, WrongError
from tables.cells import MOST_PROBLEMS, Problem


class RowOutcome(StrEnum):
    """What a row would do."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    CONFLICTING = "conflicting"


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedRow:
    """A row of the file and what it would do: `record` is what it registers, in place of `revision`."""

    number: int
    subject_id: str
    outcome: RowOutcome
    changes: Mapping[str, tuple[str, str]]
    record: Any = None
    revision: int = 0

    @property
    def shown(self) -> dict[str, tuple[str, str]]:
        """What it would change, with a person's data masked."""

        def hidden(field: str, text: str) -> str:
            return mask(PersonalField(field), text) if field in set(PersonalField) else text

        return {field: (hidden(field, was), hidden(field, holds)) for field, (was, holds) in self.changes.items()}


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What a file would do. `in_the_past`: how many of its rows judge again what was sold already."""

    kind: ImportKind
    rows: Sequence[PlannedRow]
    problems: Sequence[Problem]
    ignored: Sequence[IgnoredColumn]
    in_the_past: int = 0

    @property
    def counts(self) -> Mapping[RowOutcome, int]:
        """How many rows do what."""
        counted = Counter(row.outcome for row in self.rows)
        return {outcome: counted[outcome] for outcome in RowOutcome}

    @property
    def may_be_applied(self) -> bool:
        """Whether it can be applied as it is."""
        return not self.problems and bool(self.rows)

    @property
    def digest(self) -> str:
        """What it would do, in short: another one means that the register, or the file, is another one."""
        told = [(row.number, row.subject_id, row.outcome.value, sorted(row.changes.items())) for row in self.rows]
        return hashlib.sha256(repr(told).encode()).hexdigest()[:32]


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What is registered of the subjects a file names, by id, and who has which credit code."""

    records: Mapping[str, Any]
    revisions: Mapping[str, int]
    holders: Mapping[str, str]


_ID_FIELD: Final = {
    ImportKind.VENDORS: "vendor_id",
    ImportKind.STALLS: "stall_id",
    ImportKind.SCALES: "scale_id",
}
_READERS: Final[Mapping[ImportKind, Callable[[Mapping[str, str]], Entry[Any]]]] = {
    ImportKind.VENDORS: read_vendor,
    ImportKind.STALLS: read_stall,
    ImportKind.SCALES: read_scale,
}


def ids_named(table: GivenTable, kind: ImportKind) -> list[str]:
    """Return the ids that a file of vendors, stalls or scales names."""
    return [row.given.get(_ID_FIELD[kind], "") for row in table.rows]


def codes_named(table: GivenTable) -> list[str]:
    """Return the credit codes that a file names, as they are kept."""
    return [tidy(row.given.get("credit_code", "")) for row in table.rows]


def plan_of(table: GivenTable, kind: ImportKind, known: Known) -> Plan:
    """Return what a file of vendors, stalls or scales would do."""
    planned: list[PlannedRow] = []
    problems = list(table.problems)
    first_rows: dict[str, int] = {}
    codes: dict[str, str] = {}
    for row in table.rows:
        wrong: list[Problem] = []
        subject_id = _id(table, row.number, row.given, kind, wrong)
        if subject_id in first_rows:
            told = (subject_id, str(first_rows[subject_id]))
            wrong.append(table.problem(row.number, _ID_FIELD[kind], ImportComplaint.TWICE, *told))
        elif subject_id:
            first_rows[subject_id] = row.number
        before = known.records.get(subject_id)
        given = {field: text for field, text in row.given.items() if field != _ID_FIELD[kind]}
        texts, hidden = over({} if before is None else _texts(before), given)
        entry = _READERS[kind](texts)
        wrong += [table.problem(row.number, one.field, one.fault, *one.values) for one in (*hidden, *entry.problems)]
        if kind is ImportKind.VENDORS and entry.record is not None and entry.record.credit_code:
            code = entry.record.credit_code
            holder = codes.setdefault(code, subject_id)
            holder = known.holders.get(code, holder)
            if holder != subject_id:
                wrong.append(table.problem(row.number, "credit_code", ImportComplaint.CODE_TAKEN, code, holder))
        problems += wrong
        changes = {} if entry.record is None else differences(before, entry.record)
        planned.append(
            PlannedRow(
                number=row.number,
                subject_id=subject_id,
                outcome=_outcome(before, changes, wrong),
                changes=changes,
                record=entry.record,
                revision=known.revisions.get(subject_id, 0),
            )
        )
    ordered = sorted(problems, key=lambda one: (one.row, one.column))
    return Plan(kind=kind, rows=planned, problems=ordered[:MOST_PROBLEMS], ignored=table.ignored)


def _id(table: GivenTable, number: int, given: Mapping[str, str], kind: ImportKind, wrong: list[Problem]) -> str:
    field = _ID_FIELD[kind]
    text = given.get(field, "")
    try:
        if text:
            return reading.stall_id(text) if kind is ImportKind.STALLS else reading.any_id(text)
        wrong.append(table.problem(number, field, EntryFault.MISSING))
    except WrongError as error:
        wrong.append(table.problem(number, field, error.fault, *error.values))
    return ""


def _outcome(before: Any, changes: Mapping[str, Any], wrong: Sequence[Problem]) -> RowOutcome:
    if wrong:
        return RowOutcome.CONFLICTING
    if before is None:
        return RowOutcome.NEW
    return RowOutcome.CHANGED if changes else RowOutcome.UNCHANGED


def _texts(record: Any) -> dict[str, str]:
    """As they are typed: an area in square metres."""
    texts = as_texts(record)
    if "area_dm2" in texts:
        texts["area_m2"] = area_text(record.area_dm2)
    return texts
