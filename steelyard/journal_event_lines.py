"""Device events of a journal as lines: a table for people, CSV for spreadsheets, JSON for programs."""

import csv
import io
import json
from dataclasses import dataclass
from datetime import UTC
from typing import Final

from domain.errors import BadMessage
from messages.events import NumberedEvent, decode_event
from steelyard.journal_lines import Layout

_COLUMNS: Final = ("scale_id", "journal_id", "event_no", "at", "clock_synced", "kind", "detail")
_HEADING: Final = "   event  at (UTC)              what happened"
_SHORT_BODY: Final = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class EventLine:
    """One event of a journal: the message as it was frozen."""

    scale_id: str
    journal_id: str
    event_no: int
    body: bytes


def heading(layout: Layout) -> str:
    """Return the line above all lines; empty where there is none."""
    return {Layout.TABLE: _HEADING, Layout.CSV: ",".join(_COLUMNS), Layout.JSON: ""}[layout]


def write(line: EventLine, layout: Layout) -> str:
    """Return a line as text. An event that cannot be read is shown as it is: its bytes are the evidence."""
    if layout is Layout.JSON:
        return _json(line)
    try:
        said = decode_event(line.body)
    except BadMessage:
        shown = repr(line.body[:_SHORT_BODY])
        return f"{line.event_no:>8}  cannot be read: {shown}" if layout is Layout.TABLE else f",,{line.event_no}"
    return _row(line, said) if layout is Layout.TABLE else _csv(line, said)


def _row(line: EventLine, said: NumberedEvent) -> str:
    at = said.event.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    clock = " " if said.event.clock_synced else "?"
    facts = ", ".join(f"{name} {value}" for name, value in said.event.detail.items())
    return f"{line.event_no:>8}  {at}{clock}  {said.event.kind}{f'  ({facts})' if facts else ''}"


def _csv(line: EventLine, said: NumberedEvent) -> str:
    text, event = io.StringIO(), said.event
    detail = json.dumps(dict(event.detail), ensure_ascii=False) if event.detail else ""
    csv.writer(text, lineterminator="").writerow(
        [
            line.scale_id,
            line.journal_id,
            line.event_no,
            event.at.astimezone(UTC).isoformat(),
            event.clock_synced,
            event.kind.value,
            detail,
        ]
    )
    return text.getvalue()


def _json(line: EventLine) -> str:
    about = {
        "scale_id": line.scale_id,
        "journal_id": line.journal_id,
        "event_no": line.event_no,
        "recorded": line.body.decode("utf-8", "backslashreplace"),
    }
    return json.dumps(about, ensure_ascii=False)
