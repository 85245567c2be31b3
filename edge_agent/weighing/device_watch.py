"""What a scale says of itself, and what is news in it. Pure."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from domain.device_event import DeviceEvent, EventKind
from domain.units import Grams
from edge_agent.clock.clock_offset import ClockOffset
from edge_agent.weighing.moments import Moment
from edge_agent.weighing.readings import DeviceSaid, Identity, Reading

_MILLISECOND: Final = timedelta(milliseconds=1)


class DeviceWatch:
    """One scale: who it is, and what happened to it."""

    def __init__(self) -> None:
        self.identity = Identity()
        self._tare_g: Grams | None = None

    def see(self, reading: Reading, moment: Moment) -> Iterator[DeviceEvent]:
        """Take a reading, and return the event of another tare than before: keyed at the scale, or weighed there."""
        if reading.tare_g is None or reading.stable is False:
            return
        before, self._tare_g = self._tare_g, reading.tare_g
        if before is not None and before != reading.tare_g:
            yield _event(EventKind.TARE, moment, {"grams": reading.tare_g})

    def hear(self, item: Identity | DeviceSaid, moment: Moment) -> Iterator[DeviceEvent]:
        """Take what the scale said, and return the events in it.

        Another serial number on the same port is another scale: it may be unverified, or somebody else's.
        """
        if isinstance(item, DeviceSaid):
            yield _event(item.kind, moment, {"said": item.detail} if item.detail else {})
            return
        known, self.identity = self.identity, merge(self.identity, item)
        if known.serial and self.identity.serial != known.serial:
            yield _event(EventKind.DEVICE_CHANGED, moment, {"before": known.serial, "now": self.identity.serial})
        elif known.firmware and self.identity.firmware != known.firmware:
            yield _event(EventKind.FIRMWARE_CHANGED, moment, {"before": known.firmware, "now": self.identity.firmware})


def clock_stepped(moment: Moment, step: timedelta) -> DeviceEvent:
    """Return the event of a machine's clock that was stepped, with by how much: forward is more than 0."""
    return _event(EventKind.CLOCK_CHANGED, moment, {"step_ms": round(step / _MILLISECOND)})


def clock_offset_found(moment: Moment, found: ClockOffset) -> DeviceEvent:
    """Return the event of a clock that receipts find off, or right again: the service's clock less ours."""
    detail: dict[str, str | int] = {"offset_ms": found.offset_ms, "error_ms": found.error_ms, "seen_by": "receipts"}
    return _event(EventKind.CLOCK_CHANGED, moment, detail)


def merge(known: Identity, heard: Identity) -> Identity:
    """Return what is known after an answer: scales tell their serial, model and firmware one by one.

    A new serial makes what was known of the other device void.
    """
    if known.serial and heard.serial and heard.serial != known.serial:
        return heard
    return Identity(
        serial=heard.serial or known.serial,
        model=heard.model or known.model,
        firmware=heard.firmware or known.firmware,
    )


def _event(kind: EventKind, moment: Moment, detail: dict[str, str | int]) -> DeviceEvent:
    return DeviceEvent(kind=kind, at=moment.now, clock_synced=moment.clock_synced, detail=detail)
