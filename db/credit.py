"""The credit ledger: append and read; there is nothing else to do with it."""

from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from db.queries import load
from domain.credit import CreditEvent, CreditSource
from domain.ids import MarketId, VendorId

_SQL = load("credit")


def append(
    conn: Connection,
    *,
    market_id: MarketId,
    vendor_id: VendorId,
    occurred_at: datetime,
    recorded_at: datetime,
    recorded_by: str,
    reason: str,
    points: int,
    rule: str,
    rules_version: str,
    alert_id: int | None,
    reverses: int | None = None,
    promise_id: int | None = None,
    factor: int = 1,
    source: CreditSource = CreditSource.ALERT,
    evidence: str = "",
    is_veto: bool = False,
    repairs: int | None = None,
) -> int:
    """Append a fact; return its event_id."""
    row = conn.execute(
        _SQL["append"],
        {
            "market_id": market_id,
            "vendor_id": vendor_id,
            "occurred_at": occurred_at,
            "recorded_at": recorded_at,
            "recorded_by": recorded_by,
            "reason": reason,
            "points": points,
            "rule": rule,
            "rules_version": rules_version,
            "alert_id": alert_id,
            "reverses": reverses,
            "promise_id": promise_id,
            "factor": factor,
            "source": source,
            "evidence": evidence,
            "is_veto": is_veto,
            "repairs": repairs,
        },
    ).fetchone()
    if row is None:
        raise LookupError("INSERT … RETURNING gave no event_id")
    return int(row[0])


def of_vendor(conn: Connection, market_id: MarketId, vendor_id: VendorId) -> list[CreditEvent]:
    """Return a vendor's ledger, oldest first."""
    with conn.cursor(row_factory=dict_row) as cursor:
        values = {"market_id": market_id, "vendor_id": vendor_id}
        return [event_of(row) for row in cursor.execute(_SQL["of_vendor"], values)]


def lock_vendor(conn: Connection, market_id: MarketId, vendor_id: VendorId) -> None:
    """Hold a vendor's ledger for the length of the transaction."""
    conn.execute(_SQL["lock_vendor"], {"market_id": market_id, "vendor_id": vendor_id})


def event_of(row: dict[str, Any]) -> CreditEvent:
    """Return a line of the ledger from its row."""
    return CreditEvent(**{**row, "source": CreditSource(row["source"])})
