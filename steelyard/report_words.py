"""Words of a command → the credit report that is asked for."""

from datetime import datetime
from zoneinfo import ZoneInfo

from psycopg import Connection

from credit.reports.asking import Asked, Basis
from credit.reports.kinds import AboutWhom, Variant
from credit.reports.periods import Preset, Typed, preset, require_period
from credit.rules.book import rules_now
from credit.rules.versions import CALENDAR
from db import registry
from domain.errors import BadFile
from domain.ids import VendorId
from steelyard.services import policies_of
from steelyard.settings import Settings


def asked_by_words(
    conn: Connection,
    basis: Basis,
    about: AboutWhom,
    market: str,
    vendor: str,
    days: tuple[Preset, str, str],
    variant: Variant,
    now: datetime,
) -> Asked:
    """Return the report that words of a command ask for. Raise BadFile or FieldRefused naming what cannot be taken."""
    zone, market_id, vendor_id = CALENDAR, None, None
    if about is not AboutWhom.CITY:
        found = next((one for one in registry.markets(conn) if one.market_id == market), None)
        if found is None:
            known = ", ".join(sorted(one.market_id for one in registry.markets(conn))) or "none"
            raise BadFile("--market", (f"is {market!r}; expected one that is registered: {known}",))
        zone, market_id = ZoneInfo(found.timezone), found.market_id
    if about is AboutWhom.VENDOR:
        if not vendor:
            raise BadFile("--vendor", ("is missing; expected the number of a vendor",))
        vendor_id = VendorId(vendor)
    which, first, last = days
    today = now.astimezone(zone).date()
    if first or last:
        period = require_period(Typed(first=first, last=last), today)
    else:
        period = preset(which, today, rules_now(conn, basis.shipped, now))
    return Asked(period=period, variant=variant, market_id=market_id, vendor_id=vendor_id)


def basis_of(settings: Settings) -> Basis:
    """Return what reports are made by. Raise BadFile where a policy is wrong."""
    policies = policies_of(settings)
    return Basis(shipped=policies.credit, supervision=policies.supervision)
