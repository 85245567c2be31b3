"""What a device event shows: a scale that was opened, or changed outside maintenance, is tampered with. Pure."""

from collections.abc import Collection
from datetime import date
from typing import Final

from domain.alert import AlertKind
from domain.device_event import DeviceEvent, EventKind
from domain.ids import MarketId, ScaleId, StallId, VendorId
from pricing.findings.days import Finding

#: Each has a number of its own, so that a note keeps to figures.
TAMPERING: Final = (
    EventKind.CASE_OPEN,
    EventKind.SEAL_BROKEN,
    EventKind.CALIBRATION_CHANGED,
    EventKind.FIRMWARE_CHANGED,
    EventKind.DEVICE_CHANGED,
)


def tampering(
    event: DeviceEvent,
    *,
    market_id: MarketId,
    scale_id: ScaleId,
    day: date,
    vendor_id: VendorId | None = None,
    stall_id: StallId | None = None,
    in_maintenance: bool = False,
    expected: Collection[EventKind] = (),
) -> Finding | None:
    """Return what an event shows; None for those that show nothing, and for what a maintenance was to do.

    `expected`: kinds that are announced for this scale, such as a firmware that is rolled out.
    """
    if event.kind not in TAMPERING or in_maintenance or event.kind in expected:
        return None
    return Finding(
        kind=AlertKind.TAMPER,
        market_id=market_id,
        day=day,
        at=event.at,
        figures={"event": TAMPERING.index(event.kind)},
        scale_id=scale_id,
        vendor_id=vendor_id,
        stall_id=stall_id,
    )
