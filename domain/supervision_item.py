"""Supervision items (监管事项): what may be checked, on what basis, by whom and how often."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.alert import AlertKind


class Method(StrEnum):
    """How an item is checked."""

    ON_SITE = "on_site"
    DOCUMENT = "document"
    REMOTE = "remote"


class RiskClass(StrEnum):
    """The regulator's class of a subject, A (low) to D (high). It is no score, and nobody but regulators sees it."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


class AnswerKind(StrEnum):
    """What a question of a checklist is answered with."""

    COMPLIES = "complies"
    NUMBER = "number"
    TEXT = "text"


@dataclass(frozen=True, kw_only=True, slots=True)
class Basis:
    """A law and its article; `source` is where that was read (S*n* of the domain notes)."""

    law: str
    article: str = ""
    source: str = ""

    @property
    def named(self) -> str:
        """The law with its article, as it is cited."""
        return f"{self.law} {self.article}".strip()


@dataclass(frozen=True, kw_only=True, slots=True)
class SubItem:
    """A part of an item (子项)."""

    code: str
    name: str
    name_en: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What a checklist asks. `unit` belongs to a number."""

    code: str
    text: str
    text_en: str
    answer: AnswerKind
    unit: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One item of a version. `qualification`: what an inspector needs; `per_year`: visits a year by risk class."""

    code: str
    name: str
    name_en: str
    department: str
    qualification: str
    basis: tuple[Basis, ...]
    methods: tuple[Method, ...]
    per_year: Mapping[RiskClass, int]
    sub_items: tuple[SubItem, ...] = ()
    questions: tuple[Question, ...] = ()
    alert_kinds: tuple[AlertKind, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Department:
    """Who answers for items."""

    code: str
    name: str
    name_en: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Merge:
    """An item that became part of another one: for ever. `old_name` is what it was called."""

    old_code: str
    into_code: str
    old_name: str
    reason: str
    merged_by: str
    merged_at: datetime


class CatalogueState(StrEnum):
    """Where a version of the catalogue is in its life."""

    DRAFT = "draft"
    PUBLISHED = "published"
    DISCARDED = "discarded"


@dataclass(frozen=True, kw_only=True, slots=True)
class Catalogue:
    """A version of the catalogue, without its items. Counts are of the items it holds and of the merges made in it."""

    catalogue_id: int
    version: str
    title: str
    source: str
    state: CatalogueState
    departments: tuple[Department, ...]
    items: int
    sub_items: int
    merged: int
    drafted_by: str
    drafted_at: datetime
    decided_by: str | None
    decided_at: datetime | None

    def department(self, code: str) -> Department:
        """Return the department of a code; one that is not told of any more keeps its code for a name."""
        return next(
            (one for one in self.departments if one.code == code), Department(code=code, name=code, name_en=code)
        )
