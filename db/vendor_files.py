"""What a vendor's file shows of large tables: the newest part, and counts that stop in time."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from psycopg import Connection

from db.queries import load
from domain.alert import AlertKind, AlertState
from domain.alert_step import PenaltyDecision
from domain.case import CaseState
from domain.complaint import ComplaintChannel, ComplaintReason, ComplaintState, Outcome
from domain.ids import MarketId, VendorId
from domain.inspection import VisitState

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


@dataclass(frozen=True, kw_only=True, slots=True)
class PenaltyLine:
    """A penalty as a file lists it, with the alert it followed from and what became of that.

    Where no alert carries it, `case_state` says what became of the case; a revoked one stays that.
    """

    recorded_at: datetime
    alert_id: int | None
    alert_state: AlertState | None
    case_id: int | None
    case_state: CaseState | None
    penalty: PenaltyDecision


@dataclass(frozen=True, kw_only=True, slots=True)
class ComplaintLine:
    """A complaint as a file lists it: nothing of who complained."""

    complaint_id: int
    received_at: datetime
    channel: ComplaintChannel
    reason: ComplaintReason
    state: ComplaintState
    outcome: Outcome | None
    answered_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class InspectionLine:
    """A visit as a file lists it. `items`: codes of what was checked; `stars`: how the vendor appraised it last.

    `revisit_of`: the visits at whose orders it looked again.
    """

    inspection_id: int
    state: VisitState
    first_day: date
    last_day: date
    rectify_by: date | None
    revisit_by: date | None
    opened_at: datetime
    items: tuple[str, ...]
    stars: int | None
    revisit_of: tuple[int, ...]


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


def penalties(conn: Connection, market_id: MarketId, vendor_id: VendorId, *, limit: int) -> list[PenaltyLine]:
    """Return what authorities decided about a vendor, the newest first."""
    parameters = {"market_id": market_id, "vendor_id": vendor_id, "limit": limit}
    return [
        PenaltyLine(
            recorded_at=at,
            alert_id=alert_id,
            alert_state=None if alert_state is None else AlertState(alert_state),
            case_id=case_id,
            case_state=None if case_state is None else CaseState(case_state),
            penalty=PenaltyDecision(
                document_no=document_no, authority=authority, decided_on=decided_on, decision=decision
            ),
        )
        for at, alert_id, alert_state, document_no, authority, decided_on, decision, case_id, case_state in (
            conn.execute(_SQL["penalties"], parameters)
        )
    ]


def complaints(conn: Connection, market_id: MarketId, vendor_id: VendorId, *, limit: int) -> list[ComplaintLine]:
    """Return the complaints about a vendor's sales, the newest first."""
    parameters = {"market_id": market_id, "vendor_id": vendor_id, "limit": limit}
    return [
        ComplaintLine(
            complaint_id=complaint_id,
            received_at=received_at,
            channel=ComplaintChannel(channel),
            reason=ComplaintReason(reason),
            state=ComplaintState(state),
            outcome=None if outcome is None else Outcome(outcome),
            answered_at=answered_at,
        )
        for complaint_id, received_at, channel, reason, state, outcome, answered_at in conn.execute(
            _SQL["complaints"], parameters
        )
    ]


def inspections(
    conn: Connection, market_id: MarketId, vendor_id: VendorId, *, hidden: Collection[VisitState], limit: int
) -> list[InspectionLine]:
    """Return the visits to a vendor but those in `hidden` states, the newest window first."""
    parameters = {"market_id": market_id, "vendor_id": vendor_id, "hidden": list(hidden), "limit": limit}
    return [
        InspectionLine(
            inspection_id=inspection_id,
            state=VisitState(state),
            first_day=first_day,
            last_day=last_day,
            rectify_by=rectify_by,
            revisit_by=revisit_by,
            opened_at=opened_at,
            items=tuple(items),
            stars=stars,
            revisit_of=tuple(revisit_of),
        )
        for inspection_id, state, first_day, last_day, rectify_by, revisit_by, opened_at, items, stars, revisit_of in (
            conn.execute(_SQL["inspections"], parameters)
        )
    ]
