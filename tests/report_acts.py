"""Credit reports of a small market: breaches on days, decided when a test says so, and reports about them."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any, Final

from psycopg import Connection

from credit.reports.asking import Asked, Basis
from credit.reports.codes import new_code
from credit.reports.issuing import issue
from credit.reports.kinds import Variant
from credit.reports.shape import Report
from credit.reports.shape_of_parts import Period
from db import alerts
from db.alerts import AlertOccurrence, NewAlert
from db.credit_reports import IssuedReport
from domain.alert import AlertKind
from domain.alert_step import AlertAction
from domain.ids import JournalId, MarketId, ScaleId, SpeciesCode, StallId, VendorId
from domain.price_cap import CapUnit
from domain.units import Fen
from domain.weighing import WeighingKey
from tests.alert_acts import MANAGER, POLICIES, act
from tests.factories import CAP, MARKET, NOW, put_market

BASIS: Final = Basis(shipped=POLICIES.credit, supervision=POLICIES.supervision)
VENDOR: Final = VendorId("V-1")
#: The cycle before the one of NOW, and the running one.
QUARTER: Final = Period(first=date(2026, 7, 1), last=date(2026, 9, 30))
CYCLE: Final = Period(first=date(2026, 10, 1), last=date(2026, 11, 22))
#: Long before NOW: what was decided then may not be appealed any more.
LONG_AGO: Final = datetime(2026, 10, 9, 4, 0, tzinfo=UTC)
_numbers = count(1)


def market_of_reports(conn: Connection) -> None:
    """Put up the market with two vendors."""
    put_market(conn)
    conn.commit()


def breach(
    conn: Connection,
    at: datetime,
    *,
    vendor_id: VendorId = VENDOR,
    market_id: MarketId = MARKET,
    excess_fen: int = 3000,
    kind: AlertKind = AlertKind.PRICE_OVER_CAP,
) -> int:
    """Raise an alert about a sale above the cap; commit."""
    n = next(_numbers)
    key = WeighingKey(market_id, ScaleId("S-1"), JournalId("j"), n, at)
    alert_id = alerts.raise_alert(
        conn,
        NewAlert(
            market_id=market_id,
            kind=kind,
            vendor_id=vendor_id,
            stall_id=StallId("A-1"),
            scale_id=ScaleId("S-1"),
            species_code=SpeciesCode("F01"),
            business_day=(at + timedelta(hours=8)).date(),
            first_at=at,
            last_at=at,
            worst_excess_fen=excess_fen,
            worst_excess_permille=-(-excess_fen * 1000 // CAP),
            worst_cap_fen=CAP,
            worst_cap_unit=CapUnit.KG,
            overcharge_fen=Fen(excess_fen),
            note="",
            occurrences=(AlertOccurrence(key=key, excess_fen=excess_fen, overcharge_fen=Fen(excess_fen)),),
        ),
        at,
    )
    conn.commit()
    return alert_id


def confirmed(conn: Connection, at: datetime, *, decided_at: datetime | None = None, **more: Any) -> int:
    """Raise an alert and confirm it, at once or at a moment; commit."""
    alert_id = breach(conn, at, **more)
    act(conn, alert_id, AlertAction.CONFIRM, by=MANAGER, now=decided_at or at)
    return alert_id


def issued(
    conn: Connection,
    *,
    period: Period = CYCLE,
    variant: Variant = Variant.INNER,
    market_id: MarketId | None = MARKET,
    vendor_id: VendorId | None = VENDOR,
    now: datetime = NOW,
    by: str = "regulator",
    code: str = "",
) -> tuple[IssuedReport, Report]:
    """Issue a report."""
    conn.commit()
    asked = Asked(period=period, variant=variant, market_id=market_id, vendor_id=vendor_id)
    return issue(conn, asked, BASIS, by=by, now=now, code=(lambda: code) if code else new_code)
