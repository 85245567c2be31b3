"""The words of the pages about tables of supervision items. A test checks that none is missing."""

from collections.abc import Mapping
from enum import StrEnum

from supervision.items.table_titles import CatalogueComplaint
from web.i18n import mark

_C = CatalogueComplaint
ITEM_TABLE_WORDS: Mapping[type[StrEnum], Mapping[StrEnum, str]] = {
    CatalogueComplaint: {
        _C.LACKING: mark("is missing, and no version in force says it"),
        _C.NO_CODE: mark("is {0}; expected 1 to 32 letters, digits, '.' or '-'"),
        _C.TWICE: mark("item {0} stands in the file twice, first in row {1}"),
        _C.BEGINS_WITH_NONE: mark("is missing; a row without a code belongs to the item above it, and there is none"),
        _C.DIFFERS: mark("is {0}, and {1} in row {2}; expected the same, or nothing, in each row of an item"),
        _C.NO_DEPARTMENT: mark("is {0}; expected one of {1}, or the code and the name of a new one"),
        _C.NO_METHOD: mark("is {0}; expected on_site (现场), document (书面) or remote (远程)"),
        _C.NO_TIMES: mark("is {0}; expected visits a year, a whole number from 0 to 366"),
        _C.NO_ALERT_KIND: mark("is {0}; expected a kind of alerts, as price_over_cap"),
        _C.KIND_TAKEN: mark("{0} belongs to item {1} too; a kind of alerts belongs to one item"),
        _C.NO_ANSWER: mark("is {0}; expected complies (是否符合), number (数值) or text (文字)"),
        _C.PART_TWICE: mark("{0} stands in item {1} twice"),
        _C.NOT_HERE: mark("is {0}; expected the code of another item of this file"),
        _C.CIRCLE: mark("{0}: an item cannot become part of itself"),
        _C.NEVER_AGAIN: mark("{0} was merged into {1}; its code is never used again"),
        _C.MERGED_OTHERWISE: mark("{0} was merged into {1}, not into {2}; that is for ever"),
        _C.TOO_MANY_ITEMS: mark("there are {0} items; expected {1} at most"),
    },
}

#: The columns of a catalogue's table, as problems name them.
TABLE_FIELDS: Mapping[str, str] = {
    "code": mark("Item's code"),
    "name": mark("Item's name"),
    "name_en": mark("Item's name in English"),
    "department": mark("Department's code"),
    "department_name": mark("Department"),
    "department_name_en": mark("Department in English"),
    "qualification": mark("Inspector's qualification"),
    "method": mark("Method"),
    "law": mark("Legal basis"),
    "article": mark("Article"),
    "basis_source": mark("Where it was read"),
    "per_year_a": mark("Visits a year, class A"),
    "per_year_b": mark("Visits a year, class B"),
    "per_year_c": mark("Visits a year, class C"),
    "per_year_d": mark("Visits a year, class D"),
    "alert_kinds": mark("Kinds of alerts"),
    "sub_code": mark("Sub-item's code"),
    "sub": mark("Sub-item"),
    "sub_en": mark("Sub-item in English"),
    "question_code": mark("Question's code"),
    "question": mark("Question"),
    "question_en": mark("Question in English"),
    "answer": mark("Kind of answer"),
    "unit": mark("Unit"),
    "into": mark("Becomes part of"),
    "because": mark("Why the two are one"),
}


def table_field(name: str) -> str:
    """Return the message for a column of the table, its own name where it has none."""
    return TABLE_FIELDS.get(name, name)
