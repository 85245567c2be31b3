"""Tables → an XLSX workbook: texts, whole numbers, money and days; no formula can be in it. Pure.

A report of ten thousand vendors has hundreds of thousands of cells, which openpyxl takes ten seconds for and this less
than one. What it writes is the least of ECMA-376 that spreadsheets open: texts stand in their cells (`inlineStr`), and
the same sheets are the same bytes.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
#: The earliest time that a ZIP can say.
_NO_TIME: Final = (1980, 1, 1, 0, 0, 0)
#: Day 0 of a spreadsheet's calendar, for days after February 1900.
_EPOCH: Final = date(1899, 12, 30).toordinal()
_FIRST_DAY: Final = date(1900, 3, 1)
_UNSAFE_IN_A_NAME: Final = str.maketrans("", "", "[]:*?/\\'")
_LONGEST_NAME: Final = 31
#: What a cell can hold.
_LONGEST_TEXT: Final = 32_767
_LETTERS: Final = 26
#: The formats of cells, by their place in `_STYLES`.
_PLAIN, _BOLD, _MONEY, _DAY = range(4)
_FONT: Final = '<sz val="11"/><name val="Calibri"/>'
_FILLS: Final = '<fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
_STYLES: Final = (
    f'<styleSheet xmlns="{_MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
    f'<fonts count="2"><font>{_FONT}</font><font><b/>{_FONT}</font></fonts><fills count="2">{_FILLS}</fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="4"><xf xfId="0"/><xf xfId="0" fontId="1" applyFont="1"/>'
    '<xf xfId="0" numFmtId="2" applyNumberFormat="1"/><xf xfId="0" numFmtId="164" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


@dataclass(frozen=True, slots=True)
class Cents:
    """Hundredths: a cell with two decimals."""

    cents: int


Written = str | int | date | Cents | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetOut:
    """A sheet. `bold`: the numbers of rows whose texts are headings, from 0; `widths`: of columns, in characters."""

    name: str
    rows: Sequence[Sequence[Written]]
    widths: Sequence[int] = ()
    bold: frozenset[int] = frozenset()


def workbook(sheets: Sequence[SheetOut]) -> bytes:
    """Return a workbook; names of sheets are cut to what a spreadsheet takes, and told apart."""
    names = _names(sheets)
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:

        def add(path: str, text: str) -> None:
            archive.writestr(ZipInfo(path, _NO_TIME), (_HEAD + text).encode(), ZIP_DEFLATED)

        add("[Content_Types].xml", _content_types(len(sheets)))
        add("_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")]))
        listed = "".join(
            f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(names, start=1)
        )
        add("xl/workbook.xml", f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>')
        parts = [("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(sheets) + 1)]
        add("xl/_rels/workbook.xml.rels", _relations([*parts, ("styles", "styles.xml")]))
        add("xl/styles.xml", _STYLES)
        for n, sheet in enumerate(sheets, start=1):
            add(f"xl/worksheets/sheet{n}.xml", _sheet(sheet))
    return out.getvalue()


def _names(sheets: Iterable[SheetOut]) -> list[str]:
    names = list[str]()
    for sheet in sheets:
        name = _printable(sheet.name).translate(_UNSAFE_IN_A_NAME).strip()[:_LONGEST_NAME] or "-"
        again = 2
        taken = {one.casefold() for one in names}
        plain = name
        while name.casefold() in taken:
            tail = f" {again}"
            name, again = plain[: _LONGEST_NAME - len(tail)] + tail, again + 1
        names.append(name)
    return names


def _content_types(sheets: int) -> str:
    kinds = [("/xl/workbook.xml", "sheet.main"), ("/xl/styles.xml", "styles")]
    kinds += [(f"/xl/worksheets/sheet{n}.xml", "worksheet") for n in range(1, sheets + 1)]
    parts = "".join(f'<Override PartName="{path}" ContentType="{_TYPE}.{kind}+xml"/>' for path, kind in kinds)
    return (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels"'
        f' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{parts}</Types>'
    )


def _relations(parts: Sequence[tuple[str, str]]) -> str:
    each = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(parts, start=1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{each}</Relationships>'


def _sheet(sheet: SheetOut) -> str:
    columns = "".join(
        f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>' for n, width in enumerate(sheet.widths, start=1)
    )
    width = max((len(row) for row in sheet.rows), default=0)
    letters = [_letters(n) for n in range(width)]
    rows = []
    for n, row in enumerate(sheet.rows):
        style = _BOLD if n in sheet.bold else _PLAIN
        cells = "".join(
            _cell(f"{letters[column]}{n + 1}", value, style) for column, value in enumerate(row) if value is not None
        )
        rows.append(f'<row r="{n + 1}">{cells}</row>')
    heads = f"<cols>{columns}</cols>" if columns else ""
    return f'<worksheet xmlns="{_MAIN}">{heads}<sheetData>{"".join(rows)}</sheetData></worksheet>'


def _letters(column: int) -> str:
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, _LETTERS)
        text = chr(ord("A") + rest) + text
    return text


def _cell(place: str, value: str | int | date | Cents, style: int) -> str:
    match value:
        case Cents(cents):
            sign, whole, rest = "-" if cents < 0 else "", *divmod(abs(cents), 100)
            return f'<c r="{place}" s="{_MONEY}"><v>{sign}{whole}.{rest:02d}</v></c>'
        case int():
            return f'<c r="{place}" s="{style}"><v>{value}</v></c>'
        case date() if value >= _FIRST_DAY:
            return f'<c r="{place}" s="{_DAY}"><v>{value.toordinal() - _EPOCH}</v></c>'
    text = escape(_printable(str(value))[:_LONGEST_TEXT])
    return f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _printable(text: str) -> str:
    """Return a text without what XML 1.0 cannot hold."""
    if text.isprintable():
        return text
    return "".join(
        one for one in text if one in "\t\n" or (one >= " " and one not in "\ufffe\uffff" and not _half(one))
    )


def _half(one: str) -> bool:
    """Say whether it is half of a surrogate pair, which is no character."""
    return "\ud800" <= one <= "\udfff"
