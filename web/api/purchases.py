"""Vendors' purchases by their slips: listed, entered, read, decided on."""

from base64 import b64decode
from binascii import Error
from datetime import date, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Query, Response
from pydantic import Field

from db import purchase_records
from domain.errors import RuleViolation
from domain.ids import MarketId, VendorId
from domain.price_cap import CapUnit
from domain.purchase import PurchaseState
from pricing.purchase_entry import Slip
from web.api.models import Body, Model
from web.purchase_handling import decide, enter, photo_for, purchase_for, which_of
from web.signed_in import EditsCaps, EntersPurchases, SeesCaps
from web.state import Db, Now
from web.texts import Text

router = APIRouter(prefix="/purchases", tags=["purchases"])

_CREATED: Final = 201
_LONGEST_BASE64: Final = 2_900_000


class Purchase(Model):
    """A purchase; `price_fen` per `unit` (kg or piece). Only what is accepted makes a cap."""

    purchase_id: int
    market_id: str
    vendor_id: str
    vendor_name: str
    species_code: str
    species_name: str
    grade: str
    purchased_on: date
    price_fen: int
    unit: CapUnit
    published_as: str
    slip_no: str
    has_photo: bool
    state: PurchaseState
    entered_by: str
    entered_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    note: str


class EnterPurchase(Body):
    """What a slip says: `species` a code or a name, `price` in yuan for a `unit` (500g, kg or piece)."""

    market_id: Annotated[Text, Field(max_length=64)]
    vendor_id: Annotated[Text, Field(max_length=64)]
    species: Annotated[Text, Field(max_length=64)]
    grade: Annotated[Text, Field(max_length=64)] = ""
    purchased_on: date
    price: Annotated[Text, Field(max_length=16)]
    unit: Annotated[Text, Field(max_length=16)] = "500g"
    slip_no: Annotated[Text, Field(max_length=64)] = ""
    photo_base64: Annotated[str, Field(max_length=_LONGEST_BASE64)] = ""


class AcceptRequest(Body):
    """A word about it, where there is one."""

    note: Annotated[Text, Field(max_length=2000)] = ""


class RefuseRequest(Body):
    """Why it makes no cap."""

    note: Annotated[Text, Field(max_length=2000)]


@router.get("")
def purchases(
    conn: Db,
    viewer: SeesCaps,
    state: Annotated[PurchaseState | None, Query(description="none given: every state")] = None,
    market: Annotated[str, Query(max_length=64)] = "",
    vendor: Annotated[str, Query(max_length=64)] = "",
    species: Annotated[str, Query(max_length=64)] = "",
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="only what has a smaller number")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[Purchase]:
    """The purchases entered last; ask for the next ones with the last one's number as `before`."""
    which = which_of(viewer, market=market, vendor=vendor, species=species, state=state)
    return [Purchase.model_validate(one) for one in purchase_records.listed(conn, which, before=before, limit=limit)]


@router.post("", status_code=_CREATED)
def enter_purchase(conn: Db, now: Now, viewer: EntersPurchases, body: EnterPurchase) -> Purchase:
    """Enter a slip. It makes no cap before somebody else accepted it."""
    try:
        photo = b64decode(body.photo_base64, validate=True)
    except Error as error:
        raise RuleViolation(f"photo_base64 is no base64: {error}") from None
    slip = Slip(
        market_id=MarketId(body.market_id),
        vendor_id=VendorId(body.vendor_id),
        species=body.species,
        grade=body.grade,
        purchased_on=body.purchased_on,
        price=body.price,
        unit=body.unit,
        slip_no=body.slip_no,
        photo=photo,
    )
    return Purchase.model_validate(purchase_for(conn, viewer, enter(conn, viewer, slip, now)))


@router.get("/{purchase_id}")
def one_purchase(conn: Db, viewer: SeesCaps, purchase_id: int) -> Purchase:
    """One purchase."""
    return Purchase.model_validate(purchase_for(conn, viewer, purchase_id))


@router.get("/{purchase_id}/photo", response_class=Response)
def its_photo(conn: Db, viewer: SeesCaps, purchase_id: int) -> Response:
    """The photo of its slip, JPEG or PNG."""
    content, media_type = photo_for(conn, viewer, purchase_id)
    return Response(content, media_type=media_type)


@router.post("/{purchase_id}/accept")
def accept(conn: Db, now: Now, viewer: EditsCaps, purchase_id: int, body: AcceptRequest) -> Purchase:
    """Let it make its vendor's cap, as a second person."""
    decided = decide(conn, viewer, purchase_id, PurchaseState.ACCEPTED, note=body.note, now=now)
    return Purchase.model_validate(decided)


@router.post("/{purchase_id}/refuse")
def refuse(conn: Db, now: Now, viewer: EditsCaps, purchase_id: int, body: RefuseRequest) -> Purchase:
    """Say that it makes no cap, and why, as a second person."""
    decided = decide(conn, viewer, purchase_id, PurchaseState.REFUSED, note=body.note, now=now)
    return Purchase.model_validate(decided)
