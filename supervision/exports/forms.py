"""The forms of records, versioned: which fields they have, as JSON, as CSV, and as a JSON Schema. Pure.

A form only ever gains fields within its version; what would break a reader is another version.
"""

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from domain.export import ExportForm, ExportRecord
from domain.register.personal import PersonalField, mask
from domain.register.records import VendorKind
from tables.harmless import BYTE_ORDER_MARK, harmless

_DAY: Final[dict[str, Any]] = {"type": "string", "format": "date"}
_MOMENT: Final[dict[str, Any]] = {"type": "string", "format": "date-time"}
_TEXT: Final[dict[str, Any]] = {"type": "string"}
_WHOLE: Final[dict[str, Any]] = {"type": "integer"}
_EVENT: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["event_id", "occurred_at", "points", "reason", "reverses", "rule", "rules_version"],
    "properties": {
        "event_id": _WHOLE,
        "occurred_at": _MOMENT,
        "points": _WHOLE,
        "reason": _TEXT,
        "reverses": {"type": ["integer", "null"]},
        "rule": _TEXT,
        "rules_version": _TEXT,
    },
}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form: its name, its type as JSON Schema has it, and what it means."""

    name: str
    type: Mapping[str, Any]
    means: str


def _or_null(type_: Mapping[str, Any]) -> dict[str, Any]:
    return {**type_, "type": [type_["type"], "null"]}


_SUBJECT: Final = (
    Field("market_id", _TEXT, "The market."),
    Field("market_name", _TEXT, "Its name."),
    Field("vendor_id", _TEXT, "The vendor's number in that market."),
    Field("vendor_name", _TEXT, "Its name."),
    Field("vendor_kind", {"enum": ["", "company", "individual"]}, "Empty: not registered."),
    Field("credit_code", _TEXT, "统一社会信用代码 (GB 32100-2015); empty where none is registered."),
    Field("licence_no", _TEXT, "Number of the licence; an individual's is masked unless the recipient may see it."),
)
_HEAD: Final = (
    Field("form", _TEXT, "The form and its version."),
    Field("record_id", _TEXT, "The same in every version of the record."),
    Field("version", {"type": "integer", "minimum": 1}, "Counts the record's versions; the highest holds."),
    Field("revision", {"type": "integer", "minimum": 1}, "Grows over all records: the cursor of a pull."),
    Field("made_at", _MOMENT, "When this version was made."),
)
_PENALTY: Final = (
    Field("document_no", _TEXT, "Number of the decision's document."),
    Field("authority", _TEXT, "Who decided."),
    Field("decided_on", _DAY, "When."),
    Field("kind", _TEXT, "Kind of penalty (行政处罚法 article 9)."),
    Field("decision", _TEXT, "What was decided, in the document's words."),
    Field("basis", _TEXT, "By which law, in the document's words."),
    Field("amount_fen", _or_null(_WHOLE), "The amount as the document says it, in fen; null: none."),
    Field("published_from", _DAY, "First day of publicity."),
    Field("published_to", _DAY, "Last day of publicity."),
    Field("repairable_from", _DAY, "First day on which it may be repaired (信用修复)."),
    Field("taken_off_at", _or_null(_MOMENT), "When it came off the list; null: it is on it."),
    Field("taken_off_why", {"enum": [None, "repaired", "expired", "revoked"]}, "Why: a removal is a version, too."),
)
_CREDIT: Final = (
    Field("score", _WHOLE, "The score of the running cycle."),
    Field("tier", _TEXT, "Its tier."),
    Field("cycle_from", _DAY, "First day of the cycle."),
    Field("cycle_to", _DAY, "First day of the next."),
    Field("rules_version", _TEXT, "By which rules."),
    Field("events", {"type": "array", "items": _EVENT}, "Of the ledger, what is new since the version before."),
)

#: The name of each form as records carry it.
NAMES: Final[Mapping[ExportForm, str]] = {
    ExportForm.PENALTY: "steelyard.penalty/1",
    ExportForm.CREDIT_RECORD: "steelyard.credit_record/1",
}
FIELDS: Final[Mapping[ExportForm, tuple[Field, ...]]] = {
    ExportForm.PENALTY: (*_HEAD, *_SUBJECT, *_PENALTY),
    ExportForm.CREDIT_RECORD: (*_HEAD, *_SUBJECT, *_CREDIT),
}
_DIGEST: Final = Field(
    "sha256", {"type": "string", "pattern": "^[0-9a-f]{64}$"}, "SHA-256 of the record's canonical bytes without this."
)


def canonical(value: object) -> bytes:
    """Return the canonical bytes of a value: UTF-8, keys sorted, no blanks."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def given(record: ExportRecord, *, identities: bool) -> dict[str, Any]:
    """Return a record as a recipient gets it, with its digest. `identities`: an individual's licence in full."""
    names = {one.name for one in FIELDS[record.form]}
    fields = {
        # What the record keeps for itself is not among the form's fields.
        **{name: value for name, value in record.body.items() if name in names},
        "form": NAMES[record.form],
        "record_id": record.record_id,
        "version": record.version,
        "revision": record.revision,
        "made_at": record.made_at.isoformat(),
    }
    # Of whom nobody registered what they are, it may be a person.
    if not identities and fields["vendor_kind"] != VendorKind.COMPANY:
        fields["licence_no"] = mask(PersonalField.LICENCE_NO, fields["licence_no"])
    return {**fields, _DIGEST.name: hashlib.sha256(canonical(fields)).hexdigest()}


def as_json(form: ExportForm, records: Iterable[ExportRecord], *, identities: bool, **more: object) -> bytes:
    """Return records of a form as a document: `{"form": …, "records": […]}` and what is said beside."""
    listed = [given(one, identities=identities) for one in records]
    return canonical({**more, "form": NAMES[form], "records": listed})


def as_csv(form: ExportForm, records: Iterable[ExportRecord], *, identities: bool) -> bytes:
    """Return records of a form as CSV: the same fields, with a byte-order mark, and no cell that runs as a formula.

    A list is canonical JSON in its cell.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    names = [*(one.name for one in FIELDS[form]), _DIGEST.name]
    writer.writerow(names)
    for record in records:
        fields = given(record, identities=identities)
        writer.writerow([harmless(_cell(fields[name])) for name in names])
    return (BYTE_ORDER_MARK + out.getvalue()).encode()


def schema(form: ExportForm) -> dict[str, Any]:
    """Return the JSON Schema of a record of this form."""
    fields: Sequence[Field] = (*FIELDS[form], _DIGEST)
    properties = {one.name: {**one.type, "description": one.means} for one in fields}
    properties["form"] = {"const": NAMES[form], "description": "The form and its version."}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": NAMES[form],
        "type": "object",
        "additionalProperties": False,
        "required": [one.name for one in fields],
        "properties": properties,
    }


def _cell(value: object) -> object:
    if value is None:
        return ""
    return canonical(value).decode() if isinstance(value, list) else value
