"""The forms of a vendor's report that put something on record, and withdraw it."""

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from domain.errors import NotAllowed, NotFound, RuleViolation
from domain.ids import MarketId, VendorId
from web.credit_acts import record, withdraw_record
from web.formats import segment
from web.pages.vendors import Refused, report_page
from web.signed_in import DecidesCredit, RecordsCredit
from web.state import Db, Now, Running

router = APIRouter(include_in_schema=False)

_SEE_OTHER: Final = 303

_Line = Annotated[str, Form(max_length=400)]
_Text = Annotated[str, Form(max_length=10_000)]


@router.post("/vendors/{market_id}/{vendor_id}/records")
def put_on_record(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: RecordsCredit,
    market_id: MarketId,
    vendor_id: VendorId,
    name: _Line = "",
    points: _Line = "",
    document_no: _Line = "",
    evidence: _Text = "",
    happened_on: _Line = "",
) -> Response:
    """Put something on record; refused, what was typed stays. Sent twice, it stands once."""
    typed = {
        "name": name,
        "points": points,
        "document_no": document_no,
        "evidence": evidence,
        "happened_on": happened_on,
    }
    try:
        done = record(conn, running, viewer, market_id, vendor_id, typed, now=now)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        refused = Refused(error=error, form="record", typed=typed)
        return report_page(request, running, conn, now, viewer, market_id, vendor_id, refused=refused)
    return RedirectResponse(f"{_report(market_id, vendor_id)}#record-{done.record.record_id}", _SEE_OTHER)


@router.post("/vendors/{market_id}/{vendor_id}/records/{record_id}/withdraw")
def withdraw(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: DecidesCredit,
    market_id: MarketId,
    vendor_id: VendorId,
    record_id: int,
    reason: _Text = "",
) -> Response:
    """Withdraw what somebody else put on record, with a reason."""
    try:
        withdraw_record(conn, running, viewer, market_id, vendor_id, record_id, reason, now=now)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        refused = Refused(error=error, form=f"withdraw-{record_id}", typed={"reason": reason})
        return report_page(request, running, conn, now, viewer, market_id, vendor_id, refused=refused)
    return RedirectResponse(f"{_report(market_id, vendor_id)}#record-{record_id}", _SEE_OTHER)


def _report(market_id: MarketId, vendor_id: VendorId) -> str:
    return f"/vendors/{segment(market_id)}/{segment(vendor_id)}"
