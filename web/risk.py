"""Risk classes for pages and API alike: what was asked for, and everything about a vendor's. For regulators only."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import Query
from psycopg import Connection

from db import registry, risk_classes
from db.risk_classes import START, Cursor, ListedWarning, MonthWeighed
from domain.errors import NotFound
from domain.ids import MarketId, VendorId
from domain.risk import ComputedClass, SetByHand, months_before
from domain.supervision_item import RiskClass
from web.access import Viewer

_MONTH: Final = r"^(\d{4}-(0[1-9]|1[0-2]))?$"
_CURSOR: Final = re.compile(r"([A-D])\.(\d{1,9})\.(\d{1,18})")


@dataclass(frozen=True, kw_only=True, slots=True)
class AskedRisk:
    """A list as it was asked for. `month` empty: the last that was computed; `only` empty: every class."""

    market: str
    month: str
    only: str = ""
    after: str = ""

    def scope(self, viewer: Viewer) -> MarketId | None:
        """Return the market asked for; None: all of them. Raise NotFound for one that the person may not see."""
        return viewer.narrow(MarketId(self.market) if self.market else None)

    def month_in(self, conn: Connection, viewer: Viewer) -> date | None:
        """Return the first day of the month asked for, else of the last that was computed; None: none was."""
        if self.month:
            return date.fromisoformat(f"{self.month}-01")
        return risk_classes.latest_month(conn, self.scope(viewer))

    def query(self, **changed: str) -> str:
        """Return it as the query of an address, changed; what is empty is left out, and so is the page."""
        said = {"market": self.market, "month": self.month, "class": self.only} | changed
        return urlencode({name: value for name, value in said.items() if value})

    @property
    def risk_class(self) -> RiskClass | None:
        """The class asked for; None: all."""
        return RiskClass(self.only) if self.only else None

    @property
    def cursor(self) -> Cursor:
        """Where the page before ended."""
        found = _CURSOR.fullmatch(self.after)
        return START if found is None else Cursor(risk_class=found[1], points=int(found[2]), number=int(found[3]))


def asked_month(
    market: Annotated[str, Query(max_length=64)] = "",
    month: Annotated[str, Query(pattern=_MONTH, description="yyyy-mm; none: the last that was computed")] = "",
) -> AskedRisk:
    """Read of which market and month something was asked for."""
    return AskedRisk(market=market, month=month)


def asked_risk(
    market: Annotated[str, Query(max_length=64)] = "",
    month: Annotated[str, Query(pattern=_MONTH, description="yyyy-mm; none: the last that was computed")] = "",
    only: Annotated[str, Query(pattern="^[A-D]?$", alias="class", description="A to D; none: all")] = "",
    after: Annotated[str, Query(max_length=32, pattern=rf"^({_CURSOR.pattern})?$")] = "",
) -> AskedRisk:
    """Read what was asked for."""
    return AskedRisk(market=market, month=month, only=only, after=after)


def written(cursor: Cursor) -> str:
    """Return a cursor as an address has it."""
    return f"{cursor.risk_class}.{cursor.points}.{cursor.number}"


@dataclass(frozen=True, kw_only=True, slots=True)
class MonthOfVendor:
    """A month of a vendor: what was computed from it, what stands by hand for the month after, what was weighed."""

    month: date
    computed: ComputedClass | None
    by_hand: SetByHand | None
    weighed: MonthWeighed | None


@dataclass(frozen=True, kw_only=True, slots=True)
class VendorRisk:
    """Everything about a vendor's class. `holds` None: nobody classed it yet."""

    market_id: MarketId
    market_name: str
    timezone: str
    vendor_id: VendorId
    vendor_name: str
    holds: RiskClass | None
    months: list[MonthOfVendor]
    by_hand: list[SetByHand]
    warnings: list[ListedWarning]

    def shown(self, month: date | None) -> ComputedClass | None:
        """Return the computed class of a month, else the latest one; None: none was computed."""
        found = [one.computed for one in self.months if one.computed and month in (None, one.month)]
        return found[0] if found else None


def vendor_risk(
    conn: Connection, viewer: Viewer, market_id: MarketId, vendor_id: VendorId, now: datetime
) -> VendorRisk:
    """Return everything about a vendor's class. Raise NotFound where there is none that the person may see."""
    found = registry.vendor(conn, market_id, vendor_id, now) if viewer.sees(market_id) else None
    if found is None:
        raise NotFound(f"there is no vendor {vendor_id} in market {market_id}")
    market = next(one for one in registry.markets(conn) if one.market_id == market_id)
    computed = {one.month: one for one in risk_classes.of_vendor(conn, market_id, vendor_id)}
    by_hand = risk_classes.set_by_hand(conn, market_id, vendor_id)
    # The newest first: the last one set in a month stands for it.
    stands = {months_before(one.for_month, 1): one for one in reversed(by_hand)}
    weighed = {one.month: one for one in risk_classes.months_of_vendor(conn, market_id, vendor_id)}
    months = sorted({*computed, *stands, *weighed}, reverse=True)
    return VendorRisk(
        market_id=market_id,
        market_name=market.name,
        timezone=market.timezone,
        vendor_id=vendor_id,
        vendor_name=found.name,
        holds=risk_classes.in_force(conn, market_id, vendor_id, now),
        months=[
            MonthOfVendor(month=one, computed=computed.get(one), by_hand=stands.get(one), weighed=weighed.get(one))
            for one in months
        ],
        by_hand=by_hand,
        warnings=risk_classes.warnings_of_vendor(conn, market_id, vendor_id),
    )
