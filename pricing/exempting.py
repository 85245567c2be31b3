"""Exempting a vendor from the caps for a time, by a document; ending it. Each step is one transaction."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from psycopg import Connection

from db import caps, exemptions
from domain.errors import IllegalTransition, NotFound, RuleViolation
from domain.exemption_record import ExemptionRecord
from domain.ids import MarketId, VendorId
from pricing.price_sources import day_in

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """A vendor to exempt on the market's days `first_day` to `last_day`, both included; None: until it is revoked."""

    market_id: MarketId
    vendor_id: VendorId
    first_day: date
    last_day: date | None
    reason: str
    document_no: str


def grant(conn: Connection, new: Grant, *, by: str, at: datetime) -> int:
    """Exempt a vendor; return the exemption_id.

    Raise NotFound for an unknown market or vendor, RuleViolation without a reason or a document, where it would end
    before it begins, and where the vendor is exempt in a part of that time already.
    """
    problems = []
    if not new.reason.strip():
        problems.append("a vendor is exempt for a reason: say which")
    if not new.document_no.strip():
        problems.append("an exemption rests on a document: give its number")
    if new.last_day is not None and new.last_day < new.first_day:
        problems.append(f"it would end on {new.last_day.isoformat()}, before {new.first_day.isoformat()}")
    if problems:
        raise RuleViolation("; ".join(problems), problem="exemption_not_whole")
    with conn.transaction():
        zone = _zone(conn, new.market_id)
        return exemptions.insert(
            conn,
            new.market_id,
            new.vendor_id,
            since=day_in(new.first_day, zone)[0],
            until=None if new.last_day is None else day_in(new.last_day, zone)[1],
            reason=new.reason.strip(),
            document_no=new.document_no.strip(),
            by=by,
            at=at,
        )


def revoke(
    conn: Connection, exemption_id: int, *, by: str, at: datetime, because: str, ends: datetime | None = None
) -> ExemptionRecord:
    """End an exemption now, or at a later moment; what was sold until then was sold freely and stays so.

    Return it as it stands then. Raise NotFound, IllegalTransition where it has ended or is revoked already,
    RuleViolation without a reason or for a moment that has passed.
    """
    if not because.strip():
        raise RuleViolation("an exemption is revoked for a reason: say which", problem="no_reason")
    if ends is not None and ends < at:
        raise RuleViolation(
            "an exemption cannot end in the past: who priced freely until now did so by right",
            problem="ends_in_the_past",
        )
    with conn.transaction():
        if exemptions.one(conn, exemption_id) is None:
            raise NotFound(f"there is no exemption {exemption_id}")
        if not exemptions.revoke(conn, exemption_id, ends=ends or at, by=by, at=at, because=because.strip()):
            raise IllegalTransition(f"exemption {exemption_id} has ended or is revoked already", problem="late")
        ended = exemptions.one(conn, exemption_id)
    if ended is None:
        raise LookupError(f"exemption {exemption_id} is gone within its own transaction")
    return ended


def _zone(conn: Connection, market_id: MarketId) -> ZoneInfo:
    for market, _, _, timezone in caps.market_scopes(conn):
        if market == market_id:
            return ZoneInfo(timezone)
    raise NotFound(f"there is no market {market_id!r}")
