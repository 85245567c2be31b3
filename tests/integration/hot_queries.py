"""The queries whose plans are pinned: what each is asked with, and by which indexes it may go."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from db.time_spans import EVER
from domain.alert import AlertState
from tests.factories import MARKET, NOW

#: 12 weeks, so 12 chunks or more, of a market of 50 scales.
WEEKS, A_DAY, SCALES = 12, 1_000, 50
ALERT_STATES = list(AlertState)
#: Every table that grows with the trade; nothing hot may read all of one.
LARGE = {
    *("weighings", "alerts", "alert_weighings", "quarantine", "journals", "kept_weighings"),
    *("device_events", "cap_announcements", "happenings", "mailbox_items", "letters", "letter_attempts"),
    *("complaints", "complaint_steps", "complaint_weighings", "complaint_contacts", "taken_attempts", "reweighings"),
}
DAY = timedelta(days=1)
#: What the name of a chunk's index has before the name of the hypertable's.
CHUNKS_OWN = re.compile(r"^(\w+_chunk_)?(\d+_\d+_)?")
LATELY = {"made_from": NOW - 2 * DAY, "made_until": NOW + 2 * DAY, "made_to": NOW + 2 * DAY}
SCALE_NUMBERS = range(1, 21)
KEYS: dict[str, list[Any]] = {
    "market_ids": [MARKET] * 20,
    "scale_ids": [f"S-{n}" for n in SCALE_NUMBERS],
    "journal_ids": [f"journal-of-{n}" for n in SCALE_NUMBERS],
    "seqs": [WEEKS * 7 * A_DAY // SCALES] * 20,
    "moments": [NOW - DAY] * 20,
}
LINES: dict[str, list[Any]] = {**KEYS, "first_seqs": KEYS["seqs"], "last_seqs": KEYS["seqs"]}
JOURNALS = {name: " ".join(KEYS[name]) for name in ("market_ids", "scale_ids", "journal_ids")}
TREND = {"market_id": MARKET, "species_code": None, "since": NOW - DAY, "until": NOW, "voided_until": NOW + DAY}
HELD = {
    "states": ["held", "replayed", "settled"],
    "reasons": ["most", "usual", "rare"],
    "market_id": MARKET,
    "scale_id": "S-7",
    "after": 0,
    "before": 2**63 - 1,
    "since": None,
    "until": None,
    "limit": 51,
    "most": 1001,
}
A_SPAN = {"since": NOW - DAY, "until": NOW, "after": 5000, "before": 9000}
EVERYTHING = dict.fromkeys(("reason", "market_id", "scale_id", "since", "until"))
HELD_INDEXES = {
    "everywhere": "quarantine_by_reason",
    "of_market": "quarantine_by_market",
    "of_scale": "quarantine_by_scale",
}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A hot query. `indexes`: which it may use on large tables; `chunks`: in how many it may look, of all there are."""

    subject: str
    name: str
    parameters: dict[str, Any]
    indexes: set[str]
    chunks: int | None = None
    #: It reads a span of time, and a chunk that lies within it may be read from end to end.
    whole_chunks: bool = False

    def __str__(self) -> str:
        return f"{self.subject}-{self.name}"


