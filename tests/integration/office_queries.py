"""The queries of offices whose plans are pinned: what each is asked with, and how many rows it may read."""

from datetime import date, datetime, timedelta
from typing import Any, Final

from db.export_accesses import Where
from db.time_spans import EVER
from tests.factories import NOW
from tests.integration.office_tables import OF_A_MARKET
from tests.integration.read_plans import Asked
from tests.integration.report_queries import OF_REPORTS

GROWING: Final = {
    *("vendors", "approvals", "approval_versions", "approval_matches", "approval_checks", "approval_receipts"),
    *("export_records", "export_batches", "export_deliveries", "export_accesses", "export_stale_vendors"),
    *("alerts", "credit_events", "promises", "cases", "publicity_entries", "publicity_repairs"),
    *("inspections", "inspection_tasks", "export_access_markets", "happenings"),
    *("credit_records", "credit_repairs", "credit_repair_steps", "credit_month_vendors"),
    *("credit_reports", "credit_report_files"),
}
IN_MARKET: Final = {"market_id": "m-7", "overdue_on": None, "due_on": None, "after": None, "limit": 50}
IDS: Final = {"approval_ids": [7, 47, 87], "by": "system", "at": NOW}
LEDGER: Final = {"destination_id": None, "state": None, "before": 2**62, "after": 7, "limit": 100}
ACCESSES: Final = {
    **{name: getattr(Where(), name) for name in Where.__slots__},
    "before_at": EVER[1],
    "before_id": 2**62,
    "limit": 100,
}
ACCESSES_OF_A_DAY: Final = {"since": NOW - timedelta(days=5), "until": NOW - timedelta(days=4)}
A_DAY: Final = date(2026, 11, 11)
OF_TOKEN: Final = {"token_id": 7, "since": NOW - timedelta(minutes=1), "most": 60}


def _asked(subject: str, name: str, parameters: dict[str, Any], most: int) -> Asked:
    return Asked(subject=subject, name=name, parameters=parameters, most=most)


