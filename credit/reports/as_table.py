"""A report as a workbook and as CSV: every row of every table, and nothing that a spreadsheet would run."""

import csv
import io
from typing import Final

from credit.reports.codes import shown
from credit.reports.layout import Cell, Money, Points, Section, Sheet, text_of
from credit.reports.words import said
from tables.harmless import BYTE_ORDER_MARK, harmless
from tables.xlsx_writing import Cents, SheetOut, Written, workbook

_CHARACTERS_A_WIDTH: Final = 7
_OF_FACTS: Final = 32


def as_csv(sheet: Sheet) -> str:
    """Return the sections one below the other, each under its title, with a byte-order mark (for Excel)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for section in (*sheet.sections, _issued(sheet)):
        writer.writerow([harmless(section.title)])
        for row in _lines(section):
            writer.writerow([_in_csv(cell) for cell in row])
        writer.writerow([])
    return BYTE_ORDER_MARK + out.getvalue()


def as_xlsx(sheet: Sheet) -> bytes:
    """Return a workbook, a sheet a section; the same report is the same bytes."""
    return workbook([_page(section) for section in (*sheet.sections, _issued(sheet))])


def _issued(sheet: Sheet) -> Section:
    language = sheet.language
    facts: tuple[tuple[str, Cell], ...] = (
        (said(language, "code"), shown(sheet.code)),
        (said(language, "digest"), sheet.digest),
        (said(language, "address"), sheet.address),
        (said(language, "variant_public" if sheet.is_public else "variant_inner"), None),
    )
    return Section(key="verification", title=said(language, "verification"), facts=facts)


def _lines(section: Section) -> list[tuple[Cell, ...]]:
    lines: list[tuple[Cell, ...]] = [(label, cell) for label, cell in section.facts]
    if section.columns:
        lines.append(tuple(column.title for column in section.columns))
        lines += section.rows or [(section.empty,)]
    return [*lines, *((note,) for note in section.notes)]


def _in_csv(cell: Cell) -> object:
    match cell:
        case None:
            return ""
        case Points(points):
            return points
        case int():
            return cell
        case str():
            return harmless(cell)
    return text_of(cell)  # a number or a day: nothing of it runs, and a minus before it is no formula


def _page(section: Section) -> SheetOut:
    widths = [_CHARACTERS_A_WIDTH * max(2, column.width) for column in section.columns] or [_OF_FACTS, _OF_FACTS]
    return SheetOut(
        name=section.title,
        rows=[[_in_workbook(cell) for cell in row] for row in _lines(section)],
        widths=widths,
        bold=frozenset({len(section.facts)} if section.columns else ()),
    )


def _in_workbook(cell: Cell) -> Written:
    match cell:
        case Money(fen):
            return Cents(fen)
        case Points(points):
            return points
    return cell
