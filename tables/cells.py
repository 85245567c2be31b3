"""A file's cells as text, with the row and column a person finds them at. Pure."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

_MIB: Final = 1024 * 1024
#: Told of one file; a person mends the first hundred and looks again.
MOST_PROBLEMS: Final = 200
_LETTERS: Final = 26


class CellComplaint(StrEnum):
    """What is wrong with a cell of any table, in words; `{0}` is what stood there. Other languages translate these."""

    FORMULA = "holds a formula; expected its value"
    CELL_ERROR = "holds the error {0}; expected its value"
    TOO_LONG = "holds more than {0} characters"


@dataclass(frozen=True, kw_only=True, slots=True)
class TableLimits:
    """What a file may hold at most. The last three are of a workbook: what it unpacks to, before it is read."""

    most_bytes: int
    most_rows: int
    most_columns: int
    most_characters: int
    most_unpacked_bytes: int
    most_elements: int
    most_merged_cells: int


#: A list of prices has some hundred items; whatever is beyond these is no list.
LIST_LIMITS: Final = TableLimits(
    most_bytes=_MIB,
    most_rows=2_000,
    most_columns=60,
    most_characters=500,
    most_unpacked_bytes=16 * _MIB,
    most_elements=100_000,
    most_merged_cells=20_000,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """What is wrong with a file, and where: `row` and `column` count from 1, 0 where it is about the whole."""

    row: int
    column: int
    what: str
    complaint: StrEnum
    values: tuple[str, ...] = ()

    @property
    def says(self) -> str:
        """The sentence, in English."""
        return str(self.complaint).format(*self.values)

    def __str__(self) -> str:
        if not self.row:
            return self.says
        where = f"row {self.row}" + (f", column {column_letter(self.column)}" if self.column else "")
        return f"{where} ({self.what}): {self.says}" if self.what else f"{where}: {self.says}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A row: its cells' texts as they stand, and which of them belong to one merged cell over several columns."""

    number: int
    cells: tuple[str, ...]
    is_one_cell: bool = False

    def at(self, column: int) -> str:
        """Return the text of a column, counted from 0; empty where the row ends before it."""
        return self.cells[column] if 0 <= column < len(self.cells) else ""

    @property
    def filled(self) -> tuple[str, ...]:
        """The texts of the cells that hold any."""
        return tuple(cell for cell in self.cells if cell)


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """The rows of a file that hold anything, and what is wrong with single cells already."""

    rows: Sequence[Row]
    problems: Sequence[Problem] = field(default=())


def column_letter(column: int) -> str:
    """Return a column's name in a spreadsheet: 1 → 'A', 27 → 'AA'."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, _LETTERS)
        letters = chr(ord("A") + rest) + letters
    return letters


def plain(text: str) -> str:
    """Return a text with full-width digits, letters and brackets made ordinary, and its white space single."""
    return " ".join(unicodedata.normalize("NFKC", text).split())
