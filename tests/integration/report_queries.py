"""The queries of credit reports whose plans are pinned: a vendor's read its own, and a page of the list no more."""

from datetime import date
from typing import Any, Final

from supervision.alerts.states import STANDING
from tests.factories import NOW
from tests.integration.office_tables import MARKETS, OF_A_MARKET
from tests.integration.read_plans import Asked

OF_VENDOR: Final[dict[str, Any]] = {
    "market_id": "m-7",
    "vendor_id": "V-1007",
    "known_at": NOW,
    "final_until": date(2026, 11, 13),
    "standing": sorted(STANDING),
    "since": date(2026, 7, 1),
    "until": date(2026, 11, 22),
}
OF_MARKET: Final = {**OF_VENDOR, "vendor_id": None}


def _asked(name: str, parameters: dict[str, Any], most: int) -> Asked:
    return Asked(subject="report_figures", name=name, parameters=parameters, most=most)


def _kept(name: str, parameters: dict[str, Any], most: int) -> Asked:
    return Asked(subject="credit_reports", name=name, parameters=parameters, most=most)


OF_REPORTS: Final = [
    *(_asked(name, OF_VENDOR, 20) for name in ("lines", "alert_counts", "appeals", "promises", "penalties", "marks")),
    _asked("vendors", OF_VENDOR, 5),
    _asked("lines", OF_MARKET, 4 * OF_A_MARKET),
    _asked("alert_counts", OF_MARKET, 4 * OF_A_MARKET),
    _asked("marks", OF_MARKET, 8 * OF_A_MARKET),
    # Walking back through everybody's, one in forty of which is the market's, costs fewer pages here than its index.
    _kept("listed", {"market_id": "m-7", "before": None, "limit": 51}, 60 * MARKETS),
    _kept("listed", {"market_id": None, "before": 3000, "limit": 51}, 120),
    _kept("by_code", {"code": "000000000077"}, 5),
    _kept("by_id", {"report_id": 77}, 5),
    _kept("file", {"report_id": 77, "sha256": b"x" * 32}, 2),
]
