"""The rows of one item of a catalogue's table → the item, or what is wrong with them and where. Pure.

An empty cell leaves what the version in force says of the item; a dash says that there is none.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from domain.alert import AlertKind
from domain.supervision_item import AnswerKind, Basis, Department, Item, Question, RiskClass, SubItem
from supervision.items.catalogue_file import CODE
from supervision.items.table_titles import ANSWERS, METHODS, PER_YEAR, CatalogueComplaint
from supervision.register.import_tables import GivenRow

_C = CatalogueComplaint
#: Of these each row of an item says the same, or nothing.
_OF_THE_ITEM: Final = (
    *("name", "name_en", "department", "department_name", "department_name_en", "qualification", "method"),
    *(*PER_YEAR, "alert_kinds", "into", "because"),
)
_NONE: Final = frozenset({"-", "—", "--", "——", "/"})
_LIST: Final = re.compile(r"[、,，;；/\s]+")
_LAW_AND_ARTICLE: Final = re.compile(r"(.+?)\s*(第.{1,30}[条款项].*)")
_MOST_TIMES: Final = 366

#: Notes a problem: the row, the field, what is wrong, and its values.
Note = Callable[[int, str, CatalogueComplaint, tuple[str, ...]], None]
_Meant = TypeVar("_Meant", bound=StrEnum)


@dataclass(frozen=True, kw_only=True, slots=True)
class RowsOfItem:
    """The rows of an item, and what it is called there."""

    code: str
    rows: Sequence[GivenRow]

    @property
    def row(self) -> int:
        """Where it begins."""
        return self.rows[0].number

    def text(self, field: str) -> str:
        """Return what the first row that says anything says of a field."""
        return next((text for one in self.rows if (text := one.given.get(field, ""))), "")


def item_of(
    found: RowsOfItem, before: Item | None, departments: Mapping[str, Department], note: Note
) -> tuple[Item, Department] | None:
    """Return an item and its department; None where something is wrong, which is noted."""
    wrong: list[CatalogueComplaint] = []

    def noted(row: int, field: str, complaint: CatalogueComplaint, values: tuple[str, ...] = ()) -> None:
        wrong.append(complaint)
        note(row, field, complaint, values)

    _require_alike(found, noted)
    name = found.text("name") or (before.name if before else "")
    department = _department(found, before, departments, noted)
    item = Item(
        code=found.code,
        name=name,
        name_en=found.text("name_en") or (before.name_en if before and before.name == name else name),
        department="" if department is None else department.code,
        qualification=found.text("qualification") or (before.qualification if before else ""),
        basis=tuple(_basis(found)) or (before.basis if before else ()),
        methods=_meant(found, "method", METHODS, _C.NO_METHOD, before.methods if before else (), noted),
        per_year=_per_year(found, before, noted),
        sub_items=_sub_items(found, before),
        questions=_questions(found, before, noted),
        alert_kinds=_alert_kinds(found, before, noted),
    )
    for field, value in (
        *(("name", item.name), ("qualification", item.qualification), ("method", item.methods)),
        ("law", item.basis),
    ):
        if not value and found.text(field) in {"", *_NONE}:
            noted(found.row, field, _C.LACKING)
    _require_once(found, "sub", [one.code for one in item.sub_items], noted)
    _require_once(found, "question", [one.code for one in item.questions], noted)
    return None if wrong or department is None else (item, department)


def _require_alike(found: RowsOfItem, note: Note) -> None:
    for field in _OF_THE_ITEM:
        said: tuple[str, int] | None = None
        for one in found.rows:
            text = one.given.get(field, "")
            if text and said is not None and text != said[0]:
                note(one.number, field, _C.DIFFERS, (text, said[0], str(said[1])))
            said = said or ((text, one.number) if text else None)


def _require_once(found: RowsOfItem, field: str, codes: Sequence[str], note: Note) -> None:
    for code in sorted(code for code, times in Counter(codes).items() if times > 1):
        note(found.row, field, _C.PART_TWICE, (code, found.code))
    for code in codes:
        if not CODE.fullmatch(code):
            note(found.row, field, _C.NO_CODE, (code,))


def _department(
    found: RowsOfItem, before: Item | None, departments: Mapping[str, Department], note: Note
) -> Department | None:
    """Return who answers for it: known by code or name, or new by both."""
    code, name = found.text("department"), found.text("department_name")
    by_name = {one.name: one for one in departments.values()}
    for text in (code, name):
        known = departments.get(text) or by_name.get(text)
        if known is not None:
            return known
    if not code and not name and before is not None and before.department in departments:
        return departments[before.department]
    if CODE.fullmatch(code) and name:
        return Department(code=code, name=name, name_en=found.text("department_name_en") or name)
    expected = ", ".join(f"{one.name} ({one.code})" for one in departments.values()) or "—"
    field = "department" if code else "department_name"
    note(found.row, field, _C.NO_DEPARTMENT, (code or name or "—", expected))
    return None


def _basis(found: RowsOfItem) -> Iterator[Basis]:
    seen: set[Basis] = set()
    for one in found.rows:
        law, article = one.given.get("law", ""), one.given.get("article", "")
        if not law or law in _NONE:
            continue
        together = None if article else _LAW_AND_ARTICLE.fullmatch(law)
        if together:
            law, article = together[1], together[2]
        basis = Basis(law=law.strip("《》 "), article=article, source=one.given.get("basis_source", ""))
        if basis not in seen:
            seen.add(basis)
            yield basis


def _meant(
    found: RowsOfItem,
    field: str,
    words: Mapping[str, _Meant],
    complaint: CatalogueComplaint,
    before: tuple[_Meant, ...],
    note: Note,
) -> tuple[_Meant, ...]:
    """Return what a list of words means, each once."""
    text = found.text(field)
    if not text:
        return before
    meant: dict[_Meant, None] = {}
    for word in filter(None, _LIST.split("" if text in _NONE else text)):
        if word in words:
            meant[words[word]] = None
        else:
            note(found.row, field, complaint, (word,))
    return tuple(meant)


def _alert_kinds(found: RowsOfItem, before: Item | None, note: Note) -> tuple[AlertKind, ...]:
    kinds = {kind.value: kind for kind in AlertKind}
    return _meant(found, "alert_kinds", kinds, _C.NO_ALERT_KIND, before.alert_kinds if before else (), note)


def _per_year(found: RowsOfItem, before: Item | None, note: Note) -> dict[RiskClass, int]:
    times = {}
    for field, risk_class in zip(PER_YEAR, RiskClass, strict=True):
        text = found.text(field)
        if text.isascii() and text.isdecimal() and int(text) <= _MOST_TIMES:
            times[risk_class] = int(text)
        elif text:
            note(found.row, field, _C.NO_TIMES, (text,))
        elif before is not None:
            times[risk_class] = before.per_year[risk_class]
        else:
            note(found.row, field, _C.LACKING, ())
    return times


def _sub_items(found: RowsOfItem, before: Item | None) -> tuple[SubItem, ...]:
    given = [one.given for one in found.rows if one.given.get("sub")]
    known = {one.name: one for one in before.sub_items} if before else {}
    if not given:
        return tuple(known.values())
    named = {one["sub"]: one for one in given if one["sub"] not in _NONE}
    taken = {one["sub_code"] for one in named.values() if one.get("sub_code")} | {one.code for one in known.values()}
    free = (str(number) for number in range(1, len(taken) + len(named) + 1) if str(number) not in taken)
    return tuple(
        SubItem(
            code=one.get("sub_code") or (known[name].code if name in known else next(free)),
            name=name,
            name_en=one.get("sub_en") or (known[name].name_en if name in known else name),
        )
        for name, one in named.items()
    )


def _questions(found: RowsOfItem, before: Item | None, note: Note) -> tuple[Question, ...]:
    given = [(row.number, row.given) for row in found.rows if row.given.get("question")]
    known = {one.text: one for one in before.questions} if before else {}
    if not given:
        return tuple(known.values())
    named = {one["question"]: (row, one) for row, one in given if one["question"] not in _NONE}
    taken = {one["question_code"] for _, one in named.values() if one.get("question_code")}
    taken |= {one.code for one in known.values()}
    free = (f"q{number}" for number in range(1, len(taken) + len(named) + 1) if f"q{number}" not in taken)
    return tuple(
        Question(
            code=one.get("question_code") or (known[text].code if text in known else next(free)),
            text=text,
            text_en=one.get("question_en") or (known[text].text_en if text in known else text),
            answer=_answer(row, one.get("answer", ""), known.get(text), note),
            unit=one.get("unit") or (known[text].unit if text in known else ""),
        )
        for text, (row, one) in named.items()
    )


def _answer(row: int, word: str, before: Question | None, note: Note) -> AnswerKind:
    if word and word not in ANSWERS:
        note(row, "answer", _C.NO_ANSWER, (word,))
    return ANSWERS.get(word) or (before.answer if before else AnswerKind.COMPLIES)
