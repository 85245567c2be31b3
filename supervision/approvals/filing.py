"""Rows of a file or records of a request → what each would come to; a file with one problem changes nothing. Pure."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from domain.approval import Given
from domain.register.personal import masked_changes
from supervision.approvals.entries import REQUIRED, TITLES, read_approval
from supervision.approvals.judging import Arrival, ArrivalFault, Judged, KnownApproval, judge
from supervision.register.fields import EntryProblem
from supervision.register.import_tables import GivenTable, IgnoredColumn, table_by_titles
from tables.cells import MOST_PROBLEMS, Problem, Table, TableLimits

_MIB: Final = 1024 * 1024
#: A district's week has some hundred; a year's backlog is sent in parts: so many rows below the titles of the columns.
MOST_ROWS: Final = 5_000
#: Above and between them stand titles, dates and empty rows.
APPROVAL_LIMITS: Final = TableLimits(
    most_bytes=4 * _MIB,
    most_rows=MOST_ROWS + 1_000,
    most_columns=60,
    most_characters=500,
    most_unpacked_bytes=96 * _MIB,
    most_elements=1_000_000,
    most_merged_cells=20_000,
)
Key = tuple[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadRecord:
    """A record of a file or a request: its row from 1, and what it says, or every problem with it."""

    row: int
    name: str
    given: Given | None
    problems: tuple[EntryProblem, ...] = ()

    @property
    def key(self) -> Key | None:
        """By what its approval is known."""
        return None if self.given is None else (self.given.approval.authority, self.given.approval.number)


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedRecord:
    """A record and what it comes to."""

    record: ReadRecord
    judged: Judged
    problems: tuple[EntryProblem, ...]

    @property
    def shown(self) -> dict[str, tuple[str, str]]:
        """What it would change, with a person's data masked."""
        return masked_changes(self.judged.changes)


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedPlan:
    """What a file would do."""

    records: Sequence[PlannedRecord]
    problems: Sequence[Problem]
    ignored: Sequence[IgnoredColumn]

    @property
    def counts(self) -> Mapping[Arrival, int]:
        """How many records come to what."""
        counted = Counter(one.judged.arrival for one in self.records)
        return {arrival: counted[arrival] for arrival in Arrival}

    @property
    def may_be_taken(self) -> bool:
        """Whether it can be taken over as it is."""
        return not self.problems and bool(self.records)

    @property
    def digest(self) -> str:
        """What it would do, in short: another one means that what is known, or the file, is another one."""
        told = [
            (one.record.row, one.record.key, one.judged.arrival, sorted(one.judged.changes.items()))
            for one in self.records
        ]
        return hashlib.sha256(repr(told).encode()).hexdigest()[:32]


def read_table(table: Table, *, zone: ZoneInfo, now: datetime) -> tuple[GivenTable, list[ReadRecord]]:
    """Return the records of a file, and where its columns stand."""
    given = table_by_titles(table, TITLES, REQUIRED, most_rows=MOST_ROWS)
    return given, [read_record(row.given, row.number, zone=zone, now=now) for row in given.rows]


def read_record(texts: Mapping[str, str], row: int, *, zone: ZoneInfo, now: datetime) -> ReadRecord:
    """Return one record."""
    entry = read_approval(texts, zone=zone, now=now)
    return ReadRecord(row=row, name=texts.get("number", "")[:100], given=entry.record, problems=entry.problems)


def planned(records: Sequence[ReadRecord], known: Mapping[Key, KnownApproval]) -> list[PlannedRecord]:
    """Return what each record comes to. A number that stands there twice is refused the second time."""
    first_rows: dict[Key, int] = {}
    found = []
    for record in records:
        judged, problems = Judged(arrival=Arrival.REFUSED), record.problems
        if record.given is not None and record.key is not None:
            first = first_rows.setdefault(record.key, record.row)
            if first != record.row:
                problems = (EntryProblem("number", ArrivalFault.TWICE, (record.key[1], record.key[0], str(first))),)
            else:
                judged = judge(record.given, known.get(record.key))
                if judged.fault is not None:
                    problems = (EntryProblem("changed_at", judged.fault, judged.values),)
        found.append(PlannedRecord(record=record, judged=judged, problems=problems))
    return found


def feed_plan(given: GivenTable, records: Sequence[PlannedRecord]) -> FeedPlan:
    """Return what a file would do, its problems at their places."""
    problems = [
        *given.problems,
        *(
            given.problem(one.record.row, problem.field, problem.fault, *problem.values)
            for one in records
            for problem in one.problems
        ),
    ]
    ordered = sorted(problems, key=lambda one: (one.row, one.column))
    return FeedPlan(records=records, problems=ordered[:MOST_PROBLEMS], ignored=given.ignored)
