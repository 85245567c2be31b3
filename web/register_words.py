"""The words of the pages about the register. A test checks that none is missing."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

from domain.price_cap import Channel
from domain.register.codes import CodeFault
from domain.register.personal import ViewedHow
from domain.register.records import (
    RegisterAction,
    SealState,
    Source,
    SubjectKind,
    TankSupply,
    VendorKind,
    VerificationResult,
)
from domain.scale import AccuracyClass
from supervision.register.import_plan import RowOutcome
from supervision.register.import_tables import ImportComplaint, ImportKind
from supervision.register.reading import EntryFault
from web.i18n import mark

#: By their kinds, as web.words has them.
REGISTER_WORDS: Mapping[type[StrEnum], Mapping[StrEnum, str]] = {
    VendorKind: {VendorKind.COMPANY: mark("Company"), VendorKind.INDIVIDUAL: mark("Individual with a licence")},
    TankSupply: {
        TankSupply.YES: mark("There is a tank"),
        TankSupply.NO: mark("There is no tank"),
    },
    SealState: {
        SealState.INTACT: mark("Intact"),
        SealState.BROKEN: mark("Broken"),
        SealState.MISSING: mark("Missing"),
    },
    AccuracyClass: {
        AccuracyClass.MEDIUM: mark("III, medium"),
        AccuracyClass.ORDINARY: mark("IIII, ordinary"),
    },
    ViewedHow: {
        ViewedHow.PAGE: mark("on a page"),
        ViewedHow.JSON: mark("in a JSON file"),
        ViewedHow.XLSX: mark("in a workbook"),
        ViewedHow.API: mark("through the API"),
        ViewedHow.COMMAND: mark("on the command line"),
    },
    VerificationResult: {
        VerificationResult.PASSED: mark("passed"),
        VerificationResult.FAILED: mark("failed"),
    },
    ImportKind: {
        ImportKind.VENDORS: mark("Vendors"),
        ImportKind.STALLS: mark("Stalls"),
        ImportKind.SCALES: mark("Scales"),
        ImportKind.BINDINGS: mark("Who has which stall and scale from when"),
    },
    RowOutcome: {
        RowOutcome.NEW: mark("New"),
        RowOutcome.CHANGED: mark("Changed"),
        RowOutcome.UNCHANGED: mark("Unchanged"),
        RowOutcome.CONFLICTING: mark("Cannot be"),
    },
    ImportComplaint: {
        ImportComplaint.NO_HEADER: mark("no row names its columns; expected at least {0}"),
        ImportComplaint.COLUMN_TWICE: mark("columns {0} both mean {1}; leave one of them"),
        ImportComplaint.NOTHING_BELOW: mark("nothing stands below it"),
        ImportComplaint.TWICE: mark("{0} stands in the file twice, first in row {1}"),
        ImportComplaint.UNKNOWN: mark("{0} is not registered in this market"),
        ImportComplaint.UNKNOWN_PERHAPS: mark("{0} is not registered in this market; perhaps {1} is meant"),
        ImportComplaint.CODE_TAKEN: mark("{0} is the code of {1}: the same business is one vendor"),
        ImportComplaint.REFUSED: mark("cannot be: {0}"),
        ImportComplaint.TOO_MANY_ROWS: mark("has {0} rows below its titles; expected at most {1}: split the file"),
        ImportComplaint.TOO_MANY: mark(
            "has {0} rows; expected at most {1} that say who has what from when: split the file"
        ),
    },
    SubjectKind: {
        SubjectKind.MARKET: mark("Market"),
        SubjectKind.VENDOR: mark("Vendor"),
        SubjectKind.STALL: mark("Stall"),
        SubjectKind.SCALE: mark("Scale"),
    },
    RegisterAction: {
        RegisterAction.REGISTERED: mark("Registered"),
        RegisterAction.CORRECTED: mark("Corrected in the register"),
        RegisterAction.OCCUPIED: mark("Given to a vendor"),
        RegisterAction.VACATED: mark("Vacated"),
        RegisterAction.BOUND: mark("Put on a stall"),
        RegisterAction.RELEASED: mark("Taken off its stall"),
        RegisterAction.VERIFIED: mark("Verification entered"),
    },
    Source: {
        Source.PAGE: mark("this console"),
        Source.FILE: mark("a file"),
        Source.API: mark("the API"),
        Source.COMMAND: mark("the command line"),
    },
    EntryFault: {
        EntryFault.MISSING: mark("is missing"),
        EntryFault.TOO_LONG: mark("has {0} characters; expected at most {1}"),
        EntryFault.NO_TEXT: mark("holds a character that is no text"),
        EntryFault.NO_ID: mark("is {0}; expected 1 to 64 letters, digits, '.', '_' or '-'"),
        EntryFault.NO_STALL_ID: mark("is {0}; expected at most 64 characters without blanks and '/'"),
        EntryFault.NO_DAY: mark("is {0}; expected a day, as 2026-11-27"),
        EntryFault.NO_MOMENT: mark("is {0}; expected a day or a time, as 2026-11-27 08:30"),
        EntryFault.NO_PHONE: mark("is {0}; expected a telephone number, as 13812345678 or 0898-88271234"),
        EntryFault.NO_CHANNEL: mark("is {0}; expected eatery (餐饮店) or stall (摊位)"),
        EntryFault.NO_TIMEZONE: mark("is {0}; expected a name of the time zone database, as Asia/Shanghai"),
        EntryFault.FIXED: mark("was {0} when something was weighed here, which was judged by it; it stays so"),
        EntryFault.NO_KIND: mark("is {0}; expected company (企业) or individual (个体)"),
        EntryFault.NO_AREA: mark("is {0}; expected square metres with at most two decimals, as 12.5"),
        EntryFault.NO_GRAMS: mark("is {0}; expected grams, as 5, or kilograms, as 15 kg"),
        EntryFault.NO_CLASS: mark("is {0}; expected III or IIII"),
        EntryFault.NO_SEAL: mark("is {0}; expected intact (完好), broken (破损) or missing (缺失)"),
        EntryFault.NO_POSITION_CLASS: mark("is {0}; expected 1 to 8 letters or digits, as A"),
        EntryFault.NO_FLOOR: mark("is {0}; expected a floor from -5 to 60, as 1 for the ground floor"),
        EntryFault.NO_TANK: mark("is {0}; expected yes (有) or no (没有)"),
        EntryFault.TOO_MANY_NEIGHBOURS: mark("names {0} stalls; expected at most {1}"),
        EntryFault.NO_RESULT: mark("is {0}; expected passed (合格) or failed (不合格)"),
        EntryFault.ENDS_BEFORE: mark("is {0}, before {1}"),
        EntryFault.KIND_NOT_AS_CODE: mark("says {0}, but the code is of a kind {1}"),
        EntryFault.DIVISION_NOT_BELOW_MAX: mark("is {0} g, not below the maximum of {1} g"),
        EntryFault.FAILED_HOLDS_UNTIL_NO_DAY: mark("names a day, but a verification that failed holds until none"),
        EntryFault.IDENTITY_CARD: mark("is the number of an identity card, which is not kept"),
        EntryFault.MASKED: mark(
            "is {0}, which hides a part of it and is not how what is registered is hidden; expected it in full"
        ),
    },
    CodeFault: {
        CodeFault.LENGTH: mark("has {0} characters; expected {1}"),
        CodeFault.CHARACTER: mark(
            "has {0} at place {1}; a code has digits and capital letters without I, O, Z, S and V"
        ),
        CodeFault.MISREAD: mark("has {0} at place {1}; a code has no such letter, perhaps it is {2}"),
        CodeFault.NOT_A_DIGIT: mark("has {0} at place {1}; expected a digit"),
        CodeFault.CHECK: mark(
            "ends in {0}, but what stands before it gives {1}: one character is mistyped, or two are exchanged"
        ),
        CodeFault.IDENTITY_CARD: mark(
            "is the number of an identity card, which is not kept; expected the number of the business licence"
        ),
    },
}

#: What a field of the register is called.
FIELD_WORDS: Mapping[str, str] = {
    "market_id": mark("Market"),
    "market_name": mark("Name of the market"),
    "area": mark("Area whose caps bind it"),
    "channel": mark("Sells through"),
    "timezone": mark("Its clock"),
    "operator": mark("Who runs it"),
    "address": mark("Address"),
    "vendor_id": mark("Vendor number"),
    "stall_id": mark("Stall"),
    "scale_id": mark("Scale"),
    "name": mark("Name of the business"),
    "kind": mark("Kind of business"),
    "credit_code": mark("Unified social credit code"),
    "licence_no": mark("Licence number"),
    "legal_representative": mark("Legal representative"),
    "phone": mark("Telephone"),
    "licence_from": mark("Licence from"),
    "licence_until": mark("Licence until"),
    "place": mark("Hall"),
    "row_no": mark("Row of stalls"),
    "area_m2": mark("Area in m²"),
    "area_dm2": mark("Area in dm²"),
    "open_from": mark("Exists from"),
    "open_until": mark("Exists until"),
    "position_class": mark("Class of the position"),
    "goods_zone": mark("Goods zone"),
    "floor": mark("Floor"),
    "tank": mark("Tank for live goods"),
    "neighbours": mark("Stalls beside it"),
    "serial_number": mark("Serial number"),
    "maker": mark("Maker"),
    "model": mark("Model"),
    "division_g": mark("Division e in g"),
    "max_g": mark("Max in g"),
    "accuracy_class": mark("Accuracy class"),
    "usual_tare_g": mark("Weight of the stall's basket in g"),
    "verified_on": mark("Verified on"),
    "verified_until": mark("Verified until"),
    "valid_until": mark("Verified until"),
    "production_code": mark("Production code"),
    "repair_code": mark("Repair code"),
    "verification_code": mark("Verification code"),
    "seal_no": mark("Number of the seal"),
    "seal_state": mark("Seal"),
    "certificate_no": mark("Certificate"),
    "verifier": mark("Verified by"),
    "result": mark("Result"),
    "passed": mark("Result"),
    "begins": mark("From"),
    "until": mark("Until"),
    "moment": mark("From"),
    "market": mark("Market"),
}


_VALUES: Final[Mapping[str, Mapping[str, StrEnum]]] = {
    "channel": {one.value: one for one in Channel},
    "kind": {one.value: one for one in VendorKind},
    "seal_state": {one.value: one for one in SealState},
    "accuracy_class": {one.value: one for one in AccuracyClass},
    "result": {one.value: one for one in VerificationResult},
    "passed": {"True": VerificationResult.PASSED, "False": VerificationResult.FAILED},
}


def value_of(field: str, text: str) -> StrEnum | None:
    """Return the value of the domain that a field's text in the trail stands for, None where it is only a text."""
    return _VALUES.get(field, {}).get(text)


def field_word(name: str) -> str:
    """Return the message for a field, its own name where it has none."""
    return FIELD_WORDS.get(name, name)


def said_value(value: str, said: Callable[[str], str]) -> str:
    """Return a value of a problem as it is shown: in words where it is a value of the domain."""
    words = REGISTER_WORDS.get(type(value)) if isinstance(value, StrEnum) else None
    return value if words is None or not isinstance(value, StrEnum) else said(words[value])
