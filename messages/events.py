"""`…/events`: what happens to a scale beside weighing. One event a message, numbered 1, 2, 3… within its journal."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from domain.device_event import DeviceEvent, EventKind
from domain.errors import BadMessage, show_value
from domain.ids import ID_EXPECTATION, JournalId, is_id
from messages import limits
from messages.checks import require_plain, require_size
from messages.decoding import decode

_WholeNumber = Annotated[int, Meta(ge=-limits.MAX_SEQ, le=limits.MAX_SEQ)]
_Text = Annotated[str, Meta(max_length=limits.MAX_FACT_LENGTH)]


class WireEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A device event as JSON. `detail` holds small facts: texts and whole numbers by name."""

    v: Literal[1]
    journal_id: str
    event_no: Annotated[int, Meta(ge=1, le=limits.MAX_SEQ)]
    kind: EventKind
    at: Annotated[datetime, Meta(tz=True)]
    clock_synced: bool = False
    detail: Annotated[dict[str, _Text | _WholeNumber], Meta(max_length=limits.MAX_EVENT_FACTS)] = {}


@dataclass(frozen=True, slots=True)
class NumberedEvent:
    """An event with its place: `event_no` counts 1, 2, 3… within the journal and never repeats."""

    journal_id: JournalId
    event_no: int
    event: DeviceEvent


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(WireEvent)


def encode_event(numbered: NumberedEvent) -> bytes:
    """Return the JSON of an event; its time is written in UTC."""
    event = numbered.event
    return _encoder.encode(
        WireEvent(
            v=limits.VERSION,
            journal_id=numbered.journal_id,
            event_no=numbered.event_no,
            kind=event.kind,
            at=event.at.astimezone(UTC),
            clock_synced=event.clock_synced,
            detail=dict(event.detail),
        )
    )


def decode_event(payload: bytes) -> NumberedEvent:
    """Read an event. Raise BadMessage where it cannot be used."""
    require_size(payload)
    wire = decode(_decoder, payload, "event")
    if not is_id(wire.journal_id):
        raise BadMessage("bad_field", "journal_id", show_value(wire.journal_id), ID_EXPECTATION)
    _require_usable_detail(wire)
    event = DeviceEvent(kind=wire.kind, at=wire.at, clock_synced=wire.clock_synced, detail=wire.detail)
    return NumberedEvent(JournalId(wire.journal_id), wire.event_no, event)


def _require_usable_detail(wire: WireEvent) -> None:
    for name, value in wire.detail.items():
        if not 1 <= len(name) <= limits.MAX_FACT_NAME_LENGTH:
            expected = f"names of 1 to {limits.MAX_FACT_NAME_LENGTH} characters"
            raise BadMessage("bad_field", "detail", show_value(name), expected)
        require_plain([("detail", name), ("detail", str(value))])
