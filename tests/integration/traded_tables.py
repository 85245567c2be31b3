"""Tables as they are after months of trade, so that a plan that reads all of one shows."""

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
