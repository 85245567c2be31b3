"""The bytes of a file → its table, whichever of the two kinds it is. Pure."""

from typing import Final

from domain.errors import BadFile
from tables.cells import LIST_LIMITS, Table, TableLimits
from tables.csv_table import read_csv
from tables.xlsx_table import read_xlsx

_ZIP: Final = b"PK\x03\x04"
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"


def table_of(data: bytes, file_name: str, limits: TableLimits = LIST_LIMITS) -> Table:
    """Return the cells of a CSV or XLSX file. Raise BadFile for what is neither, or larger than `limits` allow."""
    if not data.strip():
        raise BadFile(file_name, ("is empty",))
    if len(data) > limits.most_bytes:
        raise BadFile(file_name, (f"has {len(data)} bytes; expected at most {limits.most_bytes}",))
    if data.startswith(_OLD_EXCEL):
        raise BadFile(file_name, ("is a workbook of Excel 97–2003, or encrypted; save it as .xlsx or CSV UTF-8",))
    return read_xlsx(data, file_name, limits) if data.startswith(_ZIP) else read_csv(data, file_name, limits)
