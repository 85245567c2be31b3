"""What is given to other systems, to whom, and what becomes of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from domain.ids import MarketId, VendorId


class ExportForm(StrEnum):
    """What a record is about."""

    PENALTY = "penalty"
    CREDIT_RECORD = "credit_record"


class TokenScope(StrEnum):
    """What a department's token may do. `IDENTITIES`: see an individual's licence number in full."""

    PENALTIES = "penalties:read"
    CREDIT = "credit:read"
    IDENTITIES = "identities:read"


class BatchState(StrEnum):
    """What became of a batch."""

    WAITING = "waiting"
    ANSWERED = "answered"
    WRITTEN = "written"
    GIVEN_UP = "given_up"


class DestinationAction(StrEnum):
    """What somebody did with a destination or a batch of it."""

    REGISTERED = "registered"
    DISABLED = "disabled"
    ENABLED = "enabled"
    RESENT = "resent"
    WRITTEN = "written"
    SECRET_CHANGED = "secret_changed"  # noqa: S105 - the name of a step
    TESTED = "tested"


class DeliveryState(StrEnum):
    """What became of one version of a record at one destination."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WRITTEN = "written"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, kw_only=True, slots=True)
class ExportRecord:
    """A version of a record, as it was made. `body`: its fields by name, with identities in full."""

    revision: int
    form: ExportForm
    record_id: str
    version: int
    market_id: MarketId
    vendor_id: VendorId
    made_at: datetime
    body: dict[str, Any]
