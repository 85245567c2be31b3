"""Why an uploaded file cannot be used at all, in the reader's language. What is said here was written by `tables`."""

import re
from collections.abc import Callable
from typing import Final

from web.i18n import mark

#: The first that is found says it; `{0}` and so on take what stands in the groups.
_SAID: Final = tuple(
    (re.compile(pattern), message)
    for pattern, message in (
        ("no file was chosen", mark("Choose a file first.")),
        (r"\bis empty", mark("The file is empty.")),
        (r"has (\d+) bytes; expected at most (\d+)", mark("The file is too large: at most {1} bytes can be read.")),
        ("is a workbook of Excel 97", mark("This is an old or encrypted Excel file: save it as .xlsx or CSV UTF-8.")),
        (
            "is neither CSV nor XLSX|is no text: it holds NUL|is text neither in UTF-8 nor",
            mark("This is no table that can be read: save it as .xlsx or CSV UTF-8."),
        ),
        (
            "is no workbook that can be read",
            mark("The workbook is broken or is none: open it, and save it as .xlsx anew."),
        ),
        ("shows no sheet with anything in it", mark("The workbook has no visible sheet with anything in it.")),
        (
            r"has (\d+) sheets with something in them \((.*)\)",
            mark("{0} sheets have something in them ({1}): leave one of them."),
        ),
        (
            r"rows and (\d+) columns; expected at most (\d+) rows and (\d+) columns",
            mark("The sheet is too large: at most {1} rows and {2} columns can be read."),
        ),
        (
            r"row (\d+) has (\d+) columns; expected at most (\d+)",
            mark("A row has too many columns: at most {2} can be read."),
        ),
        (r"has more than (\d+) rows", mark("There are too many rows: at most {0} can be read.")),
        ("is no CSV file", mark("This is no table that can be read: save it as .xlsx or CSV UTF-8.")),
        (
            "columns do not tell what it holds",
            mark("The titles of the columns do not tell what the file holds: choose it below, or name the columns."),
        ),
    )
)

#: The same of what is wrong with the rows of a day's references, which `pricing` writes.
_OF_ROWS: Final = tuple(
    (re.compile(pattern), message)
    for pattern, message in (
        (r"row (\d+), name: (.+) is no known species or alias", mark("Row {0}: {1} is no known species or alias.")),
        (r"row (\d+), name: (.+) stands in the file twice", mark("Row {0}: {1} stands in the file twice.")),
        (r"row (\d+), unit: (.*); expected one of .+", mark("Row {0}: {1} is no unit; write 500 g, kg or piece.")),
        (
            r"row (\d+), price\w*: (.*); expected yuan .+",
            mark("Row {0}: {1} is no price; write yuan with at most two decimals, or / where there was none."),
        ),
        (r"row \d+: the file has no references", mark("The file has no references.")),
        (r"row \d+: columns missing: ([^;]+).*", mark("Columns are missing: {0}.")),
        (r"row \d+: several columns are (.+); leave one of them", mark("Several columns are {0}: leave one of them.")),
        (r"row (\d+): cannot be read as CSV: .+", mark("Row {0} cannot be read as CSV.")),
    )
)


def told_of_row(problem: str, translate: Callable[[str], str]) -> str | None:
    """Return what is wrong with a row of references, in words; None where only the technical words say it."""
    for pattern, message in _OF_ROWS:
        found = pattern.fullmatch(problem)
        if found is not None:
            return translate(message).format(*found.groups())
    return None


def told_of_file(refusal: str, translate: Callable[[str], str]) -> str | None:
    """Return why a file is refused, in words; None where only the technical words say it."""
    for pattern, message in _SAID:
        found = pattern.search(refusal)
        if found is not None:
            return translate(message).format(*found.groups())
    return None
