"""Hot queries of alerts and those who handle them: lists, locks, deadlines and notices."""

from datetime import date

from domain.alert import AlertState
from tests.factories import MARKET, NOW
from tests.integration.hot_query import Asked

ALERT_STATES = list(AlertState)
PK_AND_MERGED = {"alerts_pkey", "alerts_merged"}
COUNTED = {"market_id": MARKET, "states": ALERT_STATES, "vendor_id": "V-7", "most": 1000}
IDENTITIES = {
    "market_ids": [MARKET] * 2,
    "subjects": ["V-500", "V-1000"],
    "kinds": ["price_over_cap"] * 2,
    "species_codes": ["F01"] * 2,
    "days": [date(2026, 11, 1)] * 2,
}
OF_ALERTS = [
    Asked(
        subject="alert_pages",
        name="newest",
        parameters={"market_id": MARKET, "states": ALERT_STATES, "limit": 50, "offset": 0},
        indexes={"alerts_by_market_and_state", "alerts_pkey"},
    ),
    Asked(
        subject="alert_pages",
        name="counts_up_to",
        parameters={"market_id": MARKET, "states": ALERT_STATES, "most": 1000},
        indexes={"alerts_by_market_and_state"},
    ),
    Asked(
        subject="alert_pages",
        name="worst",
        parameters={
            "market_id": MARKET,
            "states": ["open", "acknowledged"],
            "gravest": ["case_open", "seal_broken"],
            "limit": 50,
            "offset": 0,
        },
        indexes={"alerts_worst", "alerts_counting_kinds", "alerts_pkey"},
    ),
    Asked(
        subject="alert_pages",
        name="assigned",
        parameters={"market_id": MARKET, "assignee": "p-7", "states": ALERT_STATES, "limit": 50, "offset": 0},
        indexes={"alerts_by_assignee", "alerts_pkey"},
    ),
    Asked(
        subject="alert_pages",
        name="count_assigned",
        parameters={"market_id": MARKET, "assignee": "p-7", "states": ALERT_STATES, "most": 1000},
        indexes={"alerts_by_assignee"},
    ),
    Asked(
        subject="alert_pages",
        name="overdue",
        parameters={"market_id": MARKET, "limit": 50, "offset": 0},
        indexes={"alerts_overdue", "alerts_pkey"},
    ),
    Asked(
        subject="alert_pages",
        name="count_overdue",
        parameters={"market_id": MARKET, "most": 1000},
        indexes={"alerts_overdue"},
    ),
    Asked(
        subject="alerts",
        name="mergeable",
        parameters={"alert_id": 500},
        indexes={"alerts_pkey", "alerts_one_open", "alerts_counting_kinds", "alerts_worst"},
    ),
    Asked(subject="alerts", name="handled_with", parameters={"alert_id": 17}, indexes={"alerts_merged"}),
    Asked(
        subject="deadlines",
        name="hold_to_look_at",
        parameters={"now": NOW, "limit": 500},
        indexes={"alerts_to_look_at"},
    ),
    Asked(subject="deadlines", name="next_look", parameters={}, indexes={"alerts_to_look_at"}),
    Asked(
        subject="alerts",
        name="by_id",
        parameters={"alert_id": 17},
        indexes={"alerts_pkey"},
    ),
    Asked(subject="happenings", name="untold", parameters={"limit": 500}, indexes={"happenings_untold", "alerts_pkey"}),
    Asked(
        subject="mailboxes",
        name="waiting",
        parameters={"mailbox_id": 7, "limit": 20_000},
        indexes={"mailbox_items_waiting", "happenings_pkey", "alerts_pkey", "complaints_pkey"},
    ),
    Asked(subject="letters", name="last_of", parameters={"mailbox_id": 7}, indexes={"letters_of_mailbox"}),
    Asked(
        subject="letters",
        name="page_of",
        parameters={"mailbox_id": 7, "before": 2**63 - 1, "limit": 21},
        indexes={"letters_of_mailbox"},
    ),
    Asked(subject="letters", name="unread", parameters={"mailbox_id": 7, "most": 100}, indexes={"letters_unread"}),
    Asked(
        subject="letters",
        name="mark_read",
        parameters={"mailbox_id": 7, "letter_id": None, "up_to": 2**63 - 1, "seen_at": None, "now": NOW},
        indexes={"letters_unread", "letters_of_mailbox"},
    ),
    Asked(
        subject="letters",
        name="claim",
        parameters={"channel": "email", "now": NOW, "until": NOW, "limit": 8},
        indexes={"letters_due", "letters_pkey"},
    ),
    Asked(
        subject="letters",
        name="next_attempt",
        parameters={"channel": "email"},
        indexes={"letters_due"},
    ),
    Asked(
        subject="letters",
        name="counts",
        parameters={"letter_ids": list(range(100, 120))},
        indexes={"letters_pkey", "mailbox_items_of_letter", "happenings_pkey", "alerts_pkey", "complaints_pkey"},
    ),
    Asked(
        subject="letters",
        name="lines",
        parameters={"letter_ids": list(range(100, 120)), "most": 15},
        indexes={"letters_pkey", "mailbox_items_of_letter", "happenings_pkey", "alerts_pkey", "complaints_pkey"},
    ),
    Asked(
        subject="letters",
        name="attempts_of",
        parameters={"letter_ids": list(range(100, 120))},
        indexes={"letter_attempts_by_letter"},
    ),
    Asked(
        subject="alerts",
        name="count_up_to",
        parameters=COUNTED | {"market_id": None},
        indexes={"alerts_by_market_and_state"},
    ),
    Asked(subject="alerts", name="count_of_vendor", parameters=COUNTED, indexes={"alerts_by_vendor"}),
    Asked(
        subject="alerts",
        name="visible",
        parameters=COUNTED | {"limit": 50, "offset": 0},
        indexes={"alerts_by_vendor", "alerts_pkey"},
    ),
    Asked(subject="alerts", name="hold", parameters={"alert_ids": [17, 500]}, indexes={"alerts_pkey"}),
    Asked(subject="alerts", name="hold_together", parameters={"alert_ids": [17, 500]}, indexes=PK_AND_MERGED),
    Asked(subject="alerts", name="with_merged", parameters={"alert_ids": [17, 500]}, indexes=PK_AND_MERGED),
    Asked(
        subject="alerts",
        name="with_twins",
        parameters={"alert_id": 17},
        indexes={"alerts_merged", "alerts_one_open", "alerts_pkey"},
    ),
    Asked(subject="alerts", name="counting", parameters=IDENTITIES, indexes={"alerts_one_open"}),
]
