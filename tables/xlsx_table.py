"""XLSX → a table: the one sheet that shows anything. Pure.

The text of a merged cell stands in every cell that it covers; formulas are refused, since nobody saw their values.
"""

import io
import warnings
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Final

from domain.errors import BadFile
from tables.cells import LIST_LIMITS, CellComplaint, Problem, Row, Table, TableLimits
from tables.xlsx_guard import require_affordable

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet

_FORMULA, _ERROR = "f", "e"
#: Fewer digits than a double holds: a price of 82.1 is stored as 82.099999999999994.
_DIGITS: Final = 15


def read_xlsx(data: bytes, file_name: str, limits: TableLimits = LIST_LIMITS) -> Table:
    """Return the table of a workbook. Raise BadFile where it is none, or would take more than `limits` allow."""
    require_affordable(data, file_name, limits)
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what openpyxl leaves out (charts, validations) is no part of a table
            book = load_workbook(io.BytesIO(data), keep_links=False)
    except Exception as error:  # noqa: BLE001 - openpyxl raises whatever a broken part makes it raise
        raise BadFile(file_name, (f"is no workbook that can be read: {type(error).__name__}: {error}",)) from None
    for sheet in book.worksheets:
        _require_small(sheet, file_name, limits)
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible" and _holds_anything(sheet)]
    if not sheets:
        raise BadFile(file_name, ("the workbook shows no sheet with anything in it",))
    if len(sheets) > 1:
        names = ", ".join(repr(sheet.title[:31]) for sheet in sheets)
        raise BadFile(file_name, (f"has {len(sheets)} sheets with something in them ({names}); expected one",))
    return _table(sheets[0], limits.most_characters)


def _require_small(sheet: "Worksheet", file_name: str, limits: TableLimits) -> None:
    """Cells may leave out where they stand, so only after reading is it known how far they go."""
    rows, columns = sheet.max_row, sheet.max_column
    if rows > limits.most_rows or columns > limits.most_columns:
        expected = f"at most {limits.most_rows} rows and {limits.most_columns} columns"
        raise BadFile(file_name, (f"has a sheet of {rows} rows and {columns} columns; expected {expected}",))


def _holds_anything(sheet: "Worksheet") -> bool:
    return any(cell.value is not None for row in sheet.iter_rows() for cell in row)


def _table(sheet: "Worksheet", most_characters: int) -> Table:
    problems: list[Problem] = []
    texts: dict[tuple[int, int], str] = {}
    for row, cells in enumerate(sheet.iter_rows(), start=1):
        for column, cell in enumerate(cells, start=1):
            text, complaint = _text(cell, most_characters)
            if text:
                texts[row, column] = text[:most_characters]
            if complaint:
                values = (str(most_characters) if complaint is CellComplaint.TOO_LONG else str(cell.value),)
                problems.append(Problem(row=row, column=column, what="", complaint=complaint, values=values))
    wide = _spread(sheet, texts)
    width = max((column for _row, column in texts), default=0)
    rows = []
    for number in sorted({row for row, _column in texts}):
        shown = tuple(texts.get((number, column), "") for column in range(1, width + 1))
        filled = {column for column in range(1, width + 1) if shown[column - 1]}
        rows.append(Row(number=number, cells=shown, is_one_cell=filled <= wide.get(number, frozenset())))
    return Table(rows=rows, problems=problems)


def _spread(sheet: "Worksheet", texts: dict[tuple[int, int], str]) -> dict[int, frozenset[int]]:
    """Give every cell that a merged one covers its text; return the columns of the widest of each row."""
    wide: dict[int, frozenset[int]] = {}
    for merged in sheet.merged_cells.ranges:
        text = texts.get((merged.min_row, merged.min_col))
        if text is None:
            continue
        columns = frozenset(range(merged.min_col, merged.max_col + 1))
        for row in range(merged.min_row, merged.max_row + 1):
            texts.update({(row, column): text for column in columns})
            if len(columns) > max(1, len(wide.get(row, ()))):
                wide[row] = columns
    return wide


def _text(cell: "Cell | MergedCell", most_characters: int) -> tuple[str, CellComplaint | None]:
    """Return a cell's text, and what is wrong with it."""
    value = cell.value
    kind = getattr(cell, "data_type", "n")
    if value is None:
        return "", None
    if kind in (_FORMULA, _ERROR):
        return "", CellComplaint.FORMULA if kind == _FORMULA else CellComplaint.CELL_ERROR
    if isinstance(value, float):
        return f"{value:.{_DIGITS}g}", None
    if isinstance(value, datetime | date | time):
        return value.isoformat(), None
    text = str(value).strip()
    return text, CellComplaint.TOO_LONG if len(text) > most_characters else None