BY_LINE, BY_MARKET, VOIDS = "weighings_pkey", "weighings_by_market", "weighings_voiding"
HOT = [
    Asked(
        subject="journals",
        name="lock_journals",
        parameters=JOURNALS,
        indexes={"journals_pkey"},
    ),
    Asked(
        subject="journals",
        name="already_received",
        parameters={**JOURNALS, "seqs": " ".join(map(str, KEYS["seqs"]))},
        indexes={"journals_pkey"},
    ),
    Asked(
        subject="journals",
        name="add_received",
        parameters={
            **JOURNALS,
            "added": " ".join(["{[9000,9001]}"] * 20),
            "now": NOW,
            **{name: [None] * 20 for name in ("since", "until", "ahead_ms", "settled_ms", "told_on")},
        },
        indexes={"journals_pkey"},
    ),
    Asked(
        subject="weighings",
        name="stored_digests",
        parameters=KEYS | LATELY,
        indexes={BY_LINE, BY_MARKET},
        chunks=2,
    ),
    Asked(subject="weighings", name="void_targets", parameters=KEYS | LATELY, indexes={BY_LINE, BY_MARKET}, chunks=2),
    Asked(subject="weighings", name="voided_already", parameters=KEYS, indexes={VOIDS}),
    Asked(
        subject="journal_lines", name="stored_lines", parameters=LINES | LATELY, indexes={BY_LINE, BY_MARKET}, chunks=2
    ),
    Asked(
        subject="journal_lines",
        name="stored_lines",
        parameters=LINES | {"made_from": EVER[0], "made_until": EVER[1]},
        indexes={BY_LINE},
    ),
    Asked(subject="journal_lines", name="witnesses", parameters=LINES | LATELY, indexes={BY_LINE, BY_MARKET}, chunks=2),
    Asked(
        subject="journal_lines",
        name="held_lines",
        parameters=LINES,
        indexes={"quarantine_by_line"},
    ),
    Asked(
        subject="weighings",
        name="span_of_alert",
        parameters={"alert_id": 17},
        indexes={"alert_weighings_pkey"},
    ),
    Asked(
        subject="weighings",
        name="of_alert",
        parameters={"alert_id": 17, "limit": 200} | LATELY,
        indexes={BY_LINE, BY_MARKET, "alert_weighings_pkey", "kept_weighings_pkey"},
        chunks=2,
    ),
    Asked(
        subject="weighings", name="newest", parameters={"market_id": MARKET, "now": NOW}, indexes={BY_MARKET}, chunks=2
    ),
    Asked(subject="weighings", name="newest", parameters={"market_id": "silent", "now": NOW}, indexes={BY_MARKET}),
    Asked(
        subject="weighings",
        name="count_since",
        parameters={"market_id": MARKET, "since": NOW - DAY},
        indexes={BY_MARKET, "weighings_by_vendor"},
        chunks=2,
        whole_chunks=True,
    ),
    Asked(
        subject="trends",
        name="prices",
        parameters={**TREND, "width": DAY},
        indexes={BY_MARKET, VOIDS},
        chunks=2,
        whole_chunks=True,
    ),
    Asked(
        subject="trends",
        name="pace",
        parameters={**TREND, "width": DAY},
        indexes={BY_MARKET},
        chunks=2,
        whole_chunks=True,
    ),
    Asked(
        subject="day_trends",
        name="histogram",
        parameters=TREND,
        indexes={BY_MARKET, VOIDS},
        chunks=2,
        whole_chunks=True,
    ),
    Asked(
        subject="device_events",
        name="of_scale",
        parameters={"market_id": MARKET, "scale_id": "S-7", "limit": 100},
        indexes={"device_events_by_scale"},
    ),
    Asked(
        subject="device_events",
        name="stored_digests",
        parameters={**{name: KEYS[name] for name in ("market_ids", "scale_ids", "journal_ids")}, "event_nos": [7] * 20},
        indexes={"device_events_pkey"},
    ),
    Asked(
        subject="scale_caps",
        name="scales",
        parameters={"market_id": MARKET, "now": NOW, "state": None, "limit": 200},
        indexes={"cap_announcements_by_market", "cap_announcements_by_version", "cap_announcements_pkey"},
    ),
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
    Asked(
        subject="quarantine_pages",
        name="reasons",
        parameters=HELD,
        indexes={"quarantine_by_reason"},
    ),
    *(
        Asked(subject="quarantine_pages", name=name, parameters=HELD, indexes={index})
        for where, index in HELD_INDEXES.items()
        for name in (f"list_{where}", f"count_{where}")
    ),
    *(
        Asked(subject="quarantine_pages", name=f"{what}_{where}", parameters=HELD | A_SPAN, indexes={index})
        for where, index in HELD_INDEXES.items()
        for what in ("list", "count")
    ),
    Asked(
        subject="quarantine_pages",
        name="numbers_of_span",
        parameters={"since": NOW - DAY, "until": NOW, "most": 20_001},
        indexes={"quarantine_by_time"},
    ),
    Asked(
        subject="quarantine_replays",
        name="mark_slice",
        parameters={"replay_id": 1, "now": NOW, "limit": 200, "span": 50_000},
        indexes={"quarantine_pkey"},
    ),
    Asked(
        subject="quarantine_replays",
        name="meant_of_ever",
        parameters={**EVERYTHING, "up_to": 19_990},
        indexes={"quarantine_pkey"},
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
        subject="scale_caps",
        name="versions_of",
        parameters={"market_ids": [MARKET], "cap_list_ids": [1]},
        indexes={"cap_announcements_by_market", "cap_announcements_pkey"},
    ),
    Asked(
        subject="quarantine_steps",
        name="requested",
        parameters={"limit": 1000},
        indexes={"quarantine_asked_for"},
    ),
]

A_SALE = {"market_id": MARKET, "scale_id": "S-7", "journal_id": "journal-of-7", "seq": 2000}
OF_COMPLAINTS = {"complaints_pkey", "complaint_weighings_pkey", "complaint_contacts_pkey", "alerts_pkey"}
WHICH = {"market_id": MARKET, "channel": None, "stall_id": None, "before": None, "limit": 51}
HOT += [
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
