"""What a person put on record of a vendor, with its document: no scale can tell it."""

from dataclasses import dataclass
from datetime import date, datetime

from domain.ids import MarketId, VendorId


@dataclass(frozen=True, kw_only=True, slots=True)
class NewCreditRecord:
    """A record as it is written down, for good. `name`: of the rule; `points`: as the document says, of its sign.

    `evidence`: what the document says, in words; `happened_on`: the day on which it counts, by the market's calendar;
    `event_id`: the line of the ledger that follows from it.
    """

    market_id: MarketId
    vendor_id: VendorId
    name: str
    points: int
    document_no: str
    evidence: str
    happened_on: date
    rules_version: str
    recorded_by: str
    recorded_at: datetime
    origin: str
    event_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CreditRecord(NewCreditRecord):
    """A record as it stands. Withdrawn, its line of the ledger was given back: when, by whom, why."""

    record_id: int
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None
    withdrawn_why: str = ""
