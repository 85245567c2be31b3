"""The plans of the hot queries, pinned: by an index, into few chunks; on a hypertable and on a plain table."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from db import bench
from db.migrate import migrate
from db.queries import load
from db.time_spans import EVER
from domain.alert import AlertState
from domain.ids import MarketId
from tests.databases import copies
from tests.databases.server import url_of_database
from tests.factories import MARKET, NOW, put_market

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
        name="to_look_at",
        parameters={"now": NOW, "limit": 500},
        indexes={"alerts_to_look_at", "alerts_pkey"},
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
        indexes={"mailbox_items_waiting", "happenings_pkey", "alerts_pkey"},
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
        indexes={"mailbox_items_of_letter", "happenings_pkey", "alerts_pkey"},
    ),
    Asked(
        subject="letters",
        name="lines",
        parameters={"letter_ids": list(range(100, 120)), "most": 15},
        indexes={"mailbox_items_of_letter", "happenings_pkey", "alerts_pkey"},
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


@pytest.fixture(scope="module")
def traded(database_server: str) -> Iterator[Connection]:
    with copies.database(database_server, copies.new_name("plans")) as name:
        yield from _traded(url_of_database(database_server, name))


@pytest.fixture(scope="module")
def traded_plain(plain_server: str) -> Iterator[Connection]:
    with copies.database(plain_server, copies.new_name("plans")) as name:
        yield from _traded(url_of_database(plain_server, name))


def _traded(url: str) -> Iterator[Connection]:
    migrate(url)
    with psycopg.connect(url, autocommit=True) as conn:
        put_market(conn)
        put_market(conn, market_id=MarketId("silent"), scales=1)
        first_day = NOW - timedelta(weeks=WEEKS)
        bench.fill_weighings(conn, MARKET, first_day=first_day, days=WEEKS * 7, a_day=A_DAY, scales=SCALES)
        for statement in BESIDE_THE_WEIGHINGS:
            conn.execute(statement)
        conn.execute("ANALYZE")
        yield conn


#: 20 000 alerts (all but 40 decided) about 40 000 weighings, 20 000 held lines, 5 000 journals; one sale in 200 voided.
#: 20 000 things told in 20 000 letters to 40 people by two channels, 40 of them untold, unread or undelivered.
BESIDE_THE_WEIGHINGS = (
    """
    INSERT INTO journals (market_id, scale_id, journal_id, received, first_seen_at, last_seen_at)
    SELECT 'sanya-1', 'S-' || n, 'journal-of-' || n, '{[1,2240]}', now(), now() FROM generate_series(1, 5000) n
    """,
    "UPDATE weighings SET voids_seq = seq - 1, verdict = NULL, paid_verdict = NULL WHERE seq % 200 = 0",
    """
    INSERT INTO alerts (market_id, kind, vendor_id, scale_id, species_code, business_day, state, occurrences, first_at,
                        last_at, opened_at, updated_at, decided_at, decided_by, is_counting, next_look_at, is_overdue,
                        assignee)
    SELECT 'sanya-1', 'price_over_cap', 'V-' || n, 'S-1', 'F01', '2026-11-01',
           CASE WHEN n % 500 = 0 THEN 'open' ELSE 'confirmed' END, 2, now(), now(), now(),
           now() - n * interval '1 minute',
           CASE WHEN n % 500 > 0 THEN now() END, CASE WHEN n % 500 > 0 THEN 'm' END, n % 500 = 0,
           CASE WHEN n % 100 = 0 THEN now() + n * interval '1 minute' END, n % 400 = 0, 'p-' || n % 100
    FROM generate_series(1, 20000) n
    """,
    """
    INSERT INTO alert_weighings (alert_id, market_id, scale_id, journal_id, seq, weighed_at, excess_fen, overcharge_fen)
    SELECT 1 + n / 2, market_id, scale_id, journal_id, seq, weighed_at, 0, 0
    FROM (SELECT *, row_number() OVER (ORDER BY weighed_at DESC) - 1 AS n FROM weighings LIMIT 40000) w
    """,
    """
    INSERT INTO kept_weighings (market_id, scale_id, journal_id, seq, weighed_at, weighing)
    SELECT market_id, scale_id, 'journal-that-ended', seq, weighed_at, to_jsonb(w) FROM weighings w LIMIT 2000
    """,
    """
    INSERT INTO quarantine (identity, topic, payload, market_id, scale_id, journal_id, seq, reason, explanation,
                            received_at, last_received_at)
    SELECT sha256(n::text::bytea), 't', '{}', CASE WHEN n % 100 < 50 THEN 'sanya-1' ELSE 'm-' || n % 10 END,
           'S-' || n % 100, 'journal-of-' || n % 100, n,
           CASE WHEN n > 19990 THEN 'rare' WHEN n / 100 % 3 = 0 THEN 'usual' ELSE 'most' END, 'e', now(), now()
    FROM generate_series(1, 20000) n
    """,
    """
    INSERT INTO quarantine_replays (asked_at, asked_by, up_to, expected) VALUES (now(), 'm', 20000, 20000)
    """,
    """
    INSERT INTO device_events (market_id, scale_id, journal_id, event_no, kind, at, clock_synced, happened_at,
                               received_at, digest, body)
    SELECT 'sanya-1', 'S-' || n % 100, 'journal-of-' || n % 100, n, 'tare', now(), true,
           now() - n * interval '1 minute', now(), sha256(n::text::bytea), ''
    FROM generate_series(1, 20000) n
    """,
    """
    INSERT INTO complaints (market_id, channel, channel_no, reason, words, received_at, status_digest, content_digest,
                            policy_version, clock_from, scale_id, journal_id, seq, state, outcome, answer, answered_at,
                            ended_at, due_at, has_contact)
    SELECT 'sanya-1', CASE WHEN n % 2 = 0 THEN 'hotline_12345' ELSE 'ticket' END,
           CASE WHEN n % 2 = 0 THEN n::text ELSE '' END, 'other', 'w',
           timestamptz '2026-11-22 02:11+00' - n * interval '10 minutes', sha256(n::text::bytea), sha256('c'), 'v',
           now(),
           'S-' || n % 100, 'journal-of-' || n % 100, n,
           CASE WHEN n % 100 = 0 THEN 'received' ELSE 'closed' END, CASE WHEN n % 100 > 0 THEN 'not_upheld' END,
           CASE WHEN n % 100 > 0 THEN 'a' ELSE '' END, CASE WHEN n % 100 > 0 THEN now() END,
           CASE WHEN n % 100 > 0 THEN now() - n * interval '1 hour' END, CASE WHEN n % 100 = 0 THEN now() END,
           n > 19000
    FROM generate_series(1, 20000) n
    """,
    """
    INSERT INTO complaint_contacts (complaint_id, kind, contact)
    SELECT complaint_id, 'phone', '+8613800138000' FROM complaints WHERE complaint_id > 19000
    """,
    """
    INSERT INTO complaint_steps (complaint_id, at, actor, action, from_state, to_state)
    SELECT complaint_id, received_at, 'm', action, 'received', 'accepted'
    FROM complaints, unnest(ARRAY['file', 'accept', 'answer']) action
    """,
    """
    INSERT INTO complaint_weighings (complaint_id, market_id, scale_id, journal_id, seq, weighed_at, alert_id,
                                     linked_at, linked_by)
    SELECT complaint_id, market_id, scale_id, journal_id, seq, received_at, complaint_id, now(), 'm' FROM complaints
    """,
    """
    INSERT INTO taken_attempts (purpose, by_what, key, at)
    SELECT 'miss', 'address', sha256((n % 500)::text::bytea), now() - n * interval '1 second'
    FROM generate_series(1, 20000) n
    """,
    """
    INSERT INTO reweighings (market_id, scale_id, journal_id, seq, weighed_at, settled_g, actual_g, tolerance_g,
                             is_statutory, is_short, fair_scale, entered_by, entered_at)
    SELECT 'sanya-1', 'S-' || n % 100, 'journal-of-' || n % 100, n, now(), 1000, 900, 2, true, true, 'f', 'm', now()
    FROM generate_series(1, 20000) n
    """,
    """
    INSERT INTO cap_announcements (market_id, version, cap_list_id, announced_at)
    SELECT 'sanya-1', n || '-x', n, now() - n * interval '1 hour' FROM generate_series(5000, 1, -1) n
    """,
    """
    INSERT INTO users (username, display_name, password_hash, role)
    SELECT 'u-' || n, 'u', '', 'regulator' FROM generate_series(1, 40) n
    """,
    """
    INSERT INTO mailboxes (channel, user_id)
    SELECT channel, user_id FROM users, unnest(ARRAY['page', 'email']) channel
    """,
    """
    INSERT INTO happenings (kind, market_id, alert_id, at, told_at)
    SELECT 'alert_opened', 'sanya-1', n, now(), now() FROM generate_series(1, 20000) n
    """,
    """
    INSERT INTO letters (mailbox_id, channel, message_id, at, last_at, items, state, next_attempt_at, delivered_at,
                         read_at)
    SELECT m.mailbox_id, m.channel, 'm-' || n, now(), now(), 2,
           CASE WHEN m.channel = 'email' AND n % 500 < 4 THEN 'waiting' ELSE 'delivered' END,
           CASE WHEN m.channel = 'email' AND n % 500 < 4 THEN now() END,
           CASE WHEN m.channel = 'email' AND n % 500 < 4 THEN NULL ELSE now() END,
           CASE WHEN m.channel = 'page' AND n % 100 > 0 THEN now() END
    FROM generate_series(1, 20000) n JOIN mailboxes m ON m.mailbox_id = 1 + n % 80
    """,
    """
    INSERT INTO mailbox_items (mailbox_id, happening_id, severity, letter_id)
    SELECT l.mailbox_id, h.happening_id, 'low', CASE WHEN l.letter_id % 500 > 0 THEN l.letter_id END
    FROM letters l JOIN happenings h ON h.happening_id IN (l.letter_id, l.letter_id + 1)
    """,
    """
    INSERT INTO letter_attempts (letter_id, attempt, at, took_ms) SELECT letter_id, 1, now(), 1 FROM letters
    """,
    """
    INSERT INTO scale_caps (market_id, scale_id, version, applied_at, journal_id, event_no)
    SELECT market_id, scale_id, right(scale_id, 1) || '-x', now(), 'j', 1 FROM scales WHERE market_id = 'sanya-1'
    """,
)


@dataclass(frozen=True, slots=True)
class Scan:
    """One read of a table (or chunk), and whether it was done at all."""

    node: str
    table: str
    index: str
    happened: bool


def scans_of(conn: Connection, asked: Asked) -> list[Scan]:
    """Run a query, within a transaction that is rolled back, and tell what it read."""
    with conn.transaction(force_rollback=True):
        row = conn.execute(
            b"EXPLAIN (ANALYZE, FORMAT JSON) " + load(asked.subject)[asked.name], asked.parameters
        ).fetchone()
    assert row is not None
    found: list[Scan] = []
    _walk(row[0][0]["Plan"], found, _Ancestor(table=""))
    return found


@dataclass(frozen=True, slots=True)
class _Ancestor:
    """A bitmap's index is named below its table."""

    table: str


