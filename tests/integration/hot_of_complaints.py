"""Hot queries of complaints, and of the tickets they name."""

from datetime import timedelta

from tests.factories import MARKET, NOW
from tests.integration.hot_query import BY_LINE, BY_MARKET, DAY, VOIDS, Asked

A_SALE = {"market_id": MARKET, "scale_id": "S-7", "journal_id": "journal-of-7", "seq": 2000}
OF_COMPLAINTS = {"complaints_pkey", "complaint_weighings_pkey", "complaint_contacts_pkey", "alerts_pkey"}
WHICH = {"market_id": MARKET, "channel": None, "stall_id": None, "before": None, "limit": 51}

OF_COMPLAINED = [
    Asked(
        subject="complaints",
        name="awaited",
        parameters=WHICH,
        indexes={"complaints_awaited", *OF_COMPLAINTS},
    ),
    Asked(
        subject="complaints",
        name="listed",
        parameters={**WHICH, "states": ["closed"]},
        indexes={"complaints_by_state", "complaints_by_market", *OF_COMPLAINTS},
    ),
    Asked(
        subject="complaints",
        name="counts",
        parameters={"market_id": MARKET, "now": NOW},
        indexes={"complaints_awaited"},
    ),
    Asked(
        subject="complaints",
        name="overdue_to_tell",
        parameters={"now": NOW, "limit": 500},
        indexes={"complaints_awaited", "happenings_said_once"},
    ),
    Asked(subject="complaints", name="by_id", parameters={"complaint_id": 77}, indexes=OF_COMPLAINTS),
    Asked(
        subject="complaints",
        name="about_the_same",
        parameters={"complaint_id": 77, "limit": 50},
        indexes={"complaint_weighings_by_sale", "complaints_by_ticket", *OF_COMPLAINTS},
    ),
    Asked(
        subject="complaints",
        name="filed_already",
        parameters={"status_digest": b"x" * 32, "channel": "hotline_12345", "channel_no": "77"},
        indexes={"complaints_filed_once", "complaints_once_a_number"},
    ),
    Asked(
        subject="complaints",
        name="figures",
        parameters={
            "market_id": MARKET,
            "since": NOW - 30 * DAY,
            "until": NOW,
            "now": NOW,
            "close": timedelta(hours=48),
        },
        indexes={"complaints_received", "complaint_steps_by_complaint"},
    ),
    Asked(
        subject="complaints",
        name="with_old_contacts",
        parameters={"before": NOW - 90 * DAY, "limit": 1000},
        indexes={"complaints_with_a_contact", *OF_COMPLAINTS},
    ),
    Asked(
        subject="complaints",
        name="of_alert",
        parameters={"alert_id": 77, "limit": 50},
        indexes={"complaint_weighings_by_alert", *OF_COMPLAINTS},
    ),
    Asked(
        subject="taken_attempts",
        name="in_the_way",
        parameters={"purpose": "miss", "by_what": "address", "key": b"x" * 32, "since": NOW - DAY, "most": 20},
        indexes={"taken_attempts_by_key"},
    ),
    Asked(
        subject="tickets",
        name="by_number",
        parameters={**A_SALE, "made_from": NOW - DAY, "made_until": NOW - DAY + timedelta(minutes=1)},
        indexes={BY_LINE, BY_MARKET, "kept_weighings_pkey"},
        chunks=1,
    ),
    Asked(
        subject="tickets",
        name="sale",
        parameters={**A_SALE, "weighed_at": NOW - DAY},
        indexes={BY_LINE, BY_MARKET, VOIDS, "kept_weighings_pkey"},
    ),
    Asked(
        subject="tickets",
        name="by_amount",
        parameters={
            "market_id": MARKET,
            "stall_id": "A-7",
            "amount_fen": 23000,
            "sold_at": NOW - DAY,
            "made_from": NOW - DAY - timedelta(minutes=10),
            "made_until": NOW - DAY + timedelta(minutes=10),
        },
        indexes={BY_MARKET},
        chunks=2,
    ),
    Asked(
        subject="tickets",
        name="reweighings",
        parameters={**A_SALE, "weighed_at": NOW - DAY},
        indexes={"reweighings_by_sale", "reweighings_once"},
    ),
]
