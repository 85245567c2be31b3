"""The plans of what approvals and exports ask, pinned: nothing that grows is read whole, and a market reads its own."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

import psycopg
import pytest
from psycopg import Connection

from db.export_accesses import Where
from db.migrate import migrate
from db.queries import load
from db.time_spans import EVER
from tests.databases import copies
from tests.databases.server import url_of_database
from tests.factories import NOW

MARKETS, VENDORS = 40, 8_000
OF_A_MARKET: Final = VENDORS // MARKETS
_CODE: Final = "'91460200' || lpad(n::text, 9, '0') || 'X', lpad(n::text, 15, '0')"
FILLING: Final = (
    f"""INSERT INTO markets (market_id, name, area, channel)
       SELECT 'm-' || n, 'market', 'sanya', 'stall' FROM generate_series(0, {MARKETS - 1}) n""",
    f"""INSERT INTO vendors (market_id, vendor_id, name, credit_code, licence_no)
       SELECT 'm-' || n % {MARKETS}, 'V-' || n, 'v', {_CODE} FROM generate_series(1, {VENDORS}) n""",
    f"""INSERT INTO approvals (authority, number, version, kind, act, subject_name, credit_code, licence_no, issued_on,
                              digest, received_at, is_matched)
       SELECT '审批局', 'JY' || lpad(n::text, 6, '0'), 1, 'permit', 'new', '甲', {_CODE}, date '2026-01-02',
              sha256(n::text::bytea), now(), n % 100 > 0 FROM generate_series(1, {VENDORS}) n""",
    """INSERT INTO approval_receipts (feed, name, content, digest, received_by, received_at)
       SELECT 'file', 'x', '', sha256(''), 'x', now() FROM generate_series(1, 2000)""",
    """INSERT INTO approval_versions (approval_id, version, authority, number, kind, act, subject_name, credit_code,
                                      licence_no, issued_on, scope, digest, changes, is_late, feed, receipt_id,
                                      received_at, received_by)
       SELECT approval_id, 1, authority, number, kind, act, subject_name, credit_code, licence_no, issued_on, '',
              digest, '{}', false, 'api', approval_id % 2000 + 1, now(), 'x' FROM approvals""",
    f"""INSERT INTO approval_matches (approval_id, market_id, vendor_id, how, by, at)
       SELECT n, 'm-' || n % {MARKETS}, 'V-' || n, 'credit_code', 'x', now() FROM generate_series(1, {VENDORS}) n""",
    """INSERT INTO approval_checks (approval_id, version, opened_at, due_on, policy_version, state)
       SELECT approval_id, 1, now(), date '2026-11-01' + (approval_id % 90)::integer, '1',
              CASE WHEN approval_id % 3 = 0 THEN 'open' ELSE 'withdrawn' END FROM approvals""",
    """INSERT INTO happenings (kind, approval_check_id, at, once)
       SELECT 'check_overdue', check_id, now(), 'check_overdue:' || check_id || ':' || due_on FROM approval_checks""",
    """INSERT INTO happenings (kind, at, once)
       SELECT 'endpoint_disabled', now(), 'o-' || n FROM generate_series(1, 40000) n""",
    f"""INSERT INTO export_records (form, record_id, version, market_id, vendor_id, made_at, body)
       SELECT 'credit_record', 'r-' || n, 1, 'm-' || n % {MARKETS}, 'V-' || n, now(), '{{}}'
       FROM generate_series(1, {VENDORS}) n""",
    """INSERT INTO export_destinations (name, url, secret, forms, market_ids, sees_identities, created_at, created_by)
       SELECT 'd-' || n, 'https://example.com/', '', '{credit_record}', '{}', false, now(), 'x'
       FROM generate_series(1, 4) n""",
    """INSERT INTO export_batches (destination_id, form, idempotency_key, body, media_type, records, made_at, state,
                                   next_attempt_at, settled_at)
       SELECT n % 4 + 1, 'credit_record', 'k-' || n, '', 'application/json', 1, now(),
              CASE WHEN n % 20 = 0 THEN 'waiting' ELSE 'answered' END, now(), CASE WHEN n % 20 > 0 THEN now() END
       FROM generate_series(1, 8000) n""",
    """INSERT INTO export_deliveries (destination_id, revision, form, record_id, version, batch_id, state)
       SELECT destination_id, revision, form, record_id, version, revision,
              CASE WHEN revision % 50 = 0 THEN 'refused' ELSE 'accepted' END
       FROM export_records, generate_series(1, 2) destination_id""",
    """INSERT INTO export_tokens (key_id, digest, department, contact, scopes, market_ids, networks, created_at,
                                  created_by, expires_at)
       SELECT 'k-' || n, '', 'd', 'c', '{credit:read}', '{}', '{}', now(), 'x', now() + interval '1 day'
       FROM generate_series(1, 20) n""",
    """INSERT INTO export_accesses (at, token_id, address, asked, status, records, identities, problem)
       SELECT timestamptz '2026-11-22 12:00+08' - n * interval '1 minute', n % 20 + 1, 'a', '/',
              CASE WHEN n % 200 = 0 THEN 403 ELSE 200 END, 1, false, ''
       FROM generate_series(1, 10000) n""",
    f"""INSERT INTO export_access_markets (market_id, at, access_id)
       SELECT 'm-' || access_id % {MARKETS}, at, access_id FROM export_accesses WHERE status = 200""",
)
GROWING: Final = {
    *("vendors", "approvals", "approval_versions", "approval_matches", "approval_checks", "approval_receipts"),
    *("export_records", "export_batches", "export_deliveries", "export_accesses", "export_stale_vendors"),
    "export_access_markets",
    "happenings",
}
IN_MARKET: Final = {"market_id": "m-7", "overdue_on": None, "due_on": None, "after": None, "limit": 50}
A_DAY: Final = date(2026, 11, 11)
IDS: Final = {"approval_ids": [7, 47, 87], "by": "system", "at": NOW}
LEDGER: Final = {"destination_id": None, "state": None, "before": 2**62, "limit": 100}
ACCESSES: Final = {
    **{name: getattr(Where(), name) for name in Where.__slots__},
    "before_at": EVER[1],
    "before_id": 2**62,
    "limit": 100,
}
ACCESSES_OF_A_DAY: Final = {"since": NOW - timedelta(days=5), "until": NOW - timedelta(days=4)}
OF_TOKEN: Final = {"token_id": 7, "since": NOW - timedelta(minutes=1), "most": 60}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A query, its parameters, and how many rows it may read at most."""

    subject: str
    name: str
    parameters: dict[str, Any] = field(default_factory=dict)
    most: int

    def __str__(self) -> str:
        return f"{self.subject}-{self.name}"


