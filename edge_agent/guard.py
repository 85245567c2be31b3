"""What is watched of a scale beside its bytes: whether it is there at all, and the contacts wired to the gateway."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import structlog

from domain.device_event import DeviceEvent, EventKind
from edge_agent.config.contact_config import ContactConfig
from edge_agent.weighing.moments import Moment

_LONGEST: Final = 64  # bytes of a contact's file that are looked at

log: structlog.stdlib.BoundLogger = structlog.get_logger("edge_agent.guard")


class Guard:
    """The watch over one scale. `last_value` is asked once for each counter: what was told of it before, or None."""

    def __init__(
        self, contacts: Sequence[ContactConfig], last_value: Callable[[EventKind], str | None] = lambda _kind: None
    ) -> None:
        self.contacts = tuple(contacts)
        self._was_heard: bool | None = None  # until it was heard once
        self._known = {contact: None if contact.active else last_value(contact.event) for contact in contacts}
        self._unreadable: set[ContactConfig] = set()

    def look(self, moment: Moment, *, is_heard: bool) -> list[DeviceEvent]:
        """Return what has happened since the last look."""
        changed = (self._look_at(contact, moment) for contact in self._known)
        found = [self._presence(moment, is_heard=is_heard), *changed]
        return [event for event in found if event is not None]

    def line_closed_by_us(self) -> None:
        """Its line is opened anew for another configuration: what is not heard meanwhile is not the scale's silence."""
        self._was_heard = None

    def _presence(self, moment: Moment, *, is_heard: bool) -> DeviceEvent | None:
        """A scale that falls silent is switched off, unplugged or broken: which, its own bytes cannot say."""
        before, self._was_heard = self._was_heard, is_heard or (None if self._was_heard is None else False)
        if before is None or before == is_heard:
            return None
        kind = EventKind.POWER_ON if is_heard else EventKind.POWER_OFF
        return _event(kind, moment, {"seen_by": "heard again" if is_heard else "silence"})

    def _look_at(self, contact: ContactConfig, moment: Moment) -> DeviceEvent | None:
        value = self._read(contact)
        before = self._known[contact]
        if value is None or value == before:
            return None
        self._known[contact] = value
        if contact.active is None:
            return _event(contact.event, moment, {"value": value, **({} if before is None else {"before": before})})
        return _event(contact.event, moment, {"contact": contact.file.name}) if value == contact.active else None

    def _read(self, contact: ContactConfig) -> str | None:
        """Return the content; None where it cannot be read, which is told once for each time it begins."""
        try:
            text = _content(contact.file)
        except OSError as error:
            if contact not in self._unreadable:
                log.warning("contact_not_readable", file=str(contact.file), problem=error.strerror)
                self._unreadable.add(contact)
            return None
        self._unreadable.discard(contact)
        return text


def _content(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(_LONGEST).decode("ascii", "replace").strip()


def _event(kind: EventKind, moment: Moment, detail: dict[str, str | int]) -> DeviceEvent:
    return DeviceEvent(kind=kind, at=moment.now, clock_synced=moment.clock_synced, detail=detail)
