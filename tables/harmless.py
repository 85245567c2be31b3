"""Cells of a CSV file that a spreadsheet opens and does not run."""

from typing import Final

#: What makes Excel read the file as UTF-8.
BYTE_ORDER_MARK: Final = "\ufeff"
_FORMULA_START: Final = ("=", "+", "-", "@", "\t", "\r")


def harmless(cell: object) -> object:
    """Return a cell; text that would be run as a formula gets an apostrophe before it (OWASP, CSV injection)."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_START) else cell
