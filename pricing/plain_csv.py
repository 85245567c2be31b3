"""A CSV file as rows with their numbers, every cell plain text. Pure."""

import csv
import io
from collections.abc import Callable, Iterator

from domain.errors import BadFile
from pricing.money_texts import plain

Row = dict[str, str]


def read_rows(
    text: str, file_name: str, column_of: Callable[[str], str] = str
) -> tuple[tuple[str, ...], list[tuple[int, Row]]]:
    """Return the columns and the numbered rows; cells lose their blanks and full-width digits. Raise BadFile.

    `column_of` says which column a title means; two titles that mean one are a problem of the file.
    """
    # Any end of line: a file may come from anywhere.
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=None))
    try:
        columns = tuple(column_of(plain(name)) for name in reader.fieldnames or ())
        twice = sorted({name for name in columns if name and columns.count(name) > 1})
        if twice:
            raise BadFile(file_name, (f"row 1: several columns are {', '.join(twice)}; leave one of them",))
        reader.fieldnames = list(columns)
        return columns, list(_rows(reader))
    except csv.Error as error:
        raise BadFile(file_name, (f"row {reader.line_num}: cannot be read as CSV: {error}",)) from None


def _rows(reader: "csv.DictReader[str]") -> Iterator[tuple[int, Row]]:
    for number, row in enumerate(reader, start=2):
        cells = {name: plain(cell) for name, cell in row.items() if isinstance(name, str) and isinstance(cell, str)}
        if any(cells.values()):
            yield number, cells
