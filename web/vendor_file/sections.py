"""The sections of a vendor's file, in the order they are read. A new one is a module and its line here."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from psycopg import Connection

from db import registry
from db.register import vendors
from db.register.events import Change
from domain.errors import NotFound
from domain.ids import MarketId, VendorId
from domain.register.personal import PersonalField, mask
from domain.register.records import RegisteredVendor, Source, VendorIdentity
from supervision.register.seeing import see_in_full
from web.access import Permission, Viewer
from web.config import WebConfig
from web.vendor_file import (
    alerts,
    approvals,
    cases,
    changes,
    complaints,
    credit,
    exemptions,
    identity,
    inspections,
    penalties,
    promises,
    publicity,
    scales,
    stalls,
)
from web.vendor_file.section import Asked, Section, VendorFile

#: Puts a section together; None where its reader may not see any of it.
Provider = Callable[[Asked], Section | None]

PROVIDERS: Final[tuple[Provider, ...]] = (
    identity.section,
    stalls.section,
    scales.today,
    scales.over_time,
    exemptions.section,
    approvals.section,
    alerts.section,
    complaints.section,
    inspections.section,
    cases.section,
    penalties.section,
    publicity.section,
    credit.section,
    promises.section,
    changes.section,
    changes.seen,
)
#: On a page a table goes on "and more"; an export has all that any vendor has.
ROWS_ON_A_PAGE: Final = 20
ROWS_IN_AN_EXPORT: Final = 10_000


def vendor_file(
    conn: Connection,
    config: WebConfig,
    viewer: Viewer,
    market_id: MarketId,
    vendor_id: VendorId,
    *,
    now: datetime,
    most_rows: int = ROWS_ON_A_PAGE,
) -> VendorFile:
    """Return a vendor's file with personal data masked. Raise NotFound where there is none that the viewer may see."""
    found = vendors.one(conn, market_id, vendor_id) if viewer.sees(market_id) else None
    if found is None:
        raise NotFound(f"there is no vendor {vendor_id} in market {market_id} that you may see")
    return _file(conn, config, viewer, _masked(found), in_full=False, now=now, most_rows=most_rows)


def vendor_file_in_full(
    conn: Connection,
    config: WebConfig,
    viewer: Viewer,
    market_id: MarketId,
    vendor_id: VendorId,
    *,
    how: str,
    because: str,
    now: datetime,
    most_rows: int = ROWS_ON_A_PAGE,
) -> VendorFile:
    """Return a vendor's file with personal data in full; that it was seen, by whom and why, is logged.

    Raise NotAllowed, NotFound, and RuleViolation without a reason.
    """
    viewer.require(Permission.SEE_PERSONAL_DATA)
    if not viewer.sees(market_id):
        raise NotFound(f"there is no vendor {vendor_id} in market {market_id} that you may see")
    seen_by = Change(by=viewer.username, at=now, because=because, source=Source.PAGE)
    found = see_in_full(conn, market_id, vendor_id, how=how, seen_by=seen_by)
    return _file(conn, config, viewer, found, in_full=True, now=now, most_rows=most_rows)


def _file(
    conn: Connection,
    config: WebConfig,
    viewer: Viewer,
    vendor: RegisteredVendor,
    *,
    in_full: bool,
    now: datetime,
    most_rows: int,
) -> VendorFile:
    asked = Asked(
        conn=conn,
        config=config,
        viewer=viewer,
        market=next(one for one in registry.markets(conn) if one.market_id == vendor.market_id),
        vendor=vendor,
        in_full=in_full,
        now=now,
        most_rows=most_rows,
    )
    sections = tuple(section for provider in PROVIDERS if (section := provider(asked)) is not None)
    moments = sorted((one for section in sections for one in section.moments), key=lambda one: one.at, reverse=True)
    return VendorFile(
        market=asked.market,
        vendor=vendor,
        in_full=in_full,
        made_at=now,
        made_by=viewer.username,
        sections=sections,
        timeline=tuple(moments[:most_rows]),
    )


def _masked(vendor: RegisteredVendor) -> RegisteredVendor:
    one = vendor.identity
    hidden: VendorIdentity = replace(
        one,
        licence_no=mask(PersonalField.LICENCE_NO, one.licence_no),
        legal_representative=mask(PersonalField.LEGAL_REPRESENTATIVE, one.legal_representative),
        phone=mask(PersonalField.PHONE, one.phone),
    )
    return replace(vendor, identity=hidden)
