"""Hot queries of portraits: what reads weighings, a day of one market at a time."""

from datetime import timedelta

from tests.factories import MARKET, NOW
from tests.integration.hot_query import BY_MARKET, DAY, VOIDS, Asked

A_DAY = (NOW - 7 * DAY).date()
MIDNIGHT = NOW.replace(hour=0, minute=0) - 7 * DAY

OF_PORTRAITS = [
    Asked(
        subject="vendor_days",
        name="count_day",
        parameters={
            "market_id": MARKET,
            "day": A_DAY,
            "since": MIDNIGHT - DAY,
            "until": MIDNIGHT + 2 * DAY,
            "voided_until": MIDNIGHT + 3 * DAY,
            "near_permille": 950,
        },
        indexes={BY_MARKET, VOIDS},
        chunks=3,
        whole_chunks=True,
    ),
    Asked(
        subject="vendor_days",
        name="days_to_count",
        parameters={
            "market_id": MARKET,
            "since": A_DAY - timedelta(days=20),
            "until": A_DAY,
            "near_permille": 950,
            "again_from": A_DAY - timedelta(days=20),
            "now": NOW,
        },
        indexes={BY_MARKET},
        chunks=5,
    ),
]
