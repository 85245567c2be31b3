"""Workbooks that are written: what a spreadsheet reads of them is what was given, and nothing of it runs."""

import io
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from tables.xlsx_writing import Cents, SheetOut, Written, workbook


def read(*sheets: SheetOut) -> dict[str, list[list[Any]]]:
    book = load_workbook(io.BytesIO(workbook(sheets)))
    return {page.title: [[cell.value for cell in row] for row in page.iter_rows()] for page in book}


def test_texts_numbers_money_and_days_are_read_back() -> None:
    rows: list[list[Written]] = [["名称", "n"], [7, Cents(-1205)], [date(2026, 11, 28), None], [date(1850, 1, 2), -3]]
    book = load_workbook(io.BytesIO(workbook([SheetOut(name="a", rows=rows, bold=frozenset({0}), widths=[20, 9])])))
    page = book["a"]
    assert [[cell.value for cell in row] for row in page.iter_rows()] == [
        ["名称", "n"],
        [7, -12.05],
        [datetime(2026, 11, 28), None],  # noqa: DTZ001 - a day of a spreadsheet has no zone
        ["1850-01-02", -3],
    ]
    assert (page["A1"].font.bold, page["A2"].font.bold, page["B2"].number_format) == (True, False, "0.00")
    assert page.column_dimensions["A"].width == 20


@pytest.mark.parametrize("text", ["=1+1", "@x", "+1", "-1", "'", '=HYPERLINK("x")', "<&>\"'", " a ", "a\nb"])
def test_no_text_becomes_anything_else(text: str) -> None:
    book = load_workbook(io.BytesIO(workbook([SheetOut(name="a", rows=[[text]])])))
    cell = book["a"]["A1"]
    assert (cell.value, cell.data_type) == (text, "s")


@given(st.lists(st.lists(st.one_of(st.text(max_size=20), st.integers(-(10**15), 10**15)), max_size=4), max_size=4))
def test_any_text_can_be_written(rows: list[list[Written]]) -> None:
    read(SheetOut(name="a", rows=rows))


def test_what_xml_cannot_hold_is_left_out_and_a_text_too_long_is_cut() -> None:
    found = read(SheetOut(name="a", rows=[["a\x00b\x0bc\ufffe\ud800", "x" * 40_000]]))
    assert found["a"][0][0] == "abc"
    assert len(found["a"][0][1]) == 32_767


def test_names_of_sheets_are_made_to_fit_and_told_apart() -> None:
    names = ["a/b:c", "ABC", "x" * 40, "x" * 50, "[]", ""]
    assert list(read(*(SheetOut(name=name, rows=[]) for name in names))) == [
        *("abc", "ABC 2", "x" * 31, "x" * 29 + " 2", "-", "- 2"),
    ]


def test_columns_go_on_after_z() -> None:
    row: list[Written] = list(range(703))
    assert read(SheetOut(name="a", rows=[row]))["a"] == [row]


def test_the_same_sheets_are_the_same_bytes() -> None:
    sheet = SheetOut(name="a", rows=[["x", 1]])
    assert workbook([sheet]) == workbook([sheet])
