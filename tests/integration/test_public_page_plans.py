"""The plans of what a hall's screen and a stall's code ask, pinned: each reads what it shows, after years."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from psycopg import Connection

from tests.factories import NOW
from tests.integration.office_tables import FILLING, MARKETS, OF_A_MARKET, VENDORS
from tests.integration.read_plans import Asked, filled_with, read

#: A stall and a scale for each vendor, three times moved; a list a day for two years; appeals, and codes.
BESIDE: Final = (
    *(
        f"""INSERT INTO {table} (market_id, {column}) SELECT 'm-' || n % {MARKETS}, '{letter}-' || n
           FROM generate_series(1, {VENDORS}) n"""
        for table, column, letter in (("stalls", "stall_id", "A"), ("scales", "scale_id", "S"))
    ),
    *(
        f"""INSERT INTO {table} (market_id, {thing}, vendor_id, valid{more})
           SELECT 'm-' || n % {MARKETS}, {values}, 'V-' || n,
                  tstzrange(timestamptz '2026-01-01' + k * interval '100 days',
                            CASE WHEN k < 3 THEN timestamptz '2026-01-01' + (k + 1) * interval '100 days' END){by}
           FROM generate_series(1, {VENDORS}) n, generate_series(0, 3) k"""
        for table, thing, values, more, by in (
            ("scale_bindings", "scale_id, stall_id", "'S-' || n, 'A-' || n", "", ""),
            ("stall_occupancies", "stall_id", "'A-' || n", ", entered_by", ", 'm'"),
        )
    ),
    f"""INSERT INTO public_vendor_codes (code, market_id, vendor_id, issued_by, issued_at)
       SELECT translate(lpad(n::text, 8, '0'), '01', 'XY'), 'm-' || n % {MARKETS}, 'V-' || n, 'm', now()
       FROM generate_series(1, {VENDORS}) n""",
    """INSERT INTO cap_lists (area, channel, source, status, effective, declared, loaded_at, published_by, published_at)
       SELECT 'sanya', 'stall', 's', 'published', span, span, now(), 'p', now()
       FROM (SELECT tstzrange(day, day + interval '1 day') AS span
             FROM generate_series(timestamptz '2024-12-01', timestamptz '2026-12-01', interval '1 day') day) one""",
    """INSERT INTO alert_steps (alert_id, at, actor, action, from_state, to_state)
       SELECT alert_id, opened_at, 'm', action, 'confirmed', 'confirmed' FROM alerts,
              unnest(CASE WHEN alert_id % 5 = 0 THEN '{confirm,appeal,uphold}'::text[] ELSE '{confirm}' END) action""",
)
GROWING: Final = {
    *("vendors", "stall_occupancies", "scale_bindings", "public_vendor_codes", "credit_events", "alert_steps"),
    *("cap_lists", "publicity_entries", "scales"),
}
IN_MARKET: Final = {"market_id": "m-7", "now": NOW}
OF_VENDOR: Final = {**IN_MARKET, "vendor_id": "V-1007"}
CYCLE: Final = {"since": datetime(2026, 10, 1, tzinfo=UTC), "until": datetime(2026, 11, 23, tzinfo=UTC)}


def _asked(name: str, parameters: dict[str, Any], most: int, subject: str = "public_pages") -> Asked:
    return Asked(subject=subject, name=name, parameters=parameters, most=most)


HOT: Final = [
    _asked("list_in_force", IN_MARKET, 20),
    _asked("list_that_ended", IN_MARKET, 20),
    # Who holds a stall, of all who ever did in this market, by both ways of holding one.
    _asked("stallholders", IN_MARKET, 10 * OF_A_MARKET),
    _asked("stalls_of_vendor", OF_VENDOR, 10),
    _asked("lines_of_cycle", {**IN_MARKET, **CYCLE}, 3 * OF_A_MARKET),
    _asked("appeal_steps", {"alert_ids": [5, 6, 7]}, 20),
    _asked("scales", OF_VENDOR, 10),
    _asked("by_code", {"code": "XXXXXXX7"}, 2, "public_codes"),
    _asked("of_vendor", OF_VENDOR, 2, "public_codes"),
]


@pytest.fixture(scope="module")
def filled(database_server: str) -> Iterator[Connection]:
    with filled_with(database_server, (*FILLING, *BESIDE)) as conn:
        yield conn


@pytest.mark.parametrize("asked", HOT, ids=str)
def test_a_public_page_reads_what_it_shows(filled: Connection, asked: Asked) -> None:
    whole, rows = read(filled, asked, GROWING)
    assert whole == set()
    assert 0 < rows <= asked.most
