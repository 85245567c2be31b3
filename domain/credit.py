"""Facts that moved a vendor's score. Appended, never edited; undone only by another fact."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.ids import MarketId, VendorId


class CreditSource(StrEnum):
    """Where a line of the ledger comes from."""

    ALERT = "alert"
    RECORD = "record"
    BONUS = "bonus"
    REPAIR = "repair"


@dataclass(frozen=True, kw_only=True, slots=True)
class CreditEvent:
    """One line of the ledger. `points` is negative for a deduction; `reverses` names the event it undoes.

    `promise_id`: the promise that the line follows from; `factor`: how often what the rule takes was taken for it.
    `evidence`: the document, or what the service saw, where no alert is the evidence. `is_veto`: while it stands
    the vendor is in the last tier, whatever the score. `repairs`: the event of which it gives a part back.
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
    source: CreditSource = CreditSource.ALERT
    evidence: str = ""
    is_veto: bool = False
    repairs: int | None = None
