"""The `[[scales.contacts]]` of a scale: what of it is wired to the gateway, a case switch, a seal, a counter."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from domain.device_event import EventKind
from edge_agent.config.tables import Table

_SWITCHES: Final = (EventKind.CASE_OPEN, EventKind.SEAL_BROKEN)
_COUNTERS: Final = (EventKind.CALIBRATION_CHANGED,)


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactConfig:
    """A file whose content tells of the scale (a GPIO's value, or what a program on the gateway writes).

    A switch is an event when the content becomes `active`; a counter (`active` is None), whenever it changes.
    """

    event: EventKind
    file: Path
    active: str | None


def parse_contact(table: Table, directory: Path) -> ContactConfig:
    """Read one table, noting its problems. A relative `file` is in `directory`."""
    kinds = {kind.value: kind for kind in (*_SWITCHES, *_COUNTERS)}
    event = kinds.get(table.choice("event", kinds), EventKind.CASE_OPEN)
    active = None if event in _COUNTERS else table.text("active", default="1")
    contact = ContactConfig(event=event, file=directory / table.text("file"), active=active)
    if active == "":
        table.problem("active", "is ''; expected what the file holds when it happens")
    table.refuse_unknown()
    return contact
