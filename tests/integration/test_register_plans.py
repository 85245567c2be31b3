"""The plans of what a vendor's file and the register's pages ask, pinned: nothing that grows is read whole."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from psycopg import Connection

from db.queries import load
from tests.factories import NOW
from tests.integration.read_plans import filled_with

VENDORS, ALERTS_EACH = 4_000, 4
GROWING = {
    *("vendors", "stalls", "scales", "scale_bindings", "stall_occupancies", "alerts", "credit_events"),
    *("registry_events", "personal_data_views", "vendor_exemptions", "scale_verifications"),
}
FILLING = (
    """INSERT INTO markets (market_id, name, area, channel)
       SELECT 'm-' || n, 'market', 'sanya', 'stall' FROM generate_series(1, 4) n""",
    f"""INSERT INTO vendors (market_id, vendor_id, name, pinyin, credit_code)
       SELECT 'm-' || n % 4 + 1, 'V-' || n, chr(20000 + n % 500) || '海鲜' || n, ARRAY['a' || n % 7, 'hai', 'xian'],
              CASE WHEN n % 2 = 0 THEN '91460200' || lpad(n::text, 9, '0') || 'X' ELSE '' END
       FROM generate_series(1, {VENDORS}) n""",
    "INSERT INTO stalls (market_id, stall_id) SELECT market_id, 'A' || vendor_id FROM vendors",
    "INSERT INTO scales (market_id, scale_id) SELECT market_id, 'S' || vendor_id FROM vendors",
    """INSERT INTO stall_occupancies (market_id, stall_id, vendor_id, valid, entered_by)
       SELECT market_id, 'A' || vendor_id, vendor_id, tstzrange('2026-01-01', NULL), 'x' FROM vendors""",
    """INSERT INTO scale_bindings (market_id, scale_id, stall_id, vendor_id, valid)
       SELECT market_id, 'S' || vendor_id, 'A' || vendor_id, vendor_id, tstzrange('2026-01-01', NULL) FROM vendors""",
    f"""INSERT INTO alerts (market_id, kind, vendor_id, scale_id, species_code, business_day, occurrences, first_at,
                           last_at, opened_at, updated_at)
       SELECT market_id, 'price_over_cap', vendor_id, 'S' || vendor_id, '', date '2026-11-22' - n, 1, now(), now(),
              now() - n * interval '1 day', now() FROM vendors, generate_series(1, {ALERTS_EACH}) n""",
    """INSERT INTO credit_events (market_id, vendor_id, occurred_at, recorded_at, recorded_by, reason, points, rule,
                                  rules_version)
       SELECT market_id, vendor_id, now(), now(), 'x', 'price_over_cap', -1, 'r', '1' FROM vendors""",
    """INSERT INTO registry_events (market_id, subject, subject_id, action, changes, source, by, at)
       SELECT market_id, 'vendor', vendor_id, 'corrected', '{}', 'page', 'x', now() FROM vendors""",
    """INSERT INTO personal_data_views (market_id, vendor_id, fields, how, because, by, at)
       SELECT market_id, vendor_id, '{phone}', 'page', 'why', 'x', now() FROM vendors""",
    """INSERT INTO vendor_exemptions (market_id, vendor_id, valid, granted, reason, granted_by, granted_at)
       SELECT market_id, vendor_id, tstzrange('2026-01-01', NULL), tstzrange('2026-01-01', NULL), 'r', 'x', now()
       FROM vendors""",
    """INSERT INTO scale_verifications (market_id, scale_id, verified_on, valid_until, certificate_no, passed,
                                        entered_by, entered_at)
       SELECT market_id, scale_id, '2026-06-30', '2027-06-29', 'C', true, 'x', now() FROM scales""",
)
ONE = {"market_id": "m-1", "vendor_id": "V-400", "limit": 21}
PAGE = {"market_id": None, "now": NOW, "limit": 51, "offset": 0, "most": 1000}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A query and its parameters; None in `market_id` asks of all markets."""

    subject: str
    name: str
    parameters: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.subject}-{self.name}-{self.parameters.get('market_id')}"


