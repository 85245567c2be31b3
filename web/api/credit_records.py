"""What people put on record of vendors: listed, added, withdrawn."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from domain.credit_record import CreditRecord
from domain.ids import MarketId, VendorId
from web.api.models import Body, Model
from web.credit_acts import record, records_of, withdraw_record
from web.credit_reports import report_for
from web.signed_in import DecidesCredit, RecordsCredit, SeesCredit
from web.state import Db, Now, Running
from web.texts import Text

router = APIRouter(prefix="/vendors", tags=["vendors"])


class CreditRecordSeen(Model):
    """A record. `points` moved the score; withdrawn, `event_id` of the ledger was given back."""

    record_id: int
    market_id: str
    vendor_id: str
    name: str
    points: int
    document_no: str
    evidence: str
    happened_on: date
    rules_version: str
    recorded_by: str
    recorded_at: datetime
    event_id: int
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    withdrawn_why: str


class CreditRecordDone(CreditRecordSeen):
    """A record that was sent. `is_new`: false where it had been sent before."""

    is_new: bool


class CreditRecordEntry(Body):
    """What is put on record: the `name` of a rule, `points` where it leaves a choice, and what proves it.

    `happened_on`: a day of the running cycle.
    """

    name: Text
    document_no: Text
    evidence: Text
    happened_on: Text
    points: int | None = None


class Withdrawal(Body):
    """Why a record should not stand."""

    reason: Annotated[Text, Field(max_length=10_000)] = ""


@router.get("/{market_id}/{vendor_id}/records")
def list_records(
    running: Running, conn: Db, now: Now, viewer: SeesCredit, market_id: MarketId, vendor_id: VendorId
) -> list[CreditRecordSeen]:
    """What stands on record of a vendor, and what was withdrawn, the newest first."""
    report_for(conn, running, viewer, market_id, vendor_id, now=now)
    return [_seen(one) for one in records_of(conn, market_id, vendor_id)]


@router.post("/{market_id}/{vendor_id}/records")
def put_on_record(
    running: Running,
    conn: Db,
    now: Now,
    viewer: RecordsCredit,
    market_id: MarketId,
    vendor_id: VendorId,
    body: CreditRecordEntry,
) -> CreditRecordDone:
    """Put something on record. The same document, rule, vendor and day again changes nothing."""
    typed = {
        "name": body.name,
        "points": "" if body.points is None else str(body.points),
        "document_no": body.document_no,
        "evidence": body.evidence,
        "happened_on": body.happened_on,
    }
    done = record(conn, running, viewer, market_id, vendor_id, typed, now=now)
    return CreditRecordDone(**_seen(done.record).model_dump(), is_new=done.is_new)


@router.post("/{market_id}/{vendor_id}/records/{record_id}/withdraw")
def withdraw(
    running: Running,
    conn: Db,
    now: Now,
    viewer: DecidesCredit,
    market_id: MarketId,
    vendor_id: VendorId,
    record_id: int,
    body: Withdrawal,
) -> CreditRecordSeen:
    """Withdraw what somebody else put on record: what it moved is given back."""
    return _seen(withdraw_record(conn, running, viewer, market_id, vendor_id, record_id, body.reason, now=now))


def _seen(one: CreditRecord) -> CreditRecordSeen:
    return CreditRecordSeen.model_validate({name: getattr(one, name) for name in CreditRecordSeen.model_fields})
