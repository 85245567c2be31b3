"""What an XLSX file would cost to read, found out before it is read: a small file may unpack to anything. Pure.

openpyxl builds an object for each cell, also for each cell that a merged range covers. So every part is unpacked here,
a piece at a time and within a bound, and its elements are counted.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import IO, Final, cast
from xml.etree import ElementTree as ET

from domain.errors import BadFile
from tables.cells import LIST_LIMITS, TableLimits

MOST_PARTS: Final = 200
_PIECE: Final = 64 * 1024
_REF: Final = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})(?::\$?([A-Za-z]{1,3})\$?(\d{1,7}))?")
_ENCRYPTED: Final = 0x1
_LONGEST_WORD: Final = len(b"<!DOCTYPE")
#: What bytes that are no workbook raise. NotImplementedError is zipfile's over a newer kind of ZIP, or a patched part.
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    ET.ParseError,
    NotImplementedError,
    EOFError,
    OSError,
    ValueError,
)


class TooCostlyError(Exception):
    """Why a file is not read."""


@dataclass(kw_only=True, slots=True)
class _Budget:
    limits: TableLimits
    bytes_left: int
    elements_left: int
    merged_left: int


def require_affordable(data: bytes, file_name: str, limits: TableLimits = LIST_LIMITS) -> None:
    """Raise BadFile where a workbook is broken, or would take more than `limits` allow."""
    budget = _Budget(
        limits=limits,
        bytes_left=limits.most_unpacked_bytes,
        elements_left=limits.most_elements,
        merged_left=limits.most_merged_cells,
    )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            _require_plain(parts)
            for part in parts:
                with archive.open(part) as stream:
                    _look_through(stream, budget)
    except TooCostlyError as error:
        raise BadFile(file_name, (str(error),)) from None
    except _BROKEN as error:
        raise BadFile(file_name, (f"is no workbook that can be read: {error}",)) from None


def _require_plain(parts: Sequence[zipfile.ZipInfo]) -> None:
    if len(parts) > MOST_PARTS:
        raise TooCostlyError(f"has {len(parts)} parts; expected at most {MOST_PARTS}")
    if len({part.filename for part in parts}) < len(parts):
        raise TooCostlyError("names a part twice")
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        raise TooCostlyError("is encrypted; save it without a password")
    if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts):
        raise TooCostlyError("is packed as no spreadsheet packs it")


def _look_through(stream: IO[bytes], budget: _Budget) -> None:
    """Parse what is XML by its first sign, whatever its name and however many blanks stand before it."""
    parser: ET.XMLPullParser[ET.Element] | None = None
    is_known = False
    before = b""
    while piece := stream.read(_PIECE):
        budget.bytes_left -= len(piece)
        if budget.bytes_left < 0:
            raise TooCostlyError(f"unpacks to more than {budget.limits.most_unpacked_bytes // 1024 // 1024} MiB")
        if not is_known and piece.strip():
            is_known = True
            parser = ET.XMLPullParser(("start", "end")) if _is_xml(piece) else None
        if parser is not None:
            seen = before + piece
            if b"\0" in seen or b"<!DOCTYPE" in seen or b"<!ENTITY" in seen:
                raise TooCostlyError("holds XML that no spreadsheet writes")
            _feed(parser, piece)
            _count(parser, budget)
        before = piece[-_LONGEST_WORD:]
    if parser is not None:
        parser.close()
        _count(parser, budget)


def _feed(parser: "ET.XMLPullParser[ET.Element]", piece: bytes) -> None:
    try:
        parser.feed(piece)
    except LookupError as error:  # expat's, over an alphabet that nobody knows
        raise ValueError(str(error)) from None


def _is_xml(piece: bytes) -> bool:
    """UTF-16 counts as XML and is then refused for its NULs."""
    return piece.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<" or piece[:2] in (b"\xff\xfe", b"\xfe\xff", b"\0<")


def _count(parser: "ET.XMLPullParser[ET.Element]", budget: _Budget) -> None:
    for kind, element in cast("Iterable[tuple[str, ET.Element]]", parser.read_events()):
        if kind == "end":
            element.clear()
            continue
        budget.elements_left -= 1
        if budget.elements_left < 0:
            raise TooCostlyError(f"holds more than {budget.limits.most_elements} elements")
        _count_cells(element, budget)


def _count_cells(element: ET.Element, budget: _Budget) -> None:
    """A cell far out and a range over everything are small in the file and large in memory."""
    name, ref = element.tag.rpartition("}")[2], element.get("ref") or element.get("r") or ""
    if name not in ("c", "mergeCell") or not ref:
        return
    found = _REF.fullmatch(ref)
    if found is None:
        raise TooCostlyError(f"has a cell at {ref[:20]!r}, which is no place in a sheet")
    left, top, right, bottom = found.groups()
    columns = _number(right or left) - _number(left) + 1
    rows = int(bottom or top) - int(top) + 1
    limits = budget.limits
    if _number(right or left) > limits.most_columns:
        raise TooCostlyError(f"has a cell at {ref}; expected at most {limits.most_columns} columns")
    if int(bottom or top) > limits.most_rows:
        raise TooCostlyError(f"has a cell at {ref}; expected at most {limits.most_rows} rows")
    budget.merged_left -= columns * rows if name == "mergeCell" else 0
    if budget.merged_left < 0:
        raise TooCostlyError(f"merges more than {budget.limits.most_merged_cells} cells")


def _number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
