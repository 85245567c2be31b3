"""What people put on record of a vendor, for pages and API alike: seen by who sees the market."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from psycopg import Connection

from credit.records.entry import Entry, rules_for
from credit.records.handling import PutOnRecord, put_on_record, withdraw
from credit.report import CreditReport
from credit.rules.shape import Recorded
from db import credit_records
from domain.credit_record import CreditRecord
from domain.errors import NotFound
from domain.ids import MarketId, VendorId
from web.access import Permission, Viewer
from web.state import Service

_MOST_RECORDS: Final = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordsView:
    """What stands on record of a vendor, and what its viewer may add: `rules`, and the days it may be about."""

    records: list[CreditRecord]
    rules: tuple[Recorded, ...]
    first_day: date
    last_day: date
    may_withdraw: bool


def records_of(conn: Connection, market_id: MarketId, vendor_id: VendorId) -> list[CreditRecord]:
    """Return the newest records of a vendor, the newest first."""
    return credit_records.of_vendor(conn, market_id, vendor_id, limit=_MOST_RECORDS)


def records_view(conn: Connection, viewer: Viewer, report: CreditReport) -> RecordsView:
    """Return what a report shows of records."""
    return RecordsView(
        records=records_of(conn, report.market.market_id, report.vendor.vendor_id),
        rules=rules_for(viewer.authority, report.rules) if viewer.may(Permission.RECORD_CREDIT) else (),
        first_day=report.score.cycle_from,
        last_day=report.day,
        may_withdraw=viewer.may(Permission.DECIDE_CREDIT),
    )


def record(
    conn: Connection,
    running: Service,
    viewer: Viewer,
    market_id: MarketId,
    vendor_id: VendorId,
    typed: Mapping[str, str],
    *,
    now: datetime,
) -> PutOnRecord:
    """Put on record what was typed. Raises what `credit.records.handling.put_on_record` raises."""
    entry = Entry(**typed)
    shipped = running.config.credit_rules
    return put_on_record(conn, market_id, vendor_id, entry, by=viewer.actor, shipped=shipped, now=now)


def withdraw_record(
    conn: Connection,
    running: Service,
    viewer: Viewer,
    market_id: MarketId,
    vendor_id: VendorId,
    record_id: int,
    reason: str,
    *,
    now: datetime,
) -> CreditRecord:
    """Withdraw a record of a vendor. Raises what `credit.records.handling.withdraw` raises."""
    found = credit_records.by_id(conn, record_id)
    if found is None or (found.market_id, found.vendor_id) != (market_id, vendor_id):
        raise NotFound(f"there is no record {record_id} of vendor {vendor_id} that you may see")
    return withdraw(conn, record_id, reason, by=viewer.actor, shipped=running.config.credit_rules, now=now)