def _walk(node: dict[str, Any], found: list[Scan], above: _Ancestor) -> None:
    table = str(node.get("Relation Name", above.table))
    name = "weighings" if "_hyper_" in table else table
    if "Scan" in node["Node Type"] and node["Node Type"] != "Custom Scan" and name in LARGE:
        index = CHUNKS_OWN.sub("", str(node.get("Index Name", "")))
        found.append(Scan(node["Node Type"], table, index, node["Actual Loops"] > 0))
    for child in node.get("Plans", ()):
        _walk(child, found, _Ancestor(table))


def hold_against(conn: Connection, asked: Asked, chunks_there: int | None) -> None:
    scans = scans_of(conn, asked)
    assert scans, "nothing large is read: the query is not what this test is about"
    read_whole = {one.table for one in scans if one.node == "Seq Scan"}
    allowed = {table for table in read_whole if "_hyper_" in table} if asked.whole_chunks else set()
    assert read_whole - allowed == set(), "Seq Scan"
    assert {one.index for one in scans if one.index} <= asked.indexes
    if chunks_there is not None and asked.chunks is not None:
        looked_into = {one.table for one in scans if one.happened and "_hyper_" in one.table}
        assert len(looked_into) <= asked.chunks < chunks_there


@pytest.mark.timescale
@pytest.mark.parametrize("asked", HOT, ids=str)
def test_on_a_hypertable_a_hot_query_goes_by_its_index_into_few_chunks(traded: Connection, asked: Asked) -> None:
    chunks = traded.execute("SELECT count(*) FROM show_chunks('weighings')").fetchone()
    assert chunks is not None
    assert chunks[0] >= WEEKS
    hold_against(traded, asked, chunks[0])


@pytest.mark.parametrize("asked", HOT, ids=str)
def test_on_a_plain_table_a_hot_query_goes_by_its_index(traded_plain: Connection, asked: Asked) -> None:
    hold_against(traded_plain, asked, None)


def test_storing_looks_only_at_what_it_stores(traded_plain: Connection) -> None:
    """The insert of staged rows reads the staging table, and finds what is there already by the key."""
    traded_plain.execute(load("weighings")["create_staging"])
    row = traded_plain.execute(b"EXPLAIN (FORMAT JSON) " + load("weighings")["store_staged"]).fetchone()
    assert row is not None
    plan = row[0][0]["Plan"]
    assert plan["Conflict Arbiter Indexes"] == [BY_LINE]
    assert [one["Relation Name"] for one in plan["Plans"]] == ["staged_weighings"]


def test_a_read_of_everything_would_be_noticed(traded_plain: Connection) -> None:
    # No index holds what it counts: one that does may be read instead, as soon as the table is vacuumed.
    everything = Asked(subject="bench", name="over_cap", parameters={}, indexes=set())
    with pytest.raises(AssertionError, match="Seq Scan"):
        hold_against(traded_plain, everything, None)
