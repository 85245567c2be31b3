"""`data/legal_bases.toml`: what the law says of a conduct, as text with its source. Shown, never reckoned with.

Ranges and grades are words for people. No number of a fine is in any field, so that none can be computed.
"""

import tomllib
from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from domain.alert import AlertKind
from domain.errors import BadFile

_Words = Annotated[str, Meta(min_length=1, max_length=1000)]


class SourceKind(StrEnum):
    """Whether a row was read in the law's own text or in somebody's report of it."""

    LAW_TEXT = "law_text"
    SECOND_HAND = "second_hand"


class Grade(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A grade of the discretion benchmark (裁量基准): 轻微, 一般, 从重 … with what it says and where."""

    name: _Words
    text: _Words
    source: _Words


class LegalBasis(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A conduct, the article about it, what follows and whom it is for. No `benchmark`: none was entered (未收录)."""

    code: Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,47}$")]
    conduct: _Words
    conduct_en: _Words
    law: _Words
    article: str
    consequence: _Words
    statutory_range: _Words
    applies_to: tuple[_Words, ...]
    source: _Words
    source_kind: SourceKind
    is_verified: bool
    alert_kinds: tuple[AlertKind, ...] = ()
    benchmark: tuple[Grade, ...] = ()

    @property
    def words(self) -> str:
        """The basis as a decision names it."""
        return f"《{self.law}》{self.article}"


class LegalBases(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    version: _Words
    title: _Words
    basis: tuple[LegalBasis, ...]

    def by_code(self, code: str) -> LegalBasis | None:
        """Return a row, or None."""
        return next((one for one in self.basis if one.code == code), None)

    def of_kinds(self, kinds: frozenset[AlertKind]) -> tuple[LegalBasis, ...]:
        """Return the rows that may concern alerts of these kinds, in the file's order."""
        return tuple(one for one in self.basis if kinds & set(one.alert_kinds))


def read_legal_bases(path: Path) -> LegalBases:
    """Read the rows. Raise BadFile naming everything that is wrong with them."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        rows = raw.pop("basis", [])
        head = msgspec.convert({**raw, "basis": []}, LegalBases)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadFile(path.name, (str(error),)) from None
    problems: list[str] = []
    read: list[LegalBasis] = []
    for number, row in enumerate(rows, start=1):
        try:
            read.append(msgspec.convert(row, LegalBasis))
        except msgspec.ValidationError as error:
            problems.append(f"basis {number}: {error}")
    problems += _problems(read)
    if problems:
        raise BadFile(path.name, tuple(problems))
    return LegalBases(version=head.version, title=head.title, basis=tuple(read))


def _problems(rows: list[LegalBasis]) -> list[str]:
    if not rows:
        return ["basis: there is none; expected one at least"]
    twice = sorted(code for code, count in Counter(one.code for one in rows).items() if count > 1)
    problems = [f"basis {code} stands twice; expected each code once" for code in twice]
    return problems + [
        f"basis {one.code}: is_verified is true and source_kind is second_hand; expected the law's own text"
        for one in rows
        if one.is_verified and one.source_kind is SourceKind.SECOND_HAND
    ]
