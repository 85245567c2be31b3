"""What a section of a vendor's file is made of: the same for the page, its print, the JSON and the workbook. Pure.

Titles and words are messages in English, marked for translation where they are written.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from psycopg import Connection

from db.registry import Market
from domain.register.records import RegisteredVendor
from web.access import Viewer
from web.config import WebConfig


@dataclass(frozen=True, slots=True)
class Word:
    """A value of the domain that has words (web/words.py)."""

    value: StrEnum


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence or word of our own, marked for translation."""

    message: str


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in fen."""

    fen: int


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads to a page of ours."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Lines:
    """Several cells, each on a line of its own."""

    cells: "tuple[Cell, ...]"


Cell = str | int | date | datetime | Word | Said | Money | Link | Lines | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `key` names it for programs, `title` for people."""

    key: str
    title: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is known. `is_warning`: it wants somebody's attention."""

    key: str
    title: str
    cell: Cell
    is_warning: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened or will, for the timeline: what, and the particulars."""

    at: datetime
    what: str
    cell: Cell = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A part of the file. `rows` are as long as `columns`; `more`: there are more rows than these.

    `link`: where there is more to see or do about it. `empty`: what to say where there is nothing.
    """

    key: str
    title: str
    facts: tuple[Fact, ...] = ()
    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    more: bool = False
    empty: str = ""
    hint: str = ""
    link: Link | None = None
    moments: tuple[Moment, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """Whose file is asked for, by whom, and how long its tables may be.

    `vendor` is masked already where `in_full` is False: no section can show what its reader may not see.
    """

    conn: Connection
    config: WebConfig
    viewer: Viewer
    market: Market
    vendor: RegisteredVendor
    in_full: bool
    now: datetime
    most_rows: int


@dataclass(frozen=True, kw_only=True, slots=True)
class VendorFile:
    """The whole file; `timeline`: what all its sections know the moment of, the newest first."""

    market: Market
    vendor: RegisteredVendor
    in_full: bool
    made_at: datetime
    made_by: str
    sections: tuple[Section, ...]
    timeline: tuple[Moment, ...]


def kind_of(cell: Cell) -> str:
    """Return what a template must know to show a cell: text, number, moment, day, word … or none."""
    kinds: tuple[tuple[type, str], ...] = (
        (Word, "word"),
        (Said, "said"),
        (Money, "money"),
        (Link, "link"),
        (Lines, "lines"),
        (datetime, "moment"),
        (date, "day"),
        (int, "number"),
    )
    if cell is None or cell == "":
        return "none"
    return next((name for kind, name in kinds if isinstance(cell, kind)), "text")
