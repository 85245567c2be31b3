"""A vendor's portrait, for pages and API alike: seen by who sees its report, with what each number is made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg import Connection

from credit.portrait.reading import VendorPortrait, vendor_portrait
from db import portraits
from db.portraits import NamedAlert, NamedComplaint
from domain.alert import AlertKind
from domain.errors import NotFound
from domain.ids import MarketId, VendorId
from domain.portrait import Axis, Portrait, PortraitsMade
from web.access import Viewer

#: What the page of the axis of prices lists beside the days.
PRICE_KINDS: Final = (AlertKind.PRICE_OVER_CAP, AlertKind.EFFECTIVE_PRICE_OVER_CAP)


@dataclass(frozen=True, kw_only=True, slots=True)
class MadeOf:
    """What stands behind a figure beside days and scales: alerts and complaints as they are now, the newest first."""

    alerts: Sequence[NamedAlert] = ()
    late_alerts: Sequence[NamedAlert] = ()
    complaints: Sequence[NamedComplaint] = ()
    undecided: Sequence[NamedComplaint] = ()
    other: Sequence[NamedComplaint] = ()


def portrait_for(
    conn: Connection, viewer: Viewer, market_id: MarketId, vendor_id: VendorId, *, now: datetime
) -> VendorPortrait:
    """Return a vendor's portrait. Raise NotFound where there is no such vendor that the person may see."""
    if not viewer.sees(market_id):
        raise NotFound(f"there is no vendor {vendor_id} in market {market_id}")
    return vendor_portrait(conn, market_id, vendor_id, now=now)


def made_of(conn: Connection, axis: Axis, portrait: Portrait, made: PortraitsMade) -> MadeOf:
    """Return what stands behind the figure of an axis; nothing for those that days and scales explain."""
    match axis:
        case Axis.PRICES:
            of = (portrait.market_id, portrait.vendor_id, made.since, made.day)
            return MadeOf(alerts=portraits.price_alerts(conn, *of, PRICE_KINDS))
        case Axis.COMPLAINTS:
            return MadeOf(
                complaints=portraits.complaints_named(conn, portrait.upheld_complaints),
                undecided=portraits.complaints_named(conn, portrait.undecided_complaints),
                other=portraits.complaints_named(conn, portrait.other_complaints),
            )
        case Axis.RESPONSE:
            return MadeOf(
                alerts=portraits.alerts_named(conn, portrait.in_time_alerts),
                late_alerts=portraits.alerts_named(conn, portrait.late_alerts),
            )
        case _:
            return MadeOf()
