"""A dated exemption of a vendor, with the document it rests on. It ends, or is ended; it is never deleted."""

from dataclasses import dataclass
from datetime import datetime

from domain.ids import MarketId, VendorId


@dataclass(frozen=True, kw_only=True, slots=True)
class ExemptionRecord:
    """Granted for `[since, granted_until)`; holds until `until`, which a revocation draws nearer (None: no end).

    `until` is `since` where it was revoked before it began.
    """

    exemption_id: int
    market_id: MarketId
    vendor_id: VendorId
    vendor_name: str
    since: datetime
    granted_until: datetime | None
    until: datetime | None
    reason: str
    document_no: str
    granted_by: str
    granted_at: datetime
    revoked_by: str | None
    revoked_at: datetime | None
    revoked_because: str | None

    def holds_at(self, moment: datetime) -> bool:
        """Say whether it holds at `moment`."""
        return self.since <= moment and (self.until is None or moment < self.until)
