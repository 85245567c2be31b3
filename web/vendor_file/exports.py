"""A vendor's file as one JSON object (for programs, docs/registry.md) and as one workbook (for people)."""

import io
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from web.i18n import Language, translations
from web.vendor_file.section import Cell, Lines, Link, Money, Said, Section, VendorFile, Word
from web.words import message_of

FORMAT: Final = "steelyard-vendor-file"
VERSION: Final = 1
#: What a sheet's name may not hold, and how long it may be.
_UNSAFE_IN_A_SHEET_NAME: Final = str.maketrans("", "", "[]:*?/\\'")
_LONGEST_SHEET_NAME: Final = 31


def as_json(file: VendorFile) -> dict[str, Any]:
    """Return the file as values: days and times in RFC 3339, money in fen, words as the codes of the domain."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "made_at": file.made_at.isoformat(),
        "made_by": file.made_by,
        "personal_data": "full" if file.in_full else "masked",
        "market_id": file.market.market_id,
        "vendor_id": file.vendor.vendor_id,
        "sections": {section.key: _section_json(section) for section in file.sections},
        "timeline": [{"at": one.at.isoformat(), "what": one.what, "about": _value(one.cell)} for one in file.timeline],
    }


def as_xlsx(file: VendorFile, language: Language) -> bytes:
    """Return the file as a workbook, a sheet a section, in a language; nothing in it runs."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    said = translations(language).gettext
    words = _words(said, ZoneInfo(file.market.timezone))
    book = Workbook()
    book.remove(book.worksheets[0])
    for section in file.sections:
        sheet = book.create_sheet(said(section.title).translate(_UNSAFE_IN_A_SHEET_NAME)[:_LONGEST_SHEET_NAME])
        lines: list[list[str]] = [[said(fact.title), words(fact.cell)] for fact in section.facts]
        heading = len(lines) + (2 if lines else 1)
        if section.columns:
            lines += [[]] if lines else []
            lines.append([said(column.title) for column in section.columns])
            lines += [[words(cell) for cell in row] for row in section.rows]
        for number, line in enumerate(lines, start=1):
            for column, text in enumerate(line, start=1):
                cell = sheet.cell(number, column, text)
                cell.data_type = "s"  # a text that begins with = stays a text
                if number == heading and section.columns:
                    cell.font = Font(bold=True)
        for column in range(1, max(map(len, lines), default=0) + 1):
            sheet.column_dimensions[chr(ord("A") + column - 1)].width = 24
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _section_json(section: Section) -> dict[str, Any]:
    return {
        "facts": {fact.key: _value(fact.cell) for fact in section.facts},
        "rows": [
            {column.key: _value(cell) for column, cell in zip(section.columns, row, strict=True)}
            for row in section.rows
        ],
        "is_whole": not section.more,
    }


def _value(cell: Cell) -> Any:
    simple: Any
    match cell:
        case Word(simple) | Said(simple) | Link(simple, _):
            return str(simple)
        case Money(fen):
            return {"fen": fen}
        case Lines(cells):
            return [_value(one) for one in cells]
        case datetime() | date():
            return cell.isoformat()
    return cell or None if isinstance(cell, str) else cell


def _words(said: Callable[[str], str], zone: ZoneInfo) -> Callable[[Cell], str]:
    def words(cell: Cell) -> str:
        match cell:
            case Word() | Said():
                text = said(message_of(cell.value) if isinstance(cell, Word) else cell.message)
            case Money(fen):
                text = f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02}"
            case Link(text, _):
                pass
            case Lines(cells):
                text = "\n".join(words(one) for one in cells)
            case datetime():
                text = cell.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
            case _:
                text = "" if cell is None else str(cell)
        return text

    return words
