"""A report → sections of facts and tables in a language. Page, PDF, workbook and CSV are all made of these. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final
from unicodedata import category
from zoneinfo import ZoneInfo

from credit.reports.shape import Report
from credit.reports.words import Language, Words, said
from credit.rules.versions import CALENDAR
from domain.units import Fen, yuan


@dataclass(frozen=True, slots=True)
class Money:
    """Fen, shown in yuan."""

    fen: int


@dataclass(frozen=True, slots=True)
class Points:
    """Points with their sign."""

    points: int


Cell = str | int | date | Money | Points | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column and, of ten, about how much of the width it wants; numbers stand on the right."""

    title: str
    width: int = 2
    is_number: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A part with a title: facts, then a table, then what is said to it. `empty`: in place of a table without rows.

    `is_appendix`: only where there is room for everything (workbook and CSV). `weak`: rows of what is pending.
    """

    key: str
    title: str
    facts: tuple[tuple[str, Cell], ...] = ()
    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    weak: frozenset[int] = frozenset()
    empty: str = ""
    notes: tuple[str, ...] = ()
    is_appendix: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """A report laid out. `headline`: its most important figure.

    `address`: what its QR code opens; `digest`: of its canonical JSON.
    """

    language: Language
    title: str
    subject: str
    headline: str
    variant: str
    is_public: bool
    period: str
    code: str
    digest: str
    address: str
    rules_version: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Saying:
    """A report, and how to say things of it."""

    report: Report
    language: Language
    word: Words
    zone: ZoneInfo = CALENDAR

    def __call__(self, key: str, **facts: object) -> str:
        """Return a text of reports."""
        return said(self.language, key, **facts)

    def either(self, zh: str, en: str) -> str:
        """Return the one of two texts that is in the reader's language."""
        return zh if self.language == "zh" else en


def text_of(cell: Cell) -> str:
    """Return a cell as it is read."""
    match cell:
        case None | "":
            return "—"
        case Money(fen):
            return yuan(Fen(fen))
        case Points(points):
            return f"+{points}" if points > 0 else f"−{-points}" if points < 0 else "0"
        case date():
            return cell.isoformat()
    return str(cell)


#: Characters that are not seen and move what is: marks of direction, joiners, fillers (Unicode's category Cf).
_UNSEEN: Final = "Cf"
#: Ends of lines and other controls.
_CONTROLS: Final = frozenset({"Cc", "Zl", "Zp"})


def plain(text: str) -> str:
    """Return a text on one line, without what turns its direction or cannot be printed."""
    if text.isprintable() and "  " not in text:
        return text.strip()
    shown = "".join(" " if category(one) in _CONTROLS else one for one in text if category(one) != _UNSEEN)
    return " ".join(shown.split())


Part = Callable[[Saying], Section | None]