PROMISED: Final = {"market_id": "m-7", "states": ["kept", "broken"], "before": None, "limit": 51}
COUNTED: Final = {"market_id": "m-7", "states": ["kept", "offered"], "most": 20}
OF_PROMISES: Final = [
    _asked("promises", "listed", PROMISED, 300),
    _asked("promises", "listed", {**PROMISED, "before": 300}, 300),
    _asked("promises", "listed_in_market", PROMISED, 300),
    _asked("promises", "counts", COUNTED, 60),
    _asked("promises", "counts_in_market", COUNTED, 60),
    _asked("promises", "of_vendor", {"market_id": "m-7", "vendor_id": "V-1007"}, 5),
    _asked("promises", "of_alert", {"alert_id": 77}, 2),
    _asked("promises", "due", {"now": datetime(2020, 1, 1, tzinfo=NOW.tzinfo), "limit": 100}, 5),
]
OF_CASES: Final = [
    _asked("cases", "undecided_of_vendor", {"market_id": "m-7", "vendor_id": "V-1007"}, 5),
]
OF_A_VENDOR: Final = {"market_id": "m-7", "vendor_id": "V-1007", "limit": 50}
REPAIRED: Final = {"market_id": "m-7", "states": ["applied", "refused"], "before": None, "limit": 51}
OF_CREDIT_ACTS: Final = [
    _asked("credit_records", "of_vendor", OF_A_VENDOR, 5),
    _asked("credit_records", "by_id", {"record_id": 77}, 2),
    _asked(
        "credit_records",
        "the_same",
        {**OF_A_VENDOR, "name": "award", "document_no": "d-7", "happened_on": date(2026, 11, 1)},
        2,
    ),
    _asked("credit_repairs", "listed", REPAIRED, 500),
    _asked("credit_repairs", "listed", {**REPAIRED, "before": 300}, 500),
    _asked("credit_repairs", "listed_in_market", REPAIRED, 500),
    _asked("credit_repairs", "counts", {"states": ["applied", "refused"], "most": 20}, 60),
    _asked("credit_repairs", "counts_in_market", {"market_id": "m-7", "states": ["applied"], "most": 20}, 60),
    _asked("credit_repairs", "of_vendor", OF_A_VENDOR, 5),
    _asked("credit_repairs", "waiting_of_event", {"event_id": 97}, 2),
    _asked("credit_repairs", "steps_of", {"repair_id": 77}, 2),
    _asked("credit_repairs", "about_alerts", {"alert_ids": [77, 78]}, 10),
    _asked("credit_repairs", "waiting_in_vain", {"before": datetime(2020, 1, 1, tzinfo=NOW.tzinfo), "limit": 100}, 400),
    _asked(
        "credit_merits",
        "figures_of",
        {"market_id": "m-7", "vendor_id": "V-1007", "since": date(2026, 10, 1)},
        10,
    ),
]
ENTRIES: Final = {"market_id": "m-7", "vendor_id": None, "is_on": True, "now": NOW, "before": None, "limit": 51}
OF_PUBLICITY: Final = [
    _asked("publicity", "listed", ENTRIES, 1000),
    _asked("publicity", "listed", {**ENTRIES, "is_on": False, "before": 3000}, 1000),
    _asked("publicity", "listed_in_market", ENTRIES, 3 * OF_A_MARKET),
    _asked("publicity", "listed_in_market", {**ENTRIES, "vendor_id": "V-1007", "is_on": None}, 10),
    _asked("publicity", "changed_since", {"market_id": None, "revision": 5000, "limit": 50}, 200),
    _asked("publicity", "repairs_of", {"entry_ids": [77]}, 2),
    _asked("publicity", "expired", {"now": NOW}, 100),
]
VISITS: Final = {
    "market_id": None,
    "states": ["drawn", "notified", "passed"],
    "user_id": None,
    "after": None,
    "limit": 11,
    "since": date(2026, 11, 1),
    "until": date(2026, 11, 2),
}
LATE: Final = {**VISITS, "today": date(2026, 11, 1), "most": 20}
OF_VISITS: Final = [
    _asked("inspections", "by_id", {"inspection_id": 77}, 10),
    _asked("inspections", "several", {"inspection_ids": [77, 99, 1500]}, 30),
    _asked("inspection_lists", "listed", {**VISITS, "since": None, "until": None}, 500),
    _asked("inspection_lists", "listed_in_market", {**VISITS, "market_id": "m-7"}, 5 * OF_A_MARKET),
    _asked("inspection_lists", "of_vendor", {**VISITS, "market_id": "m-7", "vendor_id": "V-1007"}, 10),
    _asked("inspection_lists", "of_plan", {**VISITS, "plan_id": 7}, 300),
    _asked("inspection_lists", "days", {**VISITS, "each": 2}, 1500),
    _asked("inspection_lists", "due", {**VISITS, "until": date(2026, 11, 1)}, 200),
    _asked("inspection_lists", "late", LATE, 400),
    _asked("inspection_lists", "count_late", LATE, 30),
    _asked("inspection_lists", "waiting_together", {**VISITS, "after_market": None, "after_vendor": None}, 400),
]
SCORES: Final = {
    "market_ids": ["m-7"],
    "first_days": [date(2026, 10, 1)],
    "days": [date(2026, 11, 22)],
    "market_id": "m-7",
    "base": 100,
    "floor": 0,
    "ceiling": 110,
    "reasons": ["clean_month"],
    "a_day": [1],
    "most": [3],
    "limit": 100,
    "offset": 0,
}
OF_CREDIT: Final = [
    _asked("credit_standings", "lowest", SCORES, 2 * OF_A_MARKET),
    _asked("credit_standings", "highest", SCORES, 2 * OF_A_MARKET),
    _asked("credit_standings", "unmoved", SCORES, 4 * OF_A_MARKET),
    _asked("credit_standings", "count_vendors", SCORES, 2 * OF_A_MARKET),
    _asked("credit_standings", "ledgers", {"market_ids": ["m-7"] * 2, "vendor_ids": ["V-1007", "V-2007"]}, 10),
]


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
    *OF_PROMISES,
    *OF_CASES,
    *OF_PUBLICITY,
    *OF_VISITS,
    *OF_CREDIT,
    *OF_CREDIT_ACTS,
    *OF_REPORTS,
]