def _asked(subject: str, name: str, parameters: dict[str, Any], most: int) -> Asked:
    return Asked(subject=subject, name=name, parameters=parameters, most=most)


HOT: Final = [
    _asked("approval_checks", "awaited", IN_MARKET, 60),
    _asked("approval_checks", "finished", IN_MARKET, 60),
    *(_asked("approval_checks", f"{name}_in_market", IN_MARKET, 3 * OF_A_MARKET) for name in ("awaited", "finished")),
    _asked("approval_checks", "counts_in_market", {**IN_MARKET, "today": date(2026, 12, 1)}, 3 * OF_A_MARKET),
    _asked("approval_checks", "by_number", {**IN_MARKET, "pattern": "JY0004%"}, 250),
    _asked("approval_checks", "by_number_in_market", {**IN_MARKET, "pattern": "JY0004%"}, 3 * OF_A_MARKET),
    # What is overdue and told of is read each time, a ninth of it here; not what is due later, and of the news its own.
    _asked("approval_checks", "to_tell", {"today": A_DAY, "until": A_DAY, "limit": 500}, 800),
    _asked("approval_checks", "unmatched", IN_MARKET, 60),
    _asked("approval_checks", "latest_of", IDS, 10),
    _asked("approval_checks", "to_export", {"limit": 50}, 60),
    _asked("approvals", "known", {"authorities": ["审批局"] * 2, "numbers": ["JY000007", "JY000008"]}, 10),
    _asked("approvals", "match_by_codes", IDS, 60),
    _asked("approvals", "end_stale", IDS, 60),
    _asked("approvals", "about_vendors", {"market_ids": ["m-7", "m-8"], "vendor_ids": ["V-7", "V-8"]}, 20),
    _asked("approvals", "of_vendor", {"market_id": "m-7", "vendor_id": "V-7", "limit": 20}, 10),
    _asked("approvals", "receipts", {"limit": 20}, 30),
    _asked("approvals", "forget_old", {"before": NOW - timedelta(days=900)}, 10),
    _asked("approvals", "remove_contents", {"before": NOW - timedelta(days=900), "at": NOW, "limit": 50}, 10),
    _asked("export_records", "since", {"form": "credit_record", "revision": 4000, "limit": 50}, 60),
    _asked(
        "export_records",
        "since_in_markets",
        {"form": "credit_record", "revision": 0, "market_ids": ["m-7", "m-8"], "limit": 50},
        100,
    ),
    _asked("export_records", "latest", {"form": "credit_record", "record_ids": ["r-7", "r-8"]}, 10),
    _asked("export_deliveries", "next_due", {"only_well": True}, 10),
    _asked(
        "export_deliveries", "claim", {"now": NOW, "lease": timedelta(minutes=1), "limit": 4, "only_well": True}, 40
    ),
    _asked("export_deliveries", "of_batch", {"batch_id": 77}, 10),
    _asked("export_deliveries", "ledger", LEDGER, 300),
    _asked("export_deliveries", "ledger", {**LEDGER, "destination_id": 2, "state": "refused"}, 500),
    _asked("export_deliveries", "ledger", {**LEDGER, "state": "refused"}, 500),
    _asked(
        "export_deliveries",
        "settle_delivery",
        {"destination_id": 1, "revision": 77, "state": "accepted", "answer": "", "now": NOW},
        2,
    ),
    _asked("export_tokens", "in_the_way", OF_TOKEN, 10),
    _asked("export_tokens", "turned_away", OF_TOKEN, 10),
    _asked("export_tokens", "tokens", {"token_id": None}, 60),
    _asked("export_accesses", "page", ACCESSES, 130),
    _asked("export_accesses", "page", {**ACCESSES, **ACCESSES_OF_A_DAY}, 130),
    _asked("export_accesses", "page", {**ACCESSES, "token_id": 7}, 130),
    _asked("export_accesses", "page", {**ACCESSES, "status": 403}, 130),
    _asked("export_accesses", "page", {**ACCESSES, "refused": True}, 130),
    _asked("export_accesses", "page_of_market", {**ACCESSES, "market_id": "m-7"}, 250),
    _asked("export_accesses", "page_of_market", {**ACCESSES, **ACCESSES_OF_A_DAY, "market_id": "m-7"}, 250),
]


