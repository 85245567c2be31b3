"""Which columns of a table hold what: found by the words above them, over one or several rows. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from domain.units import PriceUnit
from pricing.list_reading.complaints import Complaint
from pricing.list_reading.grades_of_lists import grade_in_brackets
from pricing.list_reading.prices_of_lists import price_told
from pricing.list_reading.units_of_lists import unit_told
from tables.cells import Problem, Row, Table, column_letter, plain

#: Above the header stand titles and dates, never more than these.
_LOOKED_AT: Final = 60
_MOST_HEADER_ROWS: Final = 4


class Role(StrEnum):
    """What a column holds."""

    NAME = "name"
    ALIAS = "alias"
    GRADE = "grade"
    GRADE_NOTE = "grade note"
    UNIT = "unit"
    CAP = "price"
    IGNORED = "ignored"


#: The first that fits. A reference price is a price and not the cap.
_ROLES: Final = (
    (
        Role.IGNORED,
        r"批发|参考|进货|进价|收购|均价|昨日|上日|上期|涨跌|差价率|加价率|wholesale|reference|markup|^备注$|remark",
    ),
    (Role.ALIAS, r"别名|俗名|俗称|又名|alias"),
    (Role.GRADE_NOTE, r"(?:规格|等级|品级)(?:说明|标准|定义)|grade.?note"),
    (Role.UNIT, r"^(?:计[价量])?单位$|^(?:price.?)?unit$"),
    (Role.CAP, r"价|^cap|price|元/"),
    (Role.GRADE, r"规格|等级|品级|grade|^size$|^大小$"),
    (Role.NAME, r"品名|名称|品种|鱼名|^name$|species|^item$"),
)
_CAP_FOR_CERTAIN: Final = re.compile(r"最高|调控|限价|上限|^cap|ceiling")


@dataclass(frozen=True, kw_only=True, slots=True)
class PriceColumn:
    """A column of caps: of what unit, where its header says so, and of which grade, where a column is a grade."""

    column: int
    unit: PriceUnit | None
    grade: str = ""
    title: str = ""


@dataclass(kw_only=True, slots=True)
class Panel:
    """Columns that belong together, counted from 0; a printed list often has two such panels side by side."""

    columns: dict[Role, int] = field(default_factory=dict)
    prices: list[PriceColumn] = field(default_factory=list)

    @property
    def name(self) -> int:
        """Where the names stand."""
        return self.columns[Role.NAME]


@dataclass(frozen=True, kw_only=True, slots=True)
class Header:
    """Where the header stands (row numbers), what its columns are, and what it says itself."""

    first: int
    last: int
    panels: Sequence[Panel]
    problems: Sequence[Problem] = ()


def find_header(table: Table) -> Header | Problem:
    """Return the header of a table, or why there is none."""
    nearest: Problem | None = None
    for place, row in enumerate(table.rows[:_LOOKED_AT]):
        if row.is_one_cell or len(set(row.filled)) < 2:  # noqa: PLR2004 - a header names a name and a price
            continue
        if Role.NAME not in map(_role_of, map(_key, row.cells)):
            continue
        rows = [row, *_more(table.rows[place + 1 : place + _MOST_HEADER_ROWS], row)]
        header = _header_of(rows)
        if isinstance(header, Header):
            return header
        nearest = nearest or header
    if nearest is not None:
        return nearest
    return Problem(row=0, column=0, what="", complaint=Complaint.NO_HEADER)


def _more(below: Sequence[Row], first: Row) -> Iterator[Row]:
    """Yield the rows that go on with a header: nothing under its names, and no price anywhere."""
    names = [column for column, cell in enumerate(first.cells) if _role_of(_key(cell)) is Role.NAME]
    for row in below:
        is_named = any(row.at(column) not in ("", first.at(column)) for column in names)
        if is_named or row.is_one_cell or any(_is_value(plain(cell)) for cell in row.filled):
            return
        yield row


def _is_value(text: str) -> bool:
    return bool(text) and price_told(text) is not None


def _header_of(rows: Sequence[Row]) -> Header | Problem:
    width = max(len(row.cells) for row in rows)
    panels: list[Panel] = [Panel()]
    for column in range(width):
        texts = list(dict.fromkeys(_key(row.at(column)) for row in rows if row.at(column)))
        role, below = _role_and_rest(texts)
        if role is None and below and panels[-1].prices and panels[-1].prices[-1].column == column - 1:
            # One cell over several grades; where it is not merged it stands over the first.
            panels[-1].prices.append(replace(panels[-1].prices[-1], column=column, grade=below))
        if role is None or role is Role.IGNORED:
            continue
        if role in panels[-1].columns and panels[-1].prices:
            panels.append(Panel())
        if role is Role.CAP:
            unit = next((told for text in reversed(texts) for told in [unit_told(text)] if told), None)
            panels[-1].prices.append(PriceColumn(column=column, unit=unit, grade=below, title=" ".join(texts)))
        else:
            panels[-1].columns.setdefault(role, column)
    return _checked(rows, panels)


def _role_and_rest(texts: Sequence[str]) -> tuple[Role | None, str]:
    """The lowest text that means something speaks; a grade's word under a price makes the column that grade's."""
    grade = ""
    for text in reversed(texts):
        role = _role_of(text)
        if role is not None:
            return role, grade if role is Role.CAP else ""
        told = grade_in_brackets(text)
        grade = grade or ("" if told is None else told.word)
    return None, grade


def _checked(rows: Sequence[Row], panels: Sequence[Panel]) -> Header | Problem:
    found = ", ".join(cell for row in rows for cell in row.filled)[:200]
    missing = [
        role.value
        for role in (Role.NAME, Role.CAP)
        if not any(panel.prices if role is Role.CAP else role in panel.columns for panel in panels)
    ]
    if missing:
        return Problem(
            row=rows[0].number,
            column=0,
            what="header",
            complaint=Complaint.COLUMNS_MISSING,
            values=(", ".join(missing), found),
        )
    problems = []
    whole = [panel for panel in panels if panel.prices and Role.NAME in panel.columns]
    for panel in whole:
        panel.prices[:] = _caps_among(panel.prices)
        grades = [price.grade for price in panel.prices]
        if len(set(grades)) < len(grades):
            letters = " and ".join(column_letter(price.column + 1) for price in panel.prices)
            problems.append(
                Problem(
                    row=rows[0].number,
                    column=panel.prices[1].column + 1,
                    what="header",
                    complaint=Complaint.TWO_CAPS,
                    values=(letters,),
                )
            )
    return Header(first=rows[0].number, last=rows[-1].number, panels=whole, problems=problems)


def _caps_among(prices: list[PriceColumn]) -> list[PriceColumn]:
    """Of several prices the one that is called the highest is the cap."""
    return [price for price in prices if _CAP_FOR_CERTAIN.search(price.title)] or prices


def _role_of(text: str) -> Role | None:
    return next((role for role, words in _ROLES if re.search(words, text)), None) if text else None


def _key(text: str) -> str:
    """Headers are padded with spaces ('品 名'), and written in any case."""
    return plain(text).replace(" ", "").lower()
