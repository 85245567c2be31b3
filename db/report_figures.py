"""What credit reports are put together from."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import class_row, dict_row

from db.credit import event_of
from db.queries import load
from domain.credit import CreditEvent
from domain.ids import MarketId, VendorId

_SQL: Final = load("report_figures")


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """Whom it is about (None: everybody), and how it is looked at.

    Nothing recorded after `known_at` is seen; what was decided until `final_until` is final unless it was appealed.
    `standing`: the states of alerts in which a breach stands.
    """

    market_id: MarketId | None
    vendor_id: VendorId | None
    known_at: datetime
    final_until: date
    standing: Collection[str]

    def values(self, since: date, until: date) -> dict[str, Any]:
        """Return what the queries ask with: of the days from `since` to `until`, both included."""
        return {
            "market_id": self.market_id,
            "vendor_id": self.vendor_id,
            "known_at": self.known_at,
            "final_until": self.final_until,
            "standing": sorted(self.standing),
            "since": since,
            "until": until,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertCounts:
    """Alerts of a vendor (None: of nobody's scale), of one kind in one state; `pending`: those not final."""

    market_id: MarketId
    vendor_id: VendorId | None
    kind: str
    state: str
    alerts: int
    occurrences: int
    overcharge_fen: int
    pending: int
    pending_fen: int


@dataclass(frozen=True, kw_only=True, slots=True)
class AppealRow:
    """An alert under appeal."""

    alert_id: int
    market_id: MarketId
    vendor_id: VendorId | None
    vendor_name: str
    kind: str
    business_day: date
    points: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PromiseRow:
    """A promise; `is_final`: the breach that it answered is."""

    promise_id: int
    alert_id: int
    kind: str
    state: str
    made_on: date | None
    until: date | None
    waived_points: int
    is_final: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class PenaltyRow:
    """A penalty in its document's words. `standing`: what became of it, as credit.reports.shape names it."""

    market_id: MarketId
    vendor_id: VendorId
    vendor_name: str
    document_no: str
    authority: str
    decided_on: date
    kind: str
    decision: str
    basis: str
    amount_fen: int | None
    standing: str


@dataclass(frozen=True, kw_only=True, slots=True)
class VendorRow:
    """A vendor and the stalls it held (comma-separated)."""

    market_id: MarketId
    vendor_id: VendorId
    name: str
    stalls: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LimitsRow:
    """What is not known of a market."""

    market_id: MarketId
    name: str
    days: int
    days_told: int
    days_without_weighings: int
    days_without_list: int
    scales: int
    scales_unverified: int


@dataclass(frozen=True, kw_only=True, slots=True)
class VendorLimitsRow:
    """What is not known of a vendor."""

    vendor_days_weighed: int
    vendor_scales: int
    vendor_scales_unverified: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Marks:
    """Digests of what the figures rest on: of what everybody may know, and of all of it."""

    public_mark: str
    inner_mark: str


def lines(conn: Connection, scope: Scope, since: date, until: date) -> list[tuple[CreditEvent, str]]:
    """Return the ledger lines of days, oldest first, each with whether it is final, open or appealed."""
    found = []
    with conn.cursor(row_factory=dict_row) as cursor:
        for row in cursor.execute(_SQL["lines"], scope.values(since, until)):
            finality = row.pop("finality")
            found.append((event_of(row), finality))
    return found


def alert_counts(conn: Connection, scope: Scope, since: date, until: date) -> list[AlertCounts]:
    """Return the alerts of days by vendor, kind and state."""
    with conn.cursor(row_factory=class_row(AlertCounts)) as cursor:
        return cursor.execute(_SQL["alert_counts"], scope.values(since, until)).fetchall()


def appeals(conn: Connection, scope: Scope, since: date, until: date) -> list[AppealRow]:
    """Return the alerts of days that are under appeal."""
    with conn.cursor(row_factory=class_row(AppealRow)) as cursor:
        return cursor.execute(_SQL["appeals"], scope.values(since, until)).fetchall()


def promises(conn: Connection, scope: Scope, since: date, until: date) -> list[PromiseRow]:
    """Return the promises of a vendor that ran in days, or were offered in them."""
    with conn.cursor(row_factory=class_row(PromiseRow)) as cursor:
        return cursor.execute(_SQL["promises"], scope.values(since, until)).fetchall()


def penalties(conn: Connection, scope: Scope, since: date, until: date) -> list[PenaltyRow]:
    """Return the penalties that were decided in days."""
    with conn.cursor(row_factory=class_row(PenaltyRow)) as cursor:
        return cursor.execute(_SQL["penalties"], scope.values(since, until)).fetchall()


def vendors(conn: Connection, scope: Scope, until: date) -> list[VendorRow]:
    """Return the vendors of the scope by market and id, with the stalls they held at the end of `until`."""
    with conn.cursor(row_factory=class_row(VendorRow)) as cursor:
        return cursor.execute(_SQL["vendors"], scope.values(until, until)).fetchall()


def limits(conn: Connection, scope: Scope, since: date, until: date) -> list[LimitsRow]:
    """Return what is not known of each market in days."""
    with conn.cursor(row_factory=class_row(LimitsRow)) as cursor:
        return cursor.execute(_SQL["limits"], scope.values(since, until)).fetchall()


def limits_of_vendor(conn: Connection, scope: Scope, since: date, until: date) -> VendorLimitsRow | None:
    """Return on how many days a vendor weighed, and its scales; None where its market is unknown."""
    with conn.cursor(row_factory=class_row(VendorLimitsRow)) as cursor:
        return cursor.execute(_SQL["limits_of_vendor"], scope.values(since, until)).fetchone()


def marks(conn: Connection, scope: Scope, since: date, until: date) -> Marks:
    """Return what the figures of days rest on now."""
    with conn.cursor(row_factory=class_row(Marks)) as cursor:
        found = cursor.execute(_SQL["marks"], scope.values(since, until)).fetchone()
    if found is None:
        raise LookupError("a SELECT of aggregates gave no row")
    return found
