"""What a vendor needs of a stall, and who may not be neighbours, as people enter it; each entry says why and stays."""

from datetime import datetime

from psycopg import Connection

from db import rotation_needs
from db.register import vendors
from db.rotation_needs import NewNeeds
from domain.errors import RuleViolation
from domain.ids import MarketId, VendorId

LONGEST_ZONE = 40
_LONGEST_REASON = 500


def set_needs(
    conn: Connection, market_id: MarketId, vendor_id: VendorId, new: NewNeeds, *, by: str, now: datetime
) -> None:
    """Say what a vendor needs from now on. Raise RuleViolation."""
    _require_reason(new.because)
    _require_vendor(conn, market_id, vendor_id)
    if len(new.goods_zone) > LONGEST_ZONE:
        raise RuleViolation(
            f"goods_zone has {len(new.goods_zone)} characters; expected {LONGEST_ZONE} at most",
            problem="needs_too_long",
        )
    rotation_needs.insert_needs(conn, market_id, vendor_id, new, by=by, at=now)


def set_apart(
    conn: Connection,
    market_id: MarketId,
    pair: tuple[VendorId, VendorId],
    *,
    holds: bool,
    because: str,
    by: str,
    now: datetime,
) -> None:
    """Say that two vendors may not be neighbours from now on (`holds`), or may again. Raise RuleViolation."""
    _require_reason(because)
    if pair[0] == pair[1]:
        raise RuleViolation("a vendor is not kept apart from itself", problem="same_vendor")
    for vendor_id in pair:
        _require_vendor(conn, market_id, vendor_id)
    rotation_needs.insert_apart(conn, market_id, pair, holds=holds, because=because.strip(), by=by, at=now)


def _require_reason(because: str) -> None:
    if not because.strip() or len(because) > _LONGEST_REASON:
        raise RuleViolation("say why, in at most 500 characters", problem="no_reason")


def _require_vendor(conn: Connection, market_id: MarketId, vendor_id: VendorId) -> None:
    if vendors.one(conn, market_id, vendor_id) is None:
        raise RuleViolation(f"there is no vendor {vendor_id} in {market_id}", problem="no_such_vendor_here")
