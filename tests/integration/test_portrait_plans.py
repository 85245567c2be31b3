"""The plans of portraits, pinned: a page reads its vendor's rows, and a night's work those of its market."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Final

import pytest
from psycopg import Connection

from tests.integration.read_plans import Asked, filled_with, read

MARKETS, VENDORS, DAYS = 20, 4_000, 28
OF_A_MARKET: Final = VENDORS // MARKETS
SINCE, UNTIL = date(2026, 10, 25), date(2026, 11, 21)
GROWING: Final = {
    *("vendor_days", "vendor_days_counted", "vendor_portraits", "vendor_portrait_axes", "portrait_quartiles"),
    *("scale_bindings", "complaints", "complaint_weighings", "alerts", "alert_steps", "vendors"),
}
FILLING: Final = (
    f"""INSERT INTO markets (market_id, name, area, channel)
       SELECT 'm-' || n, 'market', 'sanya', 'stall' FROM generate_series(0, {MARKETS - 1}) n""",
    f"""INSERT INTO vendors (market_id, vendor_id, name)
       SELECT 'm-' || n % {MARKETS}, 'V-' || n, 'v' FROM generate_series(1, {VENDORS}) n""",
    "INSERT INTO stalls (market_id, stall_id) SELECT market_id, vendor_id FROM vendors",
    "INSERT INTO scales (market_id, scale_id) SELECT market_id, vendor_id FROM vendors",
    """INSERT INTO scale_bindings (market_id, scale_id, stall_id, vendor_id, valid)
       SELECT market_id, vendor_id, vendor_id, vendor_id, tstzrange('2025-01-01', NULL) FROM vendors""",
    f"""INSERT INTO vendor_days
       SELECT market_id, vendor_id, date '{SINCE}' + n, 'fish', 10, 1000, 100, 10, 1, 1
       FROM vendors, generate_series(0, {DAYS - 1}) n""",
    f"""INSERT INTO vendor_days_counted
       SELECT market_id, date '{SINCE}' + n, 100, 950, now() FROM markets, generate_series(-300, {DAYS - 1}) n""",
    """INSERT INTO vendor_portraits
       SELECT market_id, vendor_id, 'fish', 1000, 1, '{1}', '{}', '{}', '{}', '{}', '{}', '{}', '{}' FROM vendors""",
    """INSERT INTO vendor_portrait_axes (market_id, vendor_id, axis, part, whole, value, rank_permille, peers)
       SELECT market_id, vendor_id, axis, 1, 2, 500, 500, 199
       FROM vendors, unnest(ARRAY['volume', 'prices', 'verification', 'scale_use', 'complaints', 'response']) axis""",
    """INSERT INTO portrait_quartiles
       SELECT market_id, goods, axis, week, 200, 1, 2, 3 FROM markets, unnest(ARRAY['fish', 'crab', 'shrimp']) goods,
       unnest(ARRAY['volume', 'prices', 'scale_use']) axis, generate_series(-1, 12) week""",
    f"""INSERT INTO alerts (market_id, kind, vendor_id, scale_id, species_code, business_day, state, occurrences,
                           first_at, last_at, opened_at, updated_at, decided_at, decided_by, is_counting, rectify_by)
       SELECT market_id, 'price_over_cap', vendor_id, vendor_id, 'F-' || n, date '{SINCE}' - n * 30, 'closed', 1,
              now(), now(), now(), now(), now(), 'm', false, CASE WHEN n % 5 = 0 THEN date '{UNTIL}' - n * 30 END
       FROM vendors, generate_series(0, 9) n""",
    """INSERT INTO alert_steps (alert_id, at, actor, action, from_state, to_state)
       SELECT alert_id, now(), 'm', 'report_rectified', 'rectifying', 'rectified' FROM alerts""",
    f"""INSERT INTO complaints (market_id, channel, reason, words, received_at, status_digest, content_digest,
                               policy_version, clock_from, stall_id, state, outcome, answer, answered_at, ended_at,
                               has_contact)
       SELECT market_id, 'counter', 'tare', 'w', at, sha256((vendor_id || n)::bytea), sha256('c'), '1', at, vendor_id,
              'closed', 'upheld', 'a', at, at, false
       FROM vendors, generate_series(0, 4) n,
            LATERAL (SELECT timestamptz '{UNTIL} 12:00+08' - n * interval '60 days' AS at) late""",
    """INSERT INTO complaint_weighings
       SELECT c.complaint_id, c.market_id, 'S', 'j', c.complaint_id, c.received_at, a.alert_id, c.received_at, 'm'
       FROM complaints c JOIN alerts a ON a.alert_id = c.complaint_id""",
)
VENDOR: Final = {"market_id": "m-7", "vendor_id": "V-1007"}
OF_DAYS: Final = {"market_id": "m-7", "since": SINCE, "until": UNTIL}
MOMENTS: Final = {
    "market_id": "m-7",
    "since": datetime(2026, 10, 25, tzinfo=UTC),
    "until": datetime(2026, 11, 22, tzinfo=UTC),
}
OF_PAGES: Final = [
    Asked(subject="portraits", name="of_vendor", parameters=VENDOR, most=2),
    Asked(subject="portraits", name="axes_of_vendor", parameters=VENDOR, most=10),
    Asked(subject="portraits", name="quartiles", parameters={"market_id": "m-7", "goods": "fish"}, most=60),
    Asked(subject="portraits", name="stays_of_vendor", parameters={**MOMENTS, **VENDOR}, most=5),
    Asked(subject="portraits", name="complaints_named", parameters={"complaint_ids": [7, 1007]}, most=5),
    Asked(subject="portraits", name="alerts_named", parameters={"alert_ids": [7, 1007]}, most=5),
    Asked(
        subject="portraits",
        name="price_alerts",
        parameters={**OF_DAYS, **VENDOR, "kinds": ["price_over_cap"], "limit": 500},
        most=15,
    ),
    Asked(subject="vendor_days", name="of_vendor", parameters={**OF_DAYS, **VENDOR}, most=2 * DAYS),
    Asked(subject="vendor_days", name="trading_days", parameters=OF_DAYS, most=2 * DAYS),
]
OF_NIGHTS: Final = [
    Asked(subject="vendor_days", name="sold", parameters=OF_DAYS, most=OF_A_MARKET * DAYS),
    Asked(subject="vendor_days", name="forget_day", parameters={"market_id": "m-7", "day": UNTIL}, most=OF_A_MARKET),
    Asked(subject="portraits", name="rectifications", parameters=OF_DAYS, most=3 * OF_A_MARKET),
    Asked(subject="portraits", name="complaints", parameters=MOMENTS, most=8 * OF_A_MARKET),
    Asked(subject="portraits", name="stays", parameters=MOMENTS, most=2 * OF_A_MARKET),
]


@pytest.fixture(scope="module")
def filled(database_server: str) -> Iterator[Connection]:
    with filled_with(database_server, FILLING) as conn:
        yield conn


@pytest.mark.parametrize("asked", [*OF_PAGES, *OF_NIGHTS], ids=str)
def test_nothing_that_grows_is_read_beyond_what_is_shown(filled: Connection, asked: Asked) -> None:
    whole, rows = read(filled, asked, GROWING)
    assert whole == set()
    assert 0 < rows <= asked.most