HOT = [
    Asked(subject="register_vendors", name="one", parameters=ONE),
    Asked(
        subject="register_vendors",
        name="elsewhere",
        parameters={"credit_code": "91460200000000400X", "market_id": "m-1"},
    ),
    Asked(subject="register_stalls", name="occupancies_of_vendor", parameters=ONE),
    Asked(subject="register_stalls", name="occupancies_of_stall", parameters={**ONE, "stall_id": "AV-400"}),
    Asked(subject="register_scales", name="stays_of_vendor", parameters=ONE),
    Asked(subject="register_scales", name="with_vendor", parameters={**ONE, "moment": NOW}),
    Asked(subject="register_scales", name="stays_of_stall", parameters={**ONE, "stall_id": "AV-400"}),
    Asked(subject="register_scales", name="stays_of_scale", parameters={**ONE, "scale_id": "SV-400"}),
    Asked(subject="register_scales", name="several", parameters={"market_id": "m-1", "scale_ids": ["SV-400"]}),
    Asked(subject="register_scales", name="verifications", parameters={**ONE, "scale_id": "SV-400"}),
    Asked(subject="exemptions", name="listed", parameters={**ONE, "exemption_id": None}),
    Asked(subject="vendor_files", name="newest_alerts", parameters=ONE),
    Asked(subject="vendor_files", name="alert_counts", parameters={**ONE, "most": 5000}),
    Asked(subject="vendor_files", name="inspections", parameters={**ONE, "hidden": ["combined", "drawn"]}),
    Asked(subject="credit", name="of_vendor", parameters=ONE),
    Asked(subject="register_events", name="of_subject", parameters={**ONE, "subject": "vendor", "subject_id": "V-400"}),
    Asked(subject="personal_data_views", name="of_vendor", parameters=ONE),
    Asked(subject="personal_data_views", name="newest", parameters={"limit": 101, "offset": 0}),
    *(
        Asked(
            subject="register_search",
            name="found",
            parameters={**PAGE, "lexeme": f"'{text}':*", "beginning": f"{text}%", "licence_no": text},
        )
        for text in ("haixian", "hx", "v-400", "av-400", "91460200000000400x", "海鲜400")
    ),
    Asked(subject="register_search", name="listed", parameters=PAGE),
    Asked(subject="register_search", name="listed", parameters={**PAGE, "market_id": "m-2"}),
    Asked(
        subject="register_search", name="stalls_listed", parameters={**PAGE, "market_id": "m-2", "beginning": "av-4%"}
    ),
    Asked(subject="register_search", name="stalls_listed", parameters={**PAGE, "beginning": "av-400%"}),
    Asked(subject="register_search", name="scales_listed", parameters={**PAGE, "beginning": "sv-400%"}),
    Asked(subject="register_search", name="scales_listed", parameters={**PAGE, "beginning": "%"}),
]


@pytest.fixture(scope="module")
def registered(database_server: str) -> Iterator[Connection]:
    with filled_with(database_server, FILLING) as conn:
        yield conn


def read_from_end_to_end(conn: Connection, asked: Asked) -> set[str]:
    row = conn.execute(b"EXPLAIN (FORMAT JSON) " + load(asked.subject)[asked.name], asked.parameters).fetchone()
    assert row is not None
    found: set[str] = set()
    waiting = [row[0][0]["Plan"]]
    while waiting:
        node = waiting.pop()
        if node["Node Type"] == "Seq Scan" and node["Relation Name"] in GROWING:
            found.add(node["Relation Name"])
        waiting += node.get("Plans", ())
    return found


@pytest.mark.parametrize("asked", HOT, ids=str)
def test_what_a_page_asks_goes_by_an_index(registered: Connection, asked: Asked) -> None:
    assert read_from_end_to_end(registered, asked) == set()


def test_a_read_of_everything_would_be_noticed(registered: Connection) -> None:
    everything = Asked(subject="register_vendors", name="without_pinyin")
    assert read_from_end_to_end(registered, everything) == {"vendors"}
