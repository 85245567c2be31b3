"""A catalogue's file (TOML) → its items, or every problem of it at once. Pure."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated, Final, TypeVar

import msgspec
from msgspec import Meta

from domain.alert import AlertKind
from domain.errors import BadFile, show_value
from domain.supervision_item import AnswerKind, Basis, Department, Item, Method, Question, RiskClass, SubItem
from supervision.items.merging import cycle_in

MOST_BYTES: Final = 1_048_576
_MOST_ITEMS: Final = 5000
#: What a code looks like.
CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,31}", re.ASCII)
CODE_EXPECTATION: Final = "1 to 32 letters, digits, '.' or '-'"

_Words = Annotated[str, Meta(min_length=1, max_length=500)]
_MaybeWords = Annotated[str, Meta(max_length=500)]
_Times = Annotated[int, Meta(ge=0, le=366)]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: Annotated[str, Meta(min_length=1, max_length=64)]
    title: _Words
    source: Annotated[str, Meta(min_length=1, max_length=2000)]
    department: list["_Department"]
    item: list[dict[str, object]]
    merged: list[dict[str, object]] = []


class _Department(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: _Words
    zh: _Words
    en: _Words


class _Basis(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    law: _Words
    article: _MaybeWords = ""
    source: _MaybeWords = ""


class _Named(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: str
    zh: _Words
    en: _Words


class _Question(_Named, frozen=True, forbid_unknown_fields=True):
    answer: AnswerKind = AnswerKind.COMPLIES
    unit: _MaybeWords = ""


class _Item(_Named, frozen=True, forbid_unknown_fields=True):
    department: str
    qualification: _Words
    method: Annotated[list[Method], Meta(min_length=1)]
    basis: Annotated[list[_Basis], Meta(min_length=1)]
    per_year: dict[RiskClass, _Times]
    alert_kinds: list[AlertKind] = []
    sub: list[_Named] = []
    question: list[_Question] = []


class _Merged(_Item, frozen=True, forbid_unknown_fields=True, kw_only=True):
    into: str
    because: _Words


_Filed = TypeVar("_Filed", bound=_Item)


class FiledMerge(msgspec.Struct, frozen=True):
    """An item that the file says became part of another."""

    item: Item
    into_code: str
    reason: str


class CatalogueFile(msgspec.Struct, frozen=True):
    """What a file says: the items it keeps, and those it merged."""

    version: str
    title: str
    source: str
    departments: tuple[Department, ...]
    items: tuple[Item, ...]
    merges: tuple[FiledMerge, ...]


def read_catalogue(content: bytes, name: str) -> CatalogueFile:
    """Read a catalogue. Raise BadFile naming every problem by its item's code, field, value and what was expected."""
    if len(content) > MOST_BYTES:
        raise BadFile(name, (f"the file has {len(content)} bytes; expected {MOST_BYTES} at most",))
    try:
        raw = tomllib.loads(content.decode("utf-8-sig"))
        filed = msgspec.convert(raw, _File)
    except UnicodeDecodeError as error:
        raise BadFile(name, (f"byte {error.start} is no UTF-8; expected a TOML file in UTF-8",)) from None
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadFile(name, (str(error),)) from None
    problems: list[str] = []
    items = [_understood(one, n, "item", _Item, problems) for n, one in enumerate(filed.item, start=1)]
    merged = [_understood(one, n, "merged", _Merged, problems) for n, one in enumerate(filed.merged, start=1)]
    kept, gone = [one for one in items if one], [one for one in merged if one]
    problems += _problems(filed, kept, gone)
    if problems:
        raise BadFile(name, tuple(problems))
    return CatalogueFile(
        version=filed.version,
        title=filed.title,
        source=filed.source,
        departments=tuple(Department(code=one.code, name=one.zh, name_en=one.en) for one in filed.department),
        items=tuple(map(_item, kept)),
        merges=tuple(FiledMerge(_item(one), one.into, one.because) for one in gone),
    )


def _understood(
    raw: dict[str, object], number: int, table: str, kind: type[_Filed], problems: list[str]
) -> _Filed | None:
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        problems.append(f"{table} {number} ({show_value(raw.get('code', ''))}): {error}")
        return None


def _problems(filed: _File, items: list[_Item], merged: list[_Merged]) -> Iterator[str]:
    if not filed.item:
        yield "item is empty; expected at least one [[item]]"
    if len(filed.item) + len(filed.merged) > _MOST_ITEMS:
        yield f"there are {len(filed.item) + len(filed.merged)} items; expected {_MOST_ITEMS} at most"
    departments = {one.code for one in filed.department}
    yield from _twice("department", [one.code for one in filed.department])
    yield from _twice("item", [one.code for one in [*items, *merged]])
    for one in [*items, *merged]:
        yield from _problems_of(one, departments)
    into = {one.code: one.into for one in merged}
    known = {one.code for one in items} | set(into)
    for one in merged:
        if one.into not in known:
            yield f"merged {one.code}: into is {show_value(one.into)}; expected the code of an item of this file"
    round_trip = cycle_in(into)
    if round_trip:
        yield f"merged {' → '.join(round_trip)}: an item cannot become part of itself"
    else:
        yield from _kinds_twice([*items, *merged], into)


def _kinds_twice(items: Sequence[_Item | _Merged], into: dict[str, str]) -> Iterator[str]:
    """What was merged brings its alert kinds along; a kind leads to one item."""
    holders: dict[str, set[str]] = {}
    for one in items:
        code = one.code
        while code in into:
            code = into[code]
        yield from _twice("alert kind", [kind.value for kind in one.alert_kinds])
        for kind in one.alert_kinds:
            holders.setdefault(kind.value, set()).add(code)
    yield from _twice("alert kind", [kind for kind, codes in holders.items() for _ in codes])


def _problems_of(item: _Item, departments: set[str]) -> Iterator[str]:
    codes = [
        ("code", item.code),
        *(("sub", one.code) for one in item.sub),
        *(("question", q.code) for q in item.question),
    ]
    for field, code in codes:
        if not CODE.fullmatch(code):
            yield f"item {show_value(item.code)}: {field} is {show_value(code)}; expected {CODE_EXPECTATION}"
    if item.department not in departments:
        expected = ", ".join(sorted(departments)) or "a [[department]]"
        yield f"item {item.code}: department is {show_value(item.department)}; expected one of {expected}"
    lacking = [one.value for one in RiskClass if one not in item.per_year]
    if lacking:
        yield f"item {item.code}: per_year lacks {', '.join(lacking)}; expected how often a year for A, B, C and D"
    yield from _twice(f"item {item.code}: sub", [one.code for one in item.sub])
    yield from _twice(f"item {item.code}: question", [one.code for one in item.question])


def _twice(what: str, values: list[str]) -> Iterator[str]:
    for value, times in Counter(values).items():
        if times > 1:
            yield f"{what} {show_value(value)} stands {times} times; expected once"


def _item(filed: _Item) -> Item:
    return Item(
        code=filed.code,
        name=filed.zh,
        name_en=filed.en,
        department=filed.department,
        qualification=filed.qualification,
        basis=tuple(Basis(law=one.law, article=one.article, source=one.source) for one in filed.basis),
        methods=tuple(filed.method),
        per_year={one: filed.per_year[one] for one in RiskClass},
        sub_items=tuple(SubItem(code=one.code, name=one.zh, name_en=one.en) for one in filed.sub),
        questions=tuple(
            Question(code=one.code, text=one.zh, text_en=one.en, answer=one.answer, unit=one.unit)
            for one in filed.question
        ),
        alert_kinds=tuple(filed.alert_kinds),
    )
