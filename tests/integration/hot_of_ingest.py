"""Hot queries of ingest, of what the weighings come to, and of quarantine."""

from typing import Any

from db.time_spans import EVER
from tests.factories import MARKET, NOW
from tests.integration.hot_query import A_DAY, BY_LINE, BY_MARKET, DAY, SCALES, VOIDS, WEEKS, Asked

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
OF_INGEST = [
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
