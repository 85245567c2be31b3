"""A catalogue's table (CSV, XLSX) → its items, or every problem of it at its row and column. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain.supervision_item import Department, Item
from supervision.items.catalogue_file import CODE, CatalogueFile, FiledMerge
from supervision.items.merging import cycle_in, resolved
from supervision.items.table_item import RowsOfItem, item_of
from supervision.items.table_titles import MOST_ITEMS, MOST_ROWS, REQUIRED, TITLES, CatalogueComplaint
from supervision.register.import_tables import GivenRow, GivenTable, IgnoredColumn, table_by_titles
from tables.cells import MOST_PROBLEMS, Problem, Table

_C = CatalogueComplaint


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """What a table does not say of itself."""

    version: str
    title: str
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownItems:
    """What is in force: departments and items by their codes; and old code → the code it was merged into, ever."""

    departments: Mapping[str, Department]
    items: Mapping[str, Item]
    into: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadTable:
    """What a table says; with a problem it says nothing that counts."""

    filed: CatalogueFile
    problems: Sequence[Problem]
    ignored: Sequence[IgnoredColumn]


def read_catalogue_table(table: Table, head: Head, known: KnownItems) -> ReadTable:
    """Return the catalogue of a table. A row without a code, or with that of the row above, belongs to that item."""
    given = table_by_titles(table, TITLES, REQUIRED, most_rows=MOST_ROWS)
    reading = _Reading(given, known)
    reading.read()
    filed = CatalogueFile(
        version=head.version,
        title=head.title,
        source=head.source,
        departments=tuple(reading.used_departments()),
        items=tuple(reading.items.values()),
        merges=tuple(reading.merges),
    )
    problems = sorted([*given.problems, *reading.problems], key=lambda one: (one.row, one.column))
    return ReadTable(filed=filed, problems=problems[:MOST_PROBLEMS], ignored=given.ignored)


class _Reading:
    """One table while it is read."""

    def __init__(self, given: GivenTable, known: KnownItems) -> None:
        self._given, self._known = given, known
        self._departments = dict(known.departments)
        self.items: dict[str, Item] = {}
        self.merges: list[FiledMerge] = []
        self.problems: list[Problem] = []
        self._rows: dict[str, int] = {}
        #: Every code of the file with what it becomes part of there, whether its rows are right or not.
        self._into: dict[str, str] = {}

    def read(self) -> None:
        groups = list(self._groups())
        for one in groups:
            if self._is_new(one):
                self._take(one)
        self._require_targets()
        self._require_kinds_once()
        if len(groups) > MOST_ITEMS:
            self._note(0, "", _C.TOO_MANY_ITEMS, (str(len(groups)), str(MOST_ITEMS)))

    def used_departments(self) -> Iterator[Department]:
        used = {one.department for one in [*self.items.values(), *(merge.item for merge in self.merges)]}
        return (one for code, one in self._departments.items() if code in used or code in self._known.departments)

    def _groups(self) -> Iterator[RowsOfItem]:
        code, rows = "", list[GivenRow]()
        for row in self._given.rows:
            given = row.given.get("code", "")
            if code and given in ("", code):
                rows.append(row)
                continue
            if code:
                yield RowsOfItem(code=code, rows=rows)
            if not given:
                self._note(row.number, "code", _C.BEGINS_WITH_NONE, ())
            code, rows = given, [row]
        if code:
            yield RowsOfItem(code=code, rows=rows)

    def _is_new(self, one: RowsOfItem) -> bool:
        """Say whether the item is to be read: not what was merged before, and told again."""
        if not CODE.fullmatch(one.code):
            self._note(one.row, "code", _C.NO_CODE, (one.code,))
            # It is none of the items; what else is wrong with it is told all the same.
            item_of(one, None, self._departments, self._note)
            return False
        first = self._rows.setdefault(one.code, one.row)
        if first != one.row:
            self._note(one.row, "code", _C.TWICE, (one.code, str(first)))
            return False
        into, known = one.text("into"), self._known.into.get(one.code)
        if known is None or into == known:
            return known is None
        if into:
            self._note(one.row, "into", _C.MERGED_OTHERWISE, (one.code, known, into))
        else:
            self._note(one.row, "code", _C.NEVER_AGAIN, (one.code, known))
        return False

    def _take(self, one: RowsOfItem) -> None:
        into, because = one.text("into"), one.text("because")
        if into:
            self._into[one.code] = into
        if into and not because:
            self._note(one.row, "because", _C.LACKING, ())
        read = item_of(one, self._known.items.get(one.code), self._departments, self._note)
        if read is None:
            return
        item, department = read
        self._departments.setdefault(department.code, department)
        if into:
            self.merges.append(FiledMerge(item, into, because))
        else:
            self.items[item.code] = item

    def _require_targets(self) -> None:
        here = {code for code in self._rows if code not in self._known.into}
        for code, into in self._into.items():
            if into not in here or into == code:
                self._note(self._rows[code], "into", _C.NOT_HERE, (into,))
        circle = cycle_in(self._into)
        if circle and circle[0] != circle[1]:
            self._note(self._rows[circle[0]], "into", _C.CIRCLE, (" → ".join(circle),))

    def _require_kinds_once(self) -> None:
        """What was merged brings its kinds of alerts along; a kind leads to one item."""
        if cycle_in(self._into):
            return
        holders: dict[str, str] = {}
        for item in [*self.items.values(), *(merge.item for merge in self.merges)]:
            code = resolved(item.code, self._into)
            for kind in item.alert_kinds:
                holder = holders.setdefault(kind, code)
                if holder != code:
                    self._note(self._rows[item.code], "alert_kinds", _C.KIND_TAKEN, (kind, holder))

    def _note(self, row: int, field: str, complaint: CatalogueComplaint, values: tuple[str, ...]) -> None:
        self.problems.append(self._given.problem(row, field, complaint, *values))
