"""Results as they go back to the office that approved: CSV and JSON of one version, the same bytes each time. Pure."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Final, Protocol

from tables.harmless import harmless

#: Changes where a field is added, taken away or means something else.
FORM_VERSION: Final = "1"
FIELDS: Final = (
    *("export_no", "check_id", "corrects", "authority", "number", "version", "kind", "act", "subject_name"),
    *("credit_code", "result", "note", "due_on", "checked_at"),
)


class Result(Protocol):
    """A result to write down; `corrects` is the export that an earlier one of the same check went with."""

    @property
    def check_id(self) -> int: ...
    @property
    def corrects(self) -> int | None: ...
    @property
    def authority(self) -> str: ...
    @property
    def number(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def act(self) -> str: ...
    @property
    def subject_name(self) -> str: ...
    @property
    def credit_code(self) -> str: ...
    @property
    def result(self) -> str: ...
    @property
    def note(self) -> str: ...
    @property
    def due_on(self) -> date: ...
    @property
    def checked_at(self) -> datetime: ...


def as_csv(export_no: int, results: Sequence[Result]) -> bytes:
    """Return the results as CSV: UTF-8 with a byte order mark, which Excel needs to see Chinese; RFC 4180."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(FIELDS)
    for one in results:
        values = _values(export_no, one)
        writer.writerow(["" if values[name] is None else harmless(values[name]) for name in FIELDS])
    return written.getvalue().encode("utf-8-sig")


def as_json(export_no: int, made_at: datetime, results: Sequence[Result]) -> bytes:
    """Return the results as one JSON object."""
    told = {
        "form": "steelyard.approval_check_results",
        "form_version": FORM_VERSION,
        "export_no": export_no,
        "made_at": _moment(made_at),
        "results": [_values(export_no, one) for one in results],
    }
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()


def _values(export_no: int, one: Result) -> dict[str, int | str | None]:
    return {
        "export_no": export_no,
        "check_id": one.check_id,
        "corrects": one.corrects,
        "authority": one.authority,
        "number": one.number,
        "version": one.version,
        "kind": one.kind,
        "act": one.act,
        "subject_name": one.subject_name,
        "credit_code": one.credit_code,
        "result": one.result,
        "note": one.note,
        "due_on": one.due_on.isoformat(),
        "checked_at": _moment(one.checked_at),
    }


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
