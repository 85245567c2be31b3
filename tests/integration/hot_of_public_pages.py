"""Hot queries of the pages that anybody reads."""

from datetime import timedelta

from tests.factories import MARKET, NOW
from tests.integration.hot_query import BY_LINE, BY_MARKET, DAY, VOIDS, Asked

OF_PUBLIC_PAGES = [
    Asked(
        subject="public_pages",
        name="sold",
        parameters={
            "market_id": MARKET,
            "vendor_id": "V-7",
            "since": NOW - DAY - timedelta(hours=4),
            "until": NOW - timedelta(hours=4),
        },
        indexes={"weighings_by_vendor", BY_MARKET, BY_LINE, VOIDS},
        chunks=2,
    ),
]
