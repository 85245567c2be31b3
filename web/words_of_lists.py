"""The words of the pages about cap lists. A test checks that none is missing, and that complaints are said alike."""

from collections.abc import Mapping
from enum import StrEnum

from domain.price_cap import CapKind, CapUnit, ListStatus
from pricing.list_comparison import ChangeKind
from pricing.list_reading.complaints import Complaint
from pricing.name_suggestions import Because
from tables.cells import CellComplaint
from web.i18n import mark

LIST_WORDS: Mapping[type[StrEnum], Mapping[StrEnum, str]] = {
    ListStatus: {
        ListStatus.DRAFT: mark("Draft"),
        ListStatus.PUBLISHED: mark("Published"),
        ListStatus.CORRECTED: mark("Corrected by another"),
        ListStatus.WITHDRAWN: mark("Withdrawn"),
    },
    CapKind: {
        CapKind.FIXED: mark("Fixed"),
        CapKind.MARKUP: mark("Own purchase price plus markup"),
        CapKind.PURCHASE_PLUS: mark("Own purchase price plus an amount"),
        CapKind.ADVISORY: mark("Advisory"),
    },
    CapUnit: {CapUnit.KG: mark("By weight"), CapUnit.PIECE: mark("By the piece")},
    ChangeKind: {
        ChangeKind.NEW: mark("New"),
        ChangeKind.GONE: mark("Gone"),
        ChangeKind.UP: mark("Up"),
        ChangeKind.DOWN: mark("Down"),
        ChangeKind.SAME: mark("Same"),
        ChangeKind.STATUS: mark("Other status"),
        ChangeKind.UNIT: mark("Other unit"),
    },
    Because: {
        Because.ALIAS: mark("the list's own alias"),
        Because.SAME_SOUND: mark("sounds the same"),
        Because.NEAR_SOUND: mark("sounds alike"),
        Because.NEAR_NAME: mark("is written alike"),
    },
    Complaint: {
        Complaint.NO_PRICE: mark(
            "{0}; expected yuan with at most two decimals and above 0,"
            " '—' for uncapped, '/' for out of stock, or nothing"
        ),
        Complaint.NAME_MISSING: mark("is missing"),
        Complaint.NO_NAME: mark("{0} holds no name, or a bracket without its partner"),
        Complaint.UNKNOWN_NAME: mark("{0} is no known species or alias"),
        Complaint.SEVERAL_SPECIES: mark("{0} names several species: {1}"),
        Complaint.TWICE: mark("{0} stands in the list twice, first in row {1}"),
        Complaint.GRADE_DIFFERS: mark("{0}, but the name says {1}"),
        Complaint.UNIT_UNTOLD: mark(
            "does not say what its prices are for;"
            " expected 元/500克, 元/公斤 or 元/只 above the prices, or the unit option"
        ),
        Complaint.UNIT_NOT_AS_ASKED: mark("says {0}, but the unit option says {1}"),
        Complaint.UNIT_NOT_AS_TITLED: mark("says {0}, but a line above or below says {1}"),
        Complaint.NO_HEADER: mark(
            "no row names its columns;"
            " expected one with a name (品名, name) and a price (最高销售价 元/500克, cap_yuan_per_500g)"
        ),
        Complaint.COLUMNS_MISSING: mark("columns missing: {0}; found: {1}"),
        Complaint.TWO_CAPS: mark("columns {0} both look like the cap; leave one of them"),
        Complaint.NO_ITEMS: mark("no items stand below it"),
    },
    CellComplaint: {
        CellComplaint.FORMULA: mark("holds a formula; expected its value"),
        CellComplaint.CELL_ERROR: mark("holds the error {0}; expected its value"),
        CellComplaint.TOO_LONG: mark("holds more than {0} characters"),
    },
}

#: What a problem is about, as `Problem.what` names it.
PLACES: Mapping[str, str] = {
    "": "",
    "name": mark("name"),
    "grade": mark("grade"),
    "price": mark("price"),
    "unit": mark("unit"),
    "header": mark("header"),
}
