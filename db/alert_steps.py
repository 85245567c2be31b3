"""The audit trail of alerts: appended to, and read."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from db.queries import load
from domain.alert import AlertState
from domain.alert_step import AlertAction, AlertStep, PenaltyDecision
from domain.ids import MarketId, VendorId

_SQL = load("alert_steps")
_PENALTY = PenaltyDecision.__slots__
_PLAIN = tuple(name for name in AlertStep.__slots__ if name != "penalty")


def append(conn: Connection, alert_id: int, step: AlertStep) -> None:
    """Write one step into the trail."""
    values: dict[str, Any] = {name: getattr(step, name) for name in _PLAIN}
    penalty = {name: None if step.penalty is None else getattr(step.penalty, name) for name in _PENALTY}
    conn.execute(_SQL["append"], {"alert_id": alert_id, **values, **penalty})


def of_alert(conn: Connection, alert_id: int) -> list[AlertStep]:
    """Return what was done to an alert, oldest first."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return [_step(row) for row in cursor.execute(_SQL["of_alert"], {"alert_id": alert_id})]


def carrying(
    conn: Connection, market_id: MarketId, vendor_id: VendorId, *, authority: str, document_no: str
) -> list[int]:
    """Return the alerts of a vendor over which a document was recorded as their penalty, by number."""
    whose = {"market_id": market_id, "vendor_id": vendor_id}
    found = conn.execute(_SQL["carrying"], {**whose, "authority": authority, "document_no": document_no})
    return [row[0] for row in found]


def confirmations(conn: Connection, alert_ids: Collection[int]) -> dict[int, tuple[str, datetime, str]]:
    """Return who confirmed alerts last, when and in which words, by the alert; those that nobody did are left out."""
    found = conn.execute(_SQL["confirmations"], {"alert_ids": list(alert_ids)})
    return {alert_id: (actor, at, note) for alert_id, actor, at, note in found}


def has_photo_since_ordered(conn: Connection, alert_id: int) -> bool:
    """Say whether a photo was added since the rectification was ordered, or sent back, for the last time."""
    row = conn.execute(_SQL["has_photo_since_ordered"], {"alert_id": alert_id}).fetchone()
    return bool(row and row[0])


def may_be_assigned(conn: Connection, username: str, market_id: MarketId) -> bool:
    """Say whether an account is there, is not disabled, and sees the market."""
    row = conn.execute(_SQL["may_be_assigned"], {"username": username, "market_id": market_id}).fetchone()
    return bool(row and row[0])


def assignable(conn: Connection, market_id: MarketId) -> dict[str, str]:
    """Return the display names of those who may be on an alert of a market, by login name: its own people first."""
    return {row[0]: row[1] for row in conn.execute(_SQL["assignable"], {"market_id": market_id})}


def _step(row: dict[str, Any]) -> AlertStep:
    penalty = {name: row.pop(f"penalty_{name}") for name in _PENALTY}
    return AlertStep(
        **{
            **row,
            "action": AlertAction(row["action"]),
            "from_state": AlertState(row["from_state"]),
            "to_state": AlertState(row["to_state"]),
            "penalty": None if penalty["document_no"] is None else PenaltyDecision(**penalty),
        }
    )
