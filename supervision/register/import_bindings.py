"""A file that says which scale stands on which stall for whom from when: tried out row by row, then done.

A row may depend on the one before it, so what a file would do is found out by doing it and taking it back.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Final
from zoneinfo import ZoneInfo

from psycopg import Connection

from db.register import scales, search, stalls
from db.register.events import Change
from domain.errors import RuleViolation
from domain.ids import MarketId, ScaleId, StallId, VendorId
from domain.register.records import Source, SubjectKind
from supervision.register import occupying, placing, reading
from supervision.register.import_plan import Plan, PlannedRow, RowOutcome
from supervision.register.import_tables import GivenRow, GivenTable, ImportComplaint, ImportKind
from supervision.register.moments import When
from supervision.register.reading import EntryFault, WrongError
from tables.cells import MOST_PROBLEMS, Problem

_PAST: Final = timedelta(minutes=10)
#: Each is tried out with everything it sets going, a hundred a second.
MOST_BINDINGS: Final = 2_000
#: To find what was meant takes a third of a second among 100 000 ids; a file of another market's ids is seen by these.
_MOST_SUGGESTED: Final = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class BindingLine:
    """A scale (None: only who occupies the stall) on a stall for a vendor (None: who occupies it) from a moment on."""

    scale_id: ScaleId | None
    stall_id: StallId
    vendor_id: VendorId | None
    moment: datetime


def plan_bindings(
    conn: Connection,
    market_id: MarketId,
    table: GivenTable,
    *,
    zone: ZoneInfo,
    now: datetime,
    change: Change | None = None,
) -> Plan:
    """Return what a file of bindings would do, and take back whatever was tried out.

    `change`: it is meant. Then what could be done stays done, and where not all could the caller rolls it back.
    """
    if len(table.rows) > MOST_BINDINGS:
        values = (str(len(table.rows)), str(MOST_BINDINGS))
        problem = Problem(row=0, column=0, what="", complaint=ImportComplaint.TOO_MANY, values=values)
        return Plan(kind=ImportKind.BINDINGS, rows=(), problems=(problem,), ignored=table.ignored)
    known = {
        kind: set(search.ids(conn, market_id, kind))
        for kind in (SubjectKind.VENDOR, SubjectKind.STALL, SubjectKind.SCALE)
    }
    problems = list(table.problems)
    read: list[tuple[GivenRow, BindingLine]] = []
    unread: list[PlannedRow] = []
    first_rows: dict[tuple[SubjectKind, str, datetime], int] = {}
    for row in table.rows:
        wrong: list[Problem] = []
        line = _line(table, row, known, zone, wrong, suggests=len(problems) < _MOST_SUGGESTED)
        if line is not None:
            subject = (
                (SubjectKind.STALL, line.stall_id) if line.scale_id is None else (SubjectKind.SCALE, line.scale_id)
            )
            key = (*subject, line.moment)
            if first_rows.setdefault(key, row.number) != row.number:
                told = (subject[1], str(first_rows[key]))
                wrong.append(table.problem(row.number, "scale_id", ImportComplaint.TWICE, *told))
        problems += wrong
        if line is None or wrong:
            name = row.given.get("scale_id") or row.given.get("stall_id", "")
            unread.append(PlannedRow(number=row.number, subject_id=name, outcome=RowOutcome.CONFLICTING, changes={}))
        else:
            read.append((row, line))
    planned = list(unread)
    step = change or Change(by="", at=now, because="tried out", source=Source.FILE)
    with conn.transaction(force_rollback=change is None):
        for row, line in sorted(read, key=lambda one: (one[1].moment, one[0].number)):
            outcome, changes = RowOutcome.CONFLICTING, dict[str, tuple[str, str]]()
            try:
                with conn.transaction():
                    outcome, changes = _do(conn, market_id, line, step)
            except RuleViolation as error:
                problems.append(table.problem(row.number, "stall_id", ImportComplaint.REFUSED, str(error)))
            planned.append(
                PlannedRow(
                    number=row.number,
                    subject_id=line.scale_id or line.stall_id,
                    outcome=outcome,
                    changes=changes,
                    record=line,
                )
            )
    past = sum(
        row.outcome in (RowOutcome.NEW, RowOutcome.CHANGED) and row.record.moment < now - _PAST for row in planned
    )
    return Plan(
        kind=ImportKind.BINDINGS,
        rows=sorted(planned, key=lambda row: row.number),
        problems=sorted(problems, key=lambda one: (one.row, one.column))[:MOST_PROBLEMS],
        ignored=table.ignored,
        in_the_past=past,
    )


def _do(
    conn: Connection, market_id: MarketId, line: BindingLine, change: Change
) -> tuple[RowOutcome, dict[str, tuple[str, str]]]:
    when = When(moment=line.moment, past_is_meant=True)
    occupant = stalls.occupant_at(conn, market_id, line.stall_id, line.moment)
    moved = line.vendor_id is not None and occupant is None
    if line.vendor_id is not None and occupant is None:
        occupying.occupy_stall(conn, market_id, line.stall_id, line.vendor_id, when, revision=None, change=change)
    vendor_id = line.vendor_id or occupant
    if line.scale_id is None:
        if vendor_id is None or (occupant is not None and occupant != vendor_id):
            raise RuleViolation(f"stall {line.stall_id} is occupied by {occupant or 'nobody'} then")
        changes = {"stall_id": ("", str(line.stall_id)), "vendor_id": (occupant or "", str(vendor_id))}
        return (RowOutcome.NEW, changes) if moved else (RowOutcome.UNCHANGED, {})
    before = scales.stay_at(conn, market_id, line.scale_id, line.moment)
    if before is not None and before == (line.stall_id, vendor_id):
        return (RowOutcome.CHANGED if moved else RowOutcome.UNCHANGED), {}
    holder = placing.bind_scale(
        conn, market_id, line.scale_id, line.stall_id, vendor_id, when, revision=None, change=change
    )
    was = ("", "") if before is None else before
    told = {"stall_id": (str(was[0]), str(line.stall_id)), "vendor_id": (str(was[1]), str(holder))}
    changes = {field: both for field, both in told.items() if both[0] != both[1]}
    return (RowOutcome.NEW if before is None else RowOutcome.CHANGED), changes


def _line(
    table: GivenTable,
    row: GivenRow,
    known: Mapping[SubjectKind, Collection[str]],
    zone: ZoneInfo,
    wrong: list[Problem],
    *,
    suggests: bool,
) -> BindingLine | None:
    def read(field: str, reader: "reading.Reader[str]", subject: SubjectKind) -> str:
        text = row.given.get(field, "")
        if not text:
            return ""
        try:
            plain = reader(text)
        except WrongError as error:
            wrong.append(table.problem(row.number, field, error.fault, *error.values))
            return ""
        if plain in known[subject]:
            return plain
        near = get_close_matches(plain, known[subject], n=1, cutoff=0.6) if suggests else []
        complaint = ImportComplaint.UNKNOWN_PERHAPS if near else ImportComplaint.UNKNOWN
        wrong.append(table.problem(row.number, field, complaint, plain, *near))
        return ""

    scale_id = read("scale_id", reading.any_id, SubjectKind.SCALE)
    stall_id = read("stall_id", reading.stall_id, SubjectKind.STALL)
    vendor_id = read("vendor_id", reading.any_id, SubjectKind.VENDOR)
    moment = None
    try:
        moment = reading.moment_in(zone)(row.given.get("moment", "")) if row.given.get("moment") else None
    except WrongError as error:
        wrong.append(table.problem(row.number, "moment", error.fault, *error.values))
    missing = [field for field in ("stall_id", "moment") if not row.given.get(field)]
    if not row.given.get("scale_id") and not row.given.get("vendor_id"):
        missing.append("vendor_id")
    wrong.extend(table.problem(row.number, field, EntryFault.MISSING) for field in missing)
    if wrong or moment is None:
        return None
    return BindingLine(
        scale_id=ScaleId(scale_id) if scale_id else None,
        stall_id=StallId(stall_id),
        vendor_id=VendorId(vendor_id) if vendor_id else None,
        moment=moment,
    )
