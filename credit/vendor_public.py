"""What anybody may read of a vendor at its stall (企业码): who, its standing, prices, scales and penalties."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from psycopg import Connection

from credit.public_standing import publicly, score_of_vendor
from credit.publicity_rules import told_tier
from credit.rules.book import rules_now
from credit.rules.shape import CreditRules, Tier
from db import public_codes, public_pages, publicity
from db.public_codes import PublicCode
from db.public_pages import BindingList, LastPrice, ScaleThere
from db.register import markets, vendors
from domain.errors import NotFound
from domain.ids import MarketId, StallId, VendorId
from domain.publicity import PublicityEntry
from domain.register.public_names import public_licence, public_name, public_words
from domain.register.records import RegisteredMarket, RegisteredVendor, VendorKind
from supervision.policy import SupervisionPolicy

_MOST_PENALTIES = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class PublicPenalty:
    """A final penalty on the publicity list, without a person's name."""

    document_no: str
    authority: str
    decided_on: date
    decision: str
    basis: str
    published_to: date


@dataclass(frozen=True, kw_only=True, slots=True)
class PublicLicence:
    """A business licence as the public may read it; `number` masked where it is a person's, empty where unknown."""

    number: str
    begins: date | None
    ends: date | None
    is_over: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class VendorPublic:
    """All that the page says. `tier` None: the rules do not tell it. `cap_list` None: none is in force."""

    market: RegisteredMarket
    name: str
    kind: VendorKind | None
    licence: PublicLicence
    stalls: Sequence[StallId]
    tier: Tier | None
    rules: CreditRules
    cap_list: BindingList | None
    prices: Sequence[LastPrice]
    scales: Sequence[ScaleThere]
    penalties: Sequence[PublicPenalty]
    day: date
    made_at: datetime


def code_of(conn: Connection, code: str | None) -> PublicCode | None:
    """Return a code as it is kept; None for what never was one."""
    return None if code is None else public_codes.by_code(conn, code)


def vendor_public(
    conn: Connection,
    market_id: MarketId,
    vendor_id: VendorId,
    *,
    shipped: CreditRules,
    policy: SupervisionPolicy,
    now: datetime,
) -> VendorPublic:
    """Put together what a vendor's page shows at a moment. Raise NotFound."""
    market, vendor = markets.one(conn, market_id), vendors.one(conn, market_id, vendor_id)
    if market is None or vendor is None:
        raise NotFound(f"there is no vendor {vendor_id} in market {market_id}")
    rules = rules_now(conn, shipped, now)
    by = publicly(rules, policy, market.facts.timezone, now)
    begins, ends = _span_of(by.day, market.facts.timezone)
    identity = vendor.identity
    return VendorPublic(
        market=market,
        name=public_name(identity),
        kind=identity.kind,
        licence=PublicLicence(
            number=public_licence(identity),
            begins=identity.licence_from,
            ends=identity.licence_until,
            is_over=identity.licence_until is not None and identity.licence_until < by.day,
        ),
        stalls=public_pages.stalls_of(conn, market_id, vendor_id, now),
        tier=told_tier(score_of_vendor(conn, market_id, vendor_id, by), rules),
        rules=rules,
        cap_list=public_pages.list_in_force(conn, market_id, now),
        prices=public_pages.sold(conn, market_id, vendor_id, begins, ends),
        scales=public_pages.scales_with(conn, market_id, vendor_id, now),
        penalties=_penalties(conn, vendor, now),
        day=by.day,
        made_at=now,
    )


def _span_of(day: date, timezone: str) -> tuple[datetime, datetime]:
    zone = ZoneInfo(timezone)
    begins, ends = (datetime.combine(one, time(), zone).astimezone(UTC) for one in (day, day + timedelta(days=1)))
    return begins, ends


def _penalties(conn: Connection, vendor: RegisteredVendor, now: datetime) -> list[PublicPenalty]:
    found = publicity.listed(
        conn, market_id=vendor.market_id, vendor_id=vendor.vendor_id, is_on=True, now=now, limit=_MOST_PENALTIES
    )
    return [_penalty(one, vendor) for one in found]


def _penalty(entry: PublicityEntry, vendor: RegisteredVendor) -> PublicPenalty:
    return PublicPenalty(
        document_no=entry.document_no,
        authority=entry.authority,
        decided_on=entry.decided_on,
        decision=public_words(entry.decision, vendor.identity),
        basis=entry.basis,
        published_to=entry.published_to,
    )
