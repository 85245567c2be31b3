"""A report as PDF, by typst: A4, the fonts embedded, the same bytes for the same report.

The fonts are Noto Sans SC and Noto Serif SC (SIL Open Font License 1.1), from a package, so that no machine's own fonts
change a page; the time in the file is the report's. Its metadata holds the code and the digest.
"""

import io
import json
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final

import segno
import typst
from PIL import ImageFont
from pylopdf_fonts_zh_cn import sans_path, serif_path

from credit.reports.codes import shown
from credit.reports.layout import Cell, Section, Sheet, text_of
from credit.reports.words import said

#: What a person reads on paper. All rows are in the workbook, the CSV and the JSON.
MOST_ROWS: Final = 300
#: The second has rare characters that the first has not.
_FONTS: Final = ("Noto Sans SC", "Noto Serif SC")
#: More columns than so many want the page on its side.
_MOST_UPRIGHT: Final = 9
#: Before and after a break that a long word may have; without one a number of a document runs into the next column.
_LONG: Final = 14
_BREAK: Final = "\u200b"
#: What no font has, and how large one is drawn to see that.
_NOBODYS: Final = "\U0010ffff"
_DRAWN_AT: Final = 24


@dataclass(frozen=True, slots=True)
class Paper:
    """What of a PDF is no part of its report: who issued it, and the time that its file tells."""

    issuer: str
    at: datetime


def as_pdf(sheet: Sheet, paper: Paper) -> bytes:
    """Return the report as PDF."""
    made = typst.compile(
        _template(),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"sheet": json.dumps(_values(sheet, paper), ensure_ascii=False)},
        timestamp=int(paper.at.timestamp()),
    )
    if not isinstance(made, bytes):
        raise TypeError(f"typst made {type(made).__name__} of one PDF")
    return made


@cache
def _template() -> bytes:
    return (files("credit") / "reports" / "report.typ").read_bytes()


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[sans_path().parent])


def qr_svg(address: str) -> str:
    """Return an address as a QR code, as SVG."""
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(drawn, kind="svg", border=2, xmldecl=False, svgns=True)
    return drawn.getvalue().decode()


def _values(sheet: Sheet, paper: Paper) -> dict[str, Any]:
    parts = [section for section in sheet.sections if not section.is_appendix]
    return {
        "title": sheet.title,
        "subject": _drawable(sheet.subject),
        "headline": sheet.headline,
        "variant": sheet.variant,
        "is_public": sheet.is_public,
        "period": sheet.period,
        "language": sheet.language,
        "font": _FONTS,
        "issuer": paper.issuer,
        "code": sheet.code,
        "code_shown": shown(sheet.code),
        "code_label": said(sheet.language, "code"),
        "digest": sheet.digest,
        "address": sheet.address,
        "rules_label": said(sheet.language, "rules_version"),
        "rules_version": sheet.rules_version,
        "page_of": said(sheet.language, "page_of", page="{page}", pages="{pages}"),
        "qr": qr_svg(sheet.address),
        "wide": any(len(section.columns) > _MOST_UPRIGHT for section in parts),
        "sections": [*(_section(one, sheet) for one in parts), _section(_verification(sheet), sheet)],
    }


def _verification(sheet: Sheet) -> Section:
    language = sheet.language
    return Section(
        key="verification",
        title=said(language, "verification"),
        facts=(
            (said(language, "code"), shown(sheet.code)),
            (said(language, "digest"), sheet.digest),
            (said(language, "address"), sheet.address),
        ),
        notes=(said(language, "verify_how"),),
    )


def _section(section: Section, sheet: Sheet) -> dict[str, Any]:
    rows = section.rows[:MOST_ROWS]
    notes = list(section.notes)
    if len(section.rows) > MOST_ROWS:
        notes.insert(0, said(sheet.language, "more_rows", shown=MOST_ROWS, all=len(section.rows)))
    return {
        "title": section.title,
        "facts": [[label, _text(cell)] for label, cell in section.facts],
        "columns": [column.title for column in section.columns],
        "widths": [column.width for column in section.columns],
        "numbers": [column.is_number for column in section.columns],
        "rows": [[{"text": _text(cell), "weak": n in section.weak} for cell in row] for n, row in enumerate(rows)],
        "empty": section.empty,
        "notes": notes,
    }


def _text(cell: Cell) -> str:
    return " ".join(_breakable(word) for word in _drawable(text_of(cell)).split(" "))


def _drawable(text: str) -> str:
    """Return a text with its code point in place of a character that no font has, which would be an empty box."""
    if text.isascii():
        return text
    return "".join(one if one.isascii() or _has(one) else f"[U+{ord(one):04X}]" for one in text)


@lru_cache(maxsize=50_000)
def _has(one: str) -> bool:
    """Say whether a font has a character: it is drawn in another way than one that none has."""
    return one.isprintable() and any(_glyph(font, one) != _glyph(font, _NOBODYS) for font in _faces())


def _glyph(font: ImageFont.FreeTypeFont, one: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(one)
    return mask.size, bytes(mask)


@cache
def _faces() -> tuple[ImageFont.FreeTypeFont, ...]:
    plain = ImageFont.Layout.BASIC
    return tuple(ImageFont.truetype(str(path), _DRAWN_AT, layout_engine=plain) for path in (sans_path(), serif_path()))


def _breakable(word: str) -> str:
    """Let a long word without blanks, as a number or a rule's name, be broken where a column ends."""
    if len(word) <= _LONG or not word.isascii():
        return word
    return "".join(f"{one}{_BREAK}" if one in "._-/" or n % _LONG == _LONG - 1 else one for n, one in enumerate(word))
