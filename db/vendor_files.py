"""What a vendor's file shows of large tables: the newest part, and counts that stop in time."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from psycopg import Connection

from db.queries import load
from domain.alert import AlertKind, AlertState
from domain.ids import MarketId, VendorId

_SQL = load("vendor_files")
#: Counted in a few milliseconds; no honest vendor has so many.
MOST_COUNTED: Final = 5_000


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertLine:
    """An alert as a file lists it."""

    alert_id: int
    kind: AlertKind
    state: AlertState
    business_day: date
    occurrences: int
    overcharge_fen: int
    opened_at: datetime


def newest_alerts(conn: Connection, market_id: MarketId, vendor_id: VendorId, *, limit: int) -> list[AlertLine]:
    """Return the alerts about a vendor, the newest first."""
    parameters = {"market_id": market_id, "vendor_id": vendor_id, "limit": limit}
    return [
        AlertLine(
            alert_id=alert_id,
            kind=AlertKind(kind),
            state=AlertState(state),
            business_day=day,
            occurrences=occurrences,
            overcharge_fen=overcharge_fen,
            opened_at=opened_at,
        )
        for alert_id, kind, state, day, occurrences, overcharge_fen, opened_at in conn.execute(
            _SQL["newest_alerts"], parameters
        )
    ]


def alert_counts(conn: Connection, market_id: MarketId, vendor_id: VendorId) -> tuple[dict[AlertState, int], bool]:
    """Return how many alerts about a vendor are in each state, and whether that is all of them."""
    parameters = {"market_id": market_id, "vendor_id": vendor_id, "most": MOST_COUNTED}
    counts, total = dict.fromkeys(AlertState, 0), 0
    for state, count, of_all in conn.execute(_SQL["alert_counts"], parameters):
        counts[AlertState(state)], total = count, int(of_all)
    return counts, total < MOST_COUNTED
