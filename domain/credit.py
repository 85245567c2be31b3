"""Facts that moved a vendor's score. Appended, never edited; undone only by another fact."""

from dataclasses import dataclass
from datetime import datetime

from domain.ids import MarketId, VendorId


@dataclass(frozen=True, kw_only=True, slots=True)
class CreditEvent:
    """One line of the ledger. `points` is negative for a deduction; `reverses` names the event it undoes.

    `promise_id`: the promise that the line follows from; `factor`: how often what the rule takes was taken for it.
    """

    event_id: int
    market_id: MarketId
    vendor_id: VendorId
    occurred_at: datetime
    recorded_at: datetime
    recorded_by: str
    reason: str
    points: int
    rule: str
    rules_version: str
    alert_id: int | None
    reverses: int | None = None
    promise_id: int | None = None
    factor: int = 1
