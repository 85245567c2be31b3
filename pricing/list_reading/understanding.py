"""A table → the lines of a list as they were understood, with every problem at its row and column. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from domain.price_cap import UNTOLD, CapStatus, CapUnit, GradeMeaning
from domain.units import Fen, PriceUnit
from pricing.list_reading.complaints import Complaint
from pricing.list_reading.grades_of_lists import GradeTold, grade_in_column, meaning_told
from pricing.list_reading.header import Header, Panel, PriceColumn, Role, find_header
from pricing.list_reading.names_of_lists import NameTold, name_told, names_in
from pricing.list_reading.prices_of_lists import PriceTold, price_told
from pricing.list_reading.units_of_lists import fen_per_cap_unit, unit_told, yuan_in
from tables.cells import MOST_PROBLEMS, Problem, Row, Table, plain
from tables.files import table_of

_NOTE: Final = re.compile(
    r"^(?:备注|注|说明|附注|附|发布|制表|监督|举报|联系|有效|执行|单位|note|remark|source)[^:]{0,10}(?::|$)|^[※*]",
    re.IGNORECASE,
)
_REMARKS: Final = re.compile(r"^(?:备注|注|说明|附注|note|remark)", re.IGNORECASE)
_SECTION: Final = re.compile(
    r"^(?:[一二三四五六七八九十\d]+[、.])?\s*(?:海水|淡水|鲜活)?(?:[鱼虾蟹贝螺]{1,3}类|其他类?|类别)\s*:?$"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ListLine:
    """A line of a list, as understood: still by its name. `row` and `column` (of the name) count from 1."""

    row: int
    column: int
    printed: str
    names: tuple[str, ...]
    aliases: tuple[str, ...]
    grade: str
    meaning: GradeMeaning
    status: CapStatus
    unit: CapUnit
    cap_fen: Fen | None
    published_as: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadList:
    """A file as it was understood. `unit`: what its prices are for, where all of it says one thing."""

    lines: Sequence[ListLine]
    problems: Sequence[Problem]
    titles: Sequence[str] = ()
    notes: Sequence[str] = ()
    unit: PriceUnit | None = None


@dataclass(kw_only=True, slots=True)
class _Reading:
    """What has been read so far, and by what."""

    header: Header
    unit: PriceUnit | None
    lines: list[ListLine] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)

    def problem(self, row: int, column: int, what: str, complaint: Complaint, *values: str) -> None:
        self.problems.append(Problem(row=row, column=column + 1, what=what, complaint=complaint, values=values))


def read_list(data: bytes, file_name: str, unit: PriceUnit | None = None) -> ReadList:
    """Read a list from the bytes of a CSV or XLSX file; `unit`: what prices are for where the file does not say.

    Raise BadFile for what is no table at all, or larger than any list. Everything else that is wrong is a Problem.
    """
    return understand(table_of(data, file_name), unit)


def understand(table: Table, unit: PriceUnit | None = None) -> ReadList:
    """Return what a table says. A line with a problem is none of the lines."""
    header = find_header(table)
    if isinstance(header, Problem):
        return ReadList(lines=(), problems=(*table.problems, header))
    above = [row for row in table.rows if row.number < header.first]
    below = [row for row in table.rows if row.number > header.last]
    titles = [plain(cell) for row in above for cell in dict.fromkeys(row.filled)]
    sentences = [*titles, *(plain(row.filled[0]) for row in below if _is_aside(row, header))]
    told = next((found for text in sentences for found in [unit_told(text)] if found), None)
    reading = _Reading(header=header, unit=told or unit, problems=[*table.problems, *header.problems])
    for row in below:
        _read_row(row, reading)
    units = {price.unit or reading.unit for panel in header.panels for price in panel.prices}
    _check_unit(reading, unit, told, units)
    if not reading.lines and not reading.problems:
        reading.problems.append(Problem(row=header.last, column=0, what="header", complaint=Complaint.NO_ITEMS))
    problems = sorted(reading.problems, key=lambda one: (one.row, one.column))
    return ReadList(
        lines=reading.lines,
        problems=problems[:MOST_PROBLEMS],
        titles=titles,
        notes=reading.notes,
        unit=next(iter(units)) if len(units) == 1 else None,
    )


def _check_unit(
    reading: _Reading, asked: PriceUnit | None, titled: PriceUnit | None, units: set[PriceUnit | None]
) -> None:
    """A factor of two is the usual mistake: whoever says what prices are for must say the same."""
    where = reading.header.panels[0].prices[0].column
    for complaint, said in ((Complaint.UNIT_NOT_AS_ASKED, asked), (Complaint.UNIT_NOT_AS_TITLED, titled)):
        others = {unit for unit in units if unit is not None and unit is not said}
        if said is not None and others:
            reading.problem(reading.header.last, where, "unit", complaint, yuan_in(min(others)), yuan_in(said))


def _read_row(row: Row, reading: _Reading) -> None:
    if _is_aside(row, reading.header) or _goes_on(row, reading):
        reading.notes.append(plain(row.filled[0]))
        return
    for number, panel in enumerate(reading.header.panels):
        for line in _read_panel(row, panel, number, reading):
            reading.lines.append(line)


def _is_aside(row: Row, header: Header) -> bool:
    """A note, a section's title, or a header that stands on every printed page: nothing with a price."""
    if row.is_one_cell:
        return True
    filled = tuple(dict.fromkeys(plain(cell) for cell in row.filled))
    if any(row.at(price.column) for panel in header.panels for price in panel.prices):
        return False
    return len(filled) == 1 and (_NOTE.match(filled[0]) or _SECTION.match(filled[0])) is not None


