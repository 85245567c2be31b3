"""The plans of what cases and the publicity list ask, pinned: nothing that grows is read whole, a list reads a page."""

from collections.abc import Iterator
from typing import Final

import pytest
from psycopg import Connection

from tests.integration.read_plans import Asked, filled_with, read

MARKETS, VENDORS, CASES = 40, 4_000, 12_000
#: One of so many penalties is not on the list.
IS_AWAITED = 100
FILLING: Final = (
    f"""INSERT INTO markets (market_id, name, area, channel)
       SELECT 'm-' || n, 'market', 'sanya', 'stall' FROM generate_series(0, {MARKETS - 1}) n""",
    f"""INSERT INTO vendors (market_id, vendor_id, name)
       SELECT 'm-' || n % {MARKETS}, 'V-' || n, 'v' FROM generate_series(1, {VENDORS}) n""",
    f"""INSERT INTO alerts (market_id, kind, vendor_id, scale_id, species_code, business_day, occurrences, first_at,
                           last_at, opened_at, updated_at)
       SELECT 'm-' || n % {MARKETS}, CASE WHEN n % 9 = 0 THEN 'tare_abuse' ELSE 'price_over_cap' END,
              'V-' || (n % {VENDORS} + 1), 's', '', date '2000-01-01' + n, 1, now(), now(), now(), now()
       FROM generate_series(1, {CASES}) n""",
    f"""INSERT INTO cases (market_id, vendor_id, state, opened_at, opened_by, updated_at, officer)
       SELECT 'm-' || v % {MARKETS}, 'V-' || v,
              CASE WHEN n % 10 = 0 THEN 'opened' WHEN n % 10 = 1 THEN 'decided' ELSE 'closed' END, now(), 'x', now(),
              'officer-' || n % 20
       FROM generate_series(1, {CASES}) n, LATERAL (SELECT n % {VENDORS} + 1 AS v) w""",
    """INSERT INTO case_alerts (case_id, alert_id, added_at, added_by)
       SELECT case_id, case_id, now(), 'x' FROM cases""",
    """INSERT INTO case_steps (case_id, at, actor, action, from_state, to_state)
       SELECT case_id, now(), 'x', 'open', 'opened', 'opened' FROM cases""",
    """INSERT INTO alert_steps (alert_id, at, actor, action, from_state, to_state, penalty_document_no,
                                penalty_authority, penalty_decided_on, penalty_decision)
       SELECT case_id, now(), 'x', 'record_penalty', 'escalated', 'penalised', 'D-' || case_id, '市监局',
              date '2026-01-01', 'd' FROM cases WHERE state <> 'opened'""",
    """INSERT INTO case_decisions (case_id, market_id, vendor_id, outcome, document_no, authority, decided_on, decision,
                                   basis_code, basis, basis_reason, kind, field, is_simple, recorded_at, recorded_by)
       SELECT case_id, market_id, vendor_id, 'penalised', 'D-' || case_id, '市监局', date '2026-01-01', 'd', 'b', 'b',
              '', 'fine', 'general', false, now(), 'x' FROM cases WHERE state <> 'opened'""",
    f"""INSERT INTO publicity_entries (market_id, vendor_id, case_id, alert_id, document_no, authority, decided_on,
                                      kind, decision, basis, policy_version, published_from, published_to,
                                      repairable_from)
       SELECT market_id, vendor_id, case_id, case_id, document_no, authority, decided_on, kind, decision, basis, '1',
              date '2026-01-01', date '2029-01-01', date '2026-04-01' FROM case_decisions
       WHERE case_id % {IS_AWAITED} <> 1""",
    # A clerk had looked since.
    f"DELETE FROM penalties_awaited WHERE alert_step_id % {IS_AWAITED} <> 1",
)
GROWING: Final = {
    *("vendors", "alerts", "alert_steps", "cases", "case_alerts", "case_steps", "case_decisions", "publicity_entries"),
}
ANY: Final = dict.fromkeys(
    ("market_id", "vendor_id", "vendor", "vendor_name", "states", "cause", "kind", "officer", "before")
)
LIST: Final = {**ANY, "limit": 51}
OF_VENDOR: Final = {"market_id": "m-7", "vendor_id": "V-7", "limit": 21}
OF_A_MARKET: Final = CASES // MARKETS
OPEN: Final = ["opened", "investigating", "notified", "heard"]


#: A line of the list reads its case, vendor, alerts and decision.
A_PAGE: Final = 51 * 8
A_ROUND: Final = CASES // IS_AWAITED * 8
HOT: Final = [
    Asked(subject="case_lists", name="listed", parameters=LIST, most=A_PAGE),
    Asked(subject="case_lists", name="listed", parameters={**LIST, "before": 4000}, most=A_PAGE),
    Asked(subject="case_lists", name="listed", parameters={**LIST, "states": OPEN}, most=A_PAGE + 600),
    # Markets are mixed evenly here: their newest are found among the newest of all.
    Asked(subject="case_lists", name="listed", parameters={**LIST, "market_id": "m-7"}, most=A_PAGE + 51 * MARKETS),
    Asked(
        subject="case_lists",
        name="listed",
        parameters={**LIST, "market_id": "m-7", "states": OPEN},
        most=A_PAGE + 3 * OF_A_MARKET,
    ),
    Asked(subject="case_lists", name="listed", parameters={**LIST, "kind": "tare_abuse"}, most=A_PAGE + 3 * 9 * 51),
    Asked(subject="case_lists", name="listed", parameters={**LIST, **OF_VENDOR}, most=100),
    Asked(subject="vendor_files", name="penalties", parameters=OF_VENDOR, most=100),
    Asked(subject="cases", name="cases_of_alerts", parameters={"alert_ids": list(range(1, 51))}, most=200),
    Asked(subject="cases", name="undecided_of_vendor", parameters=OF_VENDOR, most=10),
    Asked(
        subject="publicity",
        name="changed_since",
        parameters={"revision": 4000, "limit": 50, "market_id": None},
        most=200,
    ),
    # Each reads its step, alert, decision, case, revocations and entry.
    Asked(subject="publicity", name="waiting", parameters={"kinds": ["fine"], "after": 0, "limit": 200}, most=A_ROUND),
    Asked(subject="publicity", name="forget_awaited", parameters={"kinds": ["fine"]}, most=A_ROUND),
    Asked(subject="publicity", name="revoked_with", parameters={"alert_id": 77}, most=50),
    Asked(
        subject="publicity",
        name="of_document",
        parameters={**OF_VENDOR, "authority": "市监局", "document_no": "D-7"},
        most=5,
    ),
]


@pytest.fixture(scope="module")
def filled(database_server: str) -> Iterator[Connection]:
    with filled_with(database_server, FILLING) as conn:
        yield conn


@pytest.mark.parametrize("asked", HOT, ids=str)
def test_what_is_asked_goes_by_an_index_and_reads_little(filled: Connection, asked: Asked) -> None:
    whole, rows = read(filled, asked, GROWING)
    assert whole == set()
    assert rows <= asked.most
