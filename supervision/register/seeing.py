"""Seeing what is registered of a person in full: for a reason, and each time it is logged."""

from typing import Final

from psycopg import Connection

from db.register import vendors, views
from db.register.events import Change
from domain.errors import NotFound, RuleViolation
from domain.ids import MarketId, VendorId
from domain.register.personal import PersonalField
from domain.register.records import RegisteredVendor, as_texts

_LONGEST_REASON: Final = 500


def see_in_full(
    conn: Connection, market_id: MarketId, vendor_id: VendorId, *, how: str, seen_by: Change
) -> RegisteredVendor:
    """Return a vendor with its personal data, and log who sees it and why.

    Raise NotFound, and RuleViolation without a reason.
    """
    because = seen_by.because.strip()
    if not because:
        raise RuleViolation("personal data is seen in full for a reason: say which")
    if len(because) > _LONGEST_REASON:
        raise RuleViolation(f"the reason has {len(because)} characters; expected at most {_LONGEST_REASON}")
    with conn.transaction():
        found = vendors.one(conn, market_id, vendor_id)
        if found is None:
            raise NotFound(f"there is no vendor {vendor_id} in {market_id}")
        texts = as_texts(found.identity)
        fields = [one for one in PersonalField if texts[one]]
        views.append(conn, market_id, vendor_id, fields, how=how, because=because, by=seen_by.by, at=seen_by.at)
    return found
