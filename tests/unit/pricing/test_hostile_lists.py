"""A file that is no list, and a workbook made to harm: refused with what was expected, in bounded memory."""

import io
import random
import tracemalloc
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from domain.errors import BadFile
from pricing.list_reading.understanding import read_list
from tables.cells import LIST_LIMITS


def workbook(*rows: list[object]) -> bytes:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_of_two_filled_sheets_none_is_left_out_in_silence() -> None:
    book = Workbook()
    for sheet in (book.worksheets[0], book.create_sheet("西区")):
        sheet.append(["品名", "最高价（元/斤）"])
        sheet.append(["东星斑", 90])
    file = io.BytesIO()
    book.save(file)
    with pytest.raises(BadFile, match=r"has 2 sheets with something in them.*'西区'.*expected one"):
        read_list(file.getvalue(), "f.xlsx")


def test_a_formula_is_no_price() -> None:
    found = read_list(workbook(["品名", "最高价（元/斤）"], ["东星斑", "=1+1"], ["老虎斑", 90]), "f")
    assert [str(one) for one in found.problems] == ["row 2, column B: holds a formula; expected its value"]


def part_replaced(data: bytes, name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, content if part == name else old.read(part))
    return file.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
OPENING = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
CLOSING = b"</sheetData></worksheet>"
HOSTILE = {
    "a bomb": (OPENING + b"<row/>" + b" " * (LIST_LIMITS.most_unpacked_bytes + 1), "unpacks to more than 16 MiB"),
    "far columns": (OPENING + b'<row r="1"><c r="XFD1"><v>1</v></c></row>' + CLOSING, "expected at most 60 columns"),
    "far rows": (OPENING + b'<row r="1048576"><c r="A1048576"><v>1</v></c></row>' + CLOSING, "at most 2000 rows"),
    "nameless columns": (OPENING + b"<row>" + b"<c><v>1</v></c>" * 5_000 + b"</row>" + CLOSING, "5000 columns"),
    "elements": (OPENING + b"<row/>" * 110_000 + CLOSING, "more than 100000 elements"),
    "a merge over all": (
        OPENING + b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>',
        "expected at most 60 columns",
    ),
    "a merge behind blanks": (
        b" " * 70_000 + OPENING + b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>',
        "expected at most 60 columns",
    ),
    "entities": (b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + OPENING + CLOSING, "XML that no spreadsheet writes"),
    "another alphabet": ((OPENING + CLOSING).decode().encode("utf-16"), "XML that no spreadsheet writes"),
    "an unknown alphabet": (
        b'<?xml version="1.0" encoding="foo"?>' + OPENING + CLOSING,
        "no workbook that can be read",
    ),
    "no alphabet": (b'<?xml version="1.0" encoding="rot13"?>' + OPENING + CLOSING, "no workbook that can be read"),
    "no text": (b'<?xml version="1.0" encoding="hex"?>' + OPENING + CLOSING, "no workbook that can be read"),
    "broken": (OPENING + b"<row>", "is no workbook that can be read"),
    "no sheet": (b"<worksheet/>", "shows no sheet with anything in it"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_workbook_is_refused_in_bounded_memory(kind: str) -> None:
    content, says = HOSTILE[kind]
    data = part_replaced(workbook(["品名", "最高价（元/斤）"], ["东星斑", 1]), SHEET, content)
    assert len(data) < LIST_LIMITS.most_bytes
    read_list(workbook(["品名", "最高价（元/斤）"], ["东星斑", 1]), "f")  # what is loaded once is not counted
    tracemalloc.start()
    try:
        with pytest.raises(BadFile) as refused:
            read_list(data, "f.xlsx")
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert says in str(refused.value)
    assert peak < 120 * 1024 * 1024


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"x" * (LIST_LIMITS.most_bytes + 1), "expected at most 1048576"),
        (b"", "is empty"),
        (b"PK\x03\x04 and nothing", "is no workbook that can be read"),
        (b"\xd0\xcf\x11\xe0 old", "Excel 97"),
        (b"\x89PNG\r\n\x1a\n\0\0", "neither CSV nor XLSX"),
        (b"\xff\xff\xff", "neither in UTF-8 nor in GB18030"),
        (b"name," + b"," * 100 + b"\n", "102 columns; expected at most 60"),
        (b"a\n" * 2_001, "more than 2000 rows"),
        (b'a,"b\nc', "is no CSV file"),
    ],
)
def test_what_is_no_table_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(BadFile) as refused:
        read_list(data, "f")
    assert says in str(refused.value)


@settings(max_examples=60)
@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_noise_is_refused_or_read_and_never_breaks(data: bytes) -> None:
    try:
        found = read_list(data, "noise")
    except BadFile as refused:
        assert refused.problems
    else:
        assert found.problems or found.lines


@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False))
def test_a_workbook_that_was_damaged_on_the_way_is_refused_or_read_and_never_breaks(rng: random.Random) -> None:
    damaged = bytearray(workbook(["品名", "最高价（元/斤）"], ["东星斑", 1]))
    for _ in range(rng.randint(1, 6)):
        damaged[rng.randrange(len(damaged))] = rng.randrange(256)
    try:
        read_list(bytes(damaged), "f.xlsx")
    except BadFile as refused:
        assert refused.problems