@pytest.fixture(scope="module")
def filled(database_server: str) -> Iterator[Connection]:
    with copies.database(database_server, copies.new_name("plans")) as name:
        url = url_of_database(database_server, name)
        migrate(url)
        with psycopg.connect(url, autocommit=True) as conn:
            for statement in FILLING:
                conn.execute(statement.encode())
            conn.execute(b"VACUUM ANALYZE")
            yield conn


def read(conn: Connection, asked: Asked) -> tuple[set[str], int]:
    """Return what is read from end to end, and how many rows are read of what grows."""
    with conn.transaction(force_rollback=True):
        row = conn.execute(
            b"EXPLAIN (ANALYZE, FORMAT JSON) " + load(asked.subject)[asked.name], asked.parameters
        ).fetchone()
    assert row is not None
    whole: set[str] = set()
    rows, waiting = 0, [row[0][0]["Plan"]]
    while waiting:
        node = waiting.pop()
        if "Scan" in node["Node Type"] and node.get("Relation Name") in GROWING:
            if node["Node Type"] == "Seq Scan":
                whole.add(node["Relation Name"])
            rows += round((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"])
        waiting += node.get("Plans", ())
    return whole, rows


@pytest.mark.parametrize("asked", HOT, ids=str)
def test_what_is_asked_goes_by_an_index_and_reads_little(filled: Connection, asked: Asked) -> None:
    whole, rows = read(filled, asked)
    assert whole == set()
    assert rows <= asked.most


def test_a_read_of_everything_would_be_noticed(filled: Connection) -> None:
    counts = Asked(subject="approval_checks", name="counts", parameters={"today": date(2026, 12, 1)}, most=100)
    assert read(filled, counts)[1] > counts.most
