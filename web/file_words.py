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
            "columns do not tell what it holds",
            mark("The titles of the columns do not tell what the file holds: choose it below, or name the columns."),
        ),
    )
)


def told_of_file(refusal: str, translate: Callable[[str], str]) -> str | None:
    """Return why a file is refused, in words; None where only the technical words say it."""
    for pattern, message in _SAID:
        found = pattern.search(refusal)
        if found is not None:
            return translate(message).format(*found.groups())
    return None
