"""The code of a vendor's public page (企业码): drawn by chance, printed for the stall, replaced by the next one."""

import re
import secrets
from datetime import datetime
from typing import Final

from psycopg import Connection

from db import public_codes, public_pages
from domain.errors import NotFound
from domain.ids import MarketId, VendorId

#: No I, L, O, 0 and 1: none is taken for another one. 31 signs in eight places are 8.5 × 10¹¹ codes.
SIGNS: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH: Final = 8
_SHAPE: Final = re.compile(f"[{SIGNS}]{{{LENGTH}}}")


def issue(conn: Connection, market_id: MarketId, vendor_id: VendorId, *, by: str, at: datetime) -> str:
    """Give a vendor a new code, within the caller's transaction; the one before ends. Raise NotFound."""
    if not public_codes.lock_vendor(conn, market_id, vendor_id):
        raise NotFound(f"there is no vendor {vendor_id} in market {market_id}")
    public_codes.end(conn, market_id, vendor_id, at)
    while not public_codes.insert(conn, market_id, vendor_id, code := _drawn(), by=by, at=at):
        pass
    return code


def issue_for_all(conn: Connection, market_id: MarketId, *, by: str, at: datetime) -> int:
    """Give a code to whoever has a stall of a market and no code, within the caller's transaction; return how many."""
    known = public_codes.of_market(conn, market_id)
    without = [one.vendor_id for one in public_pages.stallholders(conn, market_id, at) if one.vendor_id not in known]
    for vendor_id in sorted(without):
        issue(conn, market_id, vendor_id, by=by, at=at)
    return len(without)


def tidy(text: str) -> str | None:
    """Return a code as it is kept, however it was typed: with blanks, dashes, small letters; None for what is none."""
    code = re.sub(r"[\s-]", "", text).upper()
    return code if _SHAPE.fullmatch(code) else None


def _drawn() -> str:
    return "".join(secrets.choice(SIGNS) for _ in range(LENGTH))
