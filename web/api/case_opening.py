"""Cases that no alert opens, for programs: on what a visit found, or for a regulator's own reason."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from domain.ids import MarketId, VendorId
from supervision.alerts.needs import LONGEST_NOTE
from supervision.cases.starting import open_for_reason, open_on_findings
from web.api.cases import CaseSeen, case_seen
from web.api.models import Body
from web.case_handling import case_for
from web.signed_in import HandlesCases
from web.state import Db, Now
from web.texts import Text

router = APIRouter(tags=["cases"])

_Id = Annotated[Text, Field(min_length=1, max_length=64)]
_Words = Annotated[Text, Field(max_length=LONGEST_NOTE)]


class NewCase(Body):
    """A case about a vendor, and why."""

    market_id: _Id
    vendor_id: _Id
    reason: _Words


class FindingIn(Body):
    """The codes of an item and its question, which the visit answered with no."""

    item_code: _Id
    question_code: _Id


class FindingsIn(Body):
    """What comes to a case, and why."""

    findings: Annotated[list[FindingIn], Field(max_length=500)]
    reason: _Words


@router.post("/cases")
def open_case(conn: Db, now: Now, viewer: HandlesCases, new: NewCase) -> CaseSeen:
    """Open a case about a vendor. Asked again in the same words while it is undecided, it is the same one."""
    market_id, vendor_id = MarketId(new.market_id), VendorId(new.vendor_id)
    with conn.transaction():
        case_id = open_for_reason(conn, market_id, vendor_id, reason=new.reason, by=viewer.actor, now=now)
    return case_seen(case_for(conn, viewer, case_id))


@router.post("/inspections/{inspection_id}/case")
def open_on_visit(conn: Db, now: Now, viewer: HandlesCases, inspection_id: int, found: FindingsIn) -> CaseSeen:
    """Put what a visit found wrong into the vendor's case that takes more, or into a new one."""
    wanted = [(one.item_code, one.question_code) for one in found.findings]
    with conn.transaction():
        case_id = open_on_findings(conn, inspection_id, wanted, reason=found.reason, by=viewer.actor, now=now)
    return case_seen(case_for(conn, viewer, case_id))
