"""A vendor's purchases, for pages and API alike: seen in one's own market, entered and decided in one's own name."""

from datetime import datetime

from psycopg import Connection

from db import purchase_records
from db.purchase_records import Which
from domain.errors import NotFound
from domain.ids import MarketId, SpeciesCode, VendorId
from domain.purchase import PurchaseRecord, PurchaseState
from pricing import purchase_entry
from pricing.purchase_entry import Slip
from web.access import Viewer


def which_of(viewer: Viewer, *, market: str, vendor: str, species: str, state: PurchaseState | None) -> Which:
    """Return which purchases were asked for. Raise NotFound for a market the person does not see."""
    return Which(
        market_id=viewer.narrow(MarketId(market) if market else None),
        vendor_id=VendorId(vendor) if vendor else None,
        species_code=SpeciesCode(species) if species else None,
        state=state,
    )


def purchase_for(conn: Connection, viewer: Viewer, purchase_id: int) -> PurchaseRecord:
    """Return a purchase. Raise NotFound where there is none, or it is of a market the person does not see."""
    found = purchase_records.one(conn, purchase_id)
    if found is None or not viewer.sees(found.market_id):
        raise NotFound(f"there is no purchase {purchase_id} that you may see")
    return found


def photo_for(conn: Connection, viewer: Viewer, purchase_id: int) -> tuple[bytes, str]:
    """Return the photo of a slip and its media type. Raise NotFound."""
    purchase_for(conn, viewer, purchase_id)
    photo = purchase_records.photo(conn, purchase_id)
    if photo is None:
        raise NotFound(f"purchase {purchase_id} has no photo")
    return photo


def enter(conn: Connection, viewer: Viewer, slip: Slip, now: datetime) -> int:
    """Enter what a slip says. Raise NotFound for a market the person does not see, and what pricing raises."""
    viewer.narrow(slip.market_id)
    return purchase_entry.enter(conn, slip, by=viewer.username, at=now)


def decide(
    conn: Connection, viewer: Viewer, purchase_id: int, state: PurchaseState, *, note: str, now: datetime
) -> PurchaseRecord:
    """Accept or refuse a purchase. Raise NotFound, and what `accept` and `refuse` of pricing raise."""
    purchase_for(conn, viewer, purchase_id)
    if state is PurchaseState.ACCEPTED:
        return purchase_entry.accept(conn, purchase_id, by=viewer.username, at=now, note=note)
    return purchase_entry.refuse(conn, purchase_id, by=viewer.username, at=now, because=note)