def _goes_on(row: Row, reading: _Reading) -> bool:
    """What stands alone below the remarks is one of them."""
    return bool(reading.notes) and _REMARKS.match(reading.notes[-1]) is not None and len(set(row.filled)) == 1


def _read_panel(row: Row, panel: Panel, number: int, reading: _Reading) -> Iterator[ListLine]:
    cells = {role: plain(row.at(column)) for role, column in panel.columns.items()}
    prices = {price.column: plain(row.at(price.column)) for price in panel.prices}
    if not any(prices.values()) and not cells[Role.NAME] and not cells.get(Role.GRADE):
        return
    name = _name_of(row, panel, number, cells, reading)
    if name is None:
        # The row's prices are looked at all the same: every problem at once.
        for price in panel.prices:
            _price_of(row, price, prices[price.column], None, reading)
        return
    grade = _grade_of(row, panel, name, cells, reading)
    row_unit = unit_told(cells.get(Role.UNIT, "")) or name.unit
    given = [price for price in panel.prices if prices[price.column]] or panel.prices[:1]
    for price in given if len(panel.prices) > 1 else panel.prices:
        told = _price_of(row, price, prices[price.column], row_unit, reading)
        if told is None or grade is None:
            continue
        is_graded = bool(price.grade and prices[price.column])
        yield _line(row, panel, name, grade._replace(word=price.grade) if is_graded else grade, cells, told)


def _name_of(row: Row, panel: Panel, number: int, cells: dict[Role, str], reading: _Reading) -> NameTold | None:
    text = cells[Role.NAME]
    if not text and cells.get(Role.GRADE):
        text = reading.names.get(number, "")  # a name that stands once over its grades
    if not text:
        reading.problem(row.number, panel.name, "name", Complaint.NAME_MISSING)
        return None
    name = name_told(text)
    if name is None:
        reading.problem(row.number, panel.name, "name", Complaint.NO_NAME, repr(text))
        return None
    reading.names[number] = text
    return name


def _grade_of(row: Row, panel: Panel, name: NameTold, cells: dict[Role, str], reading: _Reading) -> GradeTold | None:
    told = grade_in_column(cells[Role.GRADE]) if cells.get(Role.GRADE) else GradeTold("", UNTOLD)
    if told.word and name.grade and told.word != name.grade:
        column = panel.columns[Role.GRADE]
        reading.problem(row.number, column, "grade", Complaint.GRADE_DIFFERS, repr(told.word), repr(name.grade))
        return None
    meaning = told.meaning if told.meaning != UNTOLD else name.meaning
    if meaning == UNTOLD:
        meaning = meaning_told(cells.get(Role.GRADE_NOTE, ""))
    return GradeTold(told.word or name.grade, meaning)


def _price_of(
    row: Row, price: PriceColumn, text: str, row_unit: PriceUnit | None, reading: _Reading
) -> tuple[PriceTold, PriceUnit, str] | None:
    """Return what a price cell says, for which unit, and its text."""
    told = price_told(text)
    if told is None:
        reading.problem(row.number, price.column, "price", Complaint.NO_PRICE, repr(text))
        return None
    unit = told.unit or row_unit or price.unit or reading.unit
    if unit is None:
        if told.status is CapStatus.CAPPED and not any(one.what == "unit" for one in reading.problems):
            reading.problem(reading.header.last, price.column, "unit", Complaint.UNIT_UNTOLD)
        unit = PriceUnit.KG
    return told, unit, text


def _line(
    row: Row,
    panel: Panel,
    name: NameTold,
    grade: GradeTold,
    cells: dict[Role, str],
    told: tuple[PriceTold, PriceUnit, str],
) -> ListLine:
    price, unit, text = told
    fen, cap_unit = fen_per_cap_unit(price.fen or 0, unit)
    written = f"{text} {yuan_in(unit)}" if price.fen is not None and price.unit is None else text
    return ListLine(
        row=row.number,
        column=panel.name + 1,
        printed=cells[Role.NAME] or name.names[0],
        names=name.names,
        aliases=tuple(dict.fromkeys((*name.aliases, *names_in(cells.get(Role.ALIAS, ""))))),
        grade=grade.word,
        meaning=grade.meaning,
        status=price.status,
        unit=cap_unit,
        cap_fen=None if price.fen is None else Fen(fen),
        published_as=written,
    )
