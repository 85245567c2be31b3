"""CSV as spreadsheets save it → a table. Pure.

UTF-8 with or without BOM, or GB18030; its columns parted by comma, tab or semicolon.
"""

import csv
import io
from collections.abc import Iterator
from typing import Final

from domain.errors import BadFile
from tables.cells import LIST_LIMITS, CellComplaint, Problem, Row, Table, TableLimits
from tables.texts import text_of

_SEPARATORS: Final = (",", "\t", ";")
_LOOKED_AT: Final = 4_000


def read_csv(data: bytes, file_name: str, limits: TableLimits = LIST_LIMITS) -> Table:
    """Return the table of a CSV file. Raise BadFile where it is none, or larger than `limits` allow."""
    if b"\0" in data:
        raise BadFile(file_name, ("is neither CSV nor XLSX: it holds bytes that are no text",))
    text = text_of(data, file_name)
    separator = max(_SEPARATORS, key=text[:_LOOKED_AT].count)
    rows: list[Row] = []
    problems: list[Problem] = []
    try:
        for number, cells in _rows(text, separator):
            if number > limits.most_rows or len(cells) > limits.most_columns:
                raise BadFile(file_name, (_too_large(number, len(cells), limits),))
            problems.extend(
                Problem(
                    row=number,
                    column=column,
                    what="",
                    complaint=CellComplaint.TOO_LONG,
                    values=(str(limits.most_characters),),
                )
                for column, cell in enumerate(cells, start=1)
                if len(cell) > limits.most_characters
            )
            if any(cells):
                rows.append(Row(number=number, cells=tuple(cell[: limits.most_characters] for cell in cells)))
    except csv.Error as error:
        raise BadFile(file_name, (f"is no CSV file: {error}",)) from None
    return Table(rows=rows, problems=problems)


def _rows(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Rows are counted as a spreadsheet does: a cell may hold line breaks."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    for number, cells in enumerate(reader, start=1):
        yield number, [cell.strip() for cell in cells]


def _too_large(rows: int, columns: int, limits: TableLimits) -> str:
    if columns > limits.most_columns:
        return f"row {rows} has {columns} columns; expected at most {limits.most_columns}"
    return f"has more than {limits.most_rows} rows"
