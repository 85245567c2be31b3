-- name: write
INSERT INTO letters (mailbox_id, channel, message_id, purpose, at, last_at, items, worst, body, state, next_attempt_at,
                     delivered_at)
VALUES (%(mailbox_id)s, %(channel)s, %(message_id)s, %(purpose)s, %(at)s, %(at)s, %(items)s, %(worst)s, %(body)s,
        %(state)s, CASE WHEN %(state)s = 'waiting' THEN %(at)s::timestamptz END,
        CASE WHEN %(state)s = 'delivered' THEN %(at)s::timestamptz END)
RETURNING letter_id

-- name: set_body
UPDATE letters SET body = %(body)s WHERE letter_id = %(letter_id)s

-- name: grow
-- Only while nobody has read it: what was added to a letter that is read would never be seen.
UPDATE letters SET items = items + %(items)s, worst = %(worst)s, last_at = %(now)s
WHERE letter_id = %(letter_id)s AND read_at IS NULL
RETURNING letter_id

-- name: last_of
SELECT letter_id, at, read_at IS NULL AS is_unread, worst FROM letters
WHERE mailbox_id = %(mailbox_id)s AND purpose = 'notices'
ORDER BY letter_id DESC LIMIT 1

-- name: claim
-- One letter of each mailbox that has none under way: a receiver that is slow has nobody waiting behind it but its own.
WITH due AS (
    SELECT l.letter_id
    FROM mailboxes m
    CROSS JOIN LATERAL (
        SELECT o.letter_id, o.next_attempt_at FROM letters o
        WHERE o.mailbox_id = m.mailbox_id AND o.state = 'waiting' AND o.next_attempt_at <= %(now)s
          AND (o.leased_until IS NULL OR o.leased_until <= %(now)s)
        ORDER BY o.next_attempt_at LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
    ) l
    WHERE m.channel = %(channel)s
      AND NOT EXISTS (SELECT FROM letters b WHERE b.mailbox_id = m.mailbox_id AND b.state = 'waiting'
                      AND b.leased_until > %(now)s)
    ORDER BY l.next_attempt_at
    LIMIT %(limit)s
)
UPDATE letters SET leased_until = %(until)s, attempts = letters.attempts + 1
FROM due, mailboxes m
WHERE letters.letter_id = due.letter_id AND m.mailbox_id = letters.mailbox_id
RETURNING letters.letter_id, letters.mailbox_id, m.user_id, m.endpoint_id, letters.message_id, letters.purpose,
          letters.at, letters.items, letters.worst, letters.body, letters.attempts

-- name: next_attempt
-- When one is to be tried, or one that somebody stopped with is free again.
SELECT min(greatest(l.next_attempt_at, l.leased_until))
FROM mailboxes m JOIN letters l USING (mailbox_id)
WHERE m.channel = %(channel)s AND l.state = 'waiting'

-- name: note_attempt
INSERT INTO letter_attempts (letter_id, attempt, at, took_ms, status, error)
VALUES (%(letter_id)s, %(attempt)s, %(at)s, %(took_ms)s, %(status)s, %(error)s)

-- name: settle
-- Whoever was too slow says only that it arrived: what else follows is for who took the letter over.
UPDATE letters
SET state = %(state)s, next_attempt_at = %(next_attempt_at)s, leased_until = NULL,
    delivered_at = CASE WHEN %(state)s = 'delivered' THEN %(now)s::timestamptz END
WHERE letter_id = %(letter_id)s AND state = 'waiting' AND (attempts = %(attempt)s OR %(state)s = 'delivered')
RETURNING letter_id

-- name: give_up_of_endpoint
UPDATE letters SET state = 'given_up', next_attempt_at = NULL, leased_until = NULL
WHERE mailbox_id = (SELECT mailbox_id FROM mailboxes WHERE endpoint_id = %(endpoint_id)s) AND state = 'waiting'

-- name: send_again
UPDATE letters
SET state = 'waiting', next_attempt_at = %(now)s, leased_until = NULL, delivered_at = NULL, attempts = 0
WHERE letter_id = %(letter_id)s AND state <> 'waiting'
RETURNING letter_id

-- name: wake_clerks
SELECT pg_notify('clerks', '')

-- name: page_of
SELECT letter_id, message_id, purpose, at, last_at, items, worst, state, attempts, next_attempt_at, delivered_at, read_at
FROM letters WHERE mailbox_id = %(mailbox_id)s AND letter_id < %(before)s
ORDER BY letter_id DESC LIMIT %(limit)s

-- name: of_mailbox
SELECT letter_id, message_id, purpose, at, last_at, items, worst, state, attempts, next_attempt_at, delivered_at, read_at
FROM letters WHERE mailbox_id = %(mailbox_id)s AND letter_id = %(letter_id)s

-- name: unread
-- Counted no further than a badge shows.
SELECT count(*) FROM (SELECT FROM letters WHERE mailbox_id = %(mailbox_id)s AND channel = 'page' AND read_at IS NULL
                      LIMIT %(most)s) counted

-- name: mark_read
UPDATE letters SET read_at = %(now)s
WHERE mailbox_id = %(mailbox_id)s AND channel = 'page' AND read_at IS NULL
  AND (%(letter_id)s::bigint IS NULL OR letter_id = %(letter_id)s)
  AND letter_id <= %(up_to)s
  -- What was added since it was looked at is not read yet.
  AND (%(seen_at)s::timestamptz IS NULL OR last_at <= %(seen_at)s)
RETURNING letter_id

-- name: attempts_of
SELECT letter_id, attempt, at, took_ms, status, error FROM letter_attempts
WHERE letter_id = ANY (%(letter_ids)s::bigint[]) ORDER BY attempt_id

-- name: counts
-- Of what its reader may see now: whoever was moved to another market reads nothing of the one before, nobody with a market
-- of the checks of all, and no manager of risk.
SELECT i.letter_id, h.kind, a.kind AS alert_kind, i.severity, count(*) AS n
FROM mailbox_items i
JOIN happenings h USING (happening_id)
JOIN letters l USING (letter_id)
JOIN mailboxes m ON m.mailbox_id = l.mailbox_id
LEFT JOIN users u ON u.user_id = m.user_id
LEFT JOIN alerts a ON a.alert_id = h.alert_id
WHERE i.letter_id = ANY (%(letter_ids)s::bigint[])
  AND (u.market_id IS NULL OR h.market_id = u.market_id
       OR (h.market_id IS NULL AND h.approval_check_id IS NULL))
  AND (h.risk_month IS NULL OR u.role <> 'manager')
GROUP BY i.letter_id, h.kind, a.kind, i.severity

-- name: lines
-- What each letter tells of and its reader may see now, the worst first, no more than `most` of each.
SELECT n.letter_id, n.happening_id, n.kind, n.severity, n.at, n.due_at, n.note, n.permille, n.market_id, a.alert_id,
       a.kind AS alert_kind, a.state AS alert_state, coalesce(a.market_name, k.name) AS market_name, coalesce(a.vendor_id, s.vendor_id) AS vendor_id,
       coalesce(a.vendor_name, o.name) AS vendor_name, coalesce(a.stall_id, q.stall_id) AS stall_id, a.scale_id,
       a.species_code, a.species_name, a.species_name_en, a.business_day, a.occurrences, a.worst_excess_fen,
       a.worst_excess_permille, a.worst_cap_fen, a.worst_cap_unit, a.overcharge_fen, coalesce(a.timezone, k.timezone) AS timezone, n.check_id, c.approval_id,
       v.authority AS approval_authority, v.number AS approval_number, v.subject_name AS approval_subject,
       c.due_on AS check_due_on, c.state AS check_state, n.promise_id, p.alert_id AS promise_alert_id,
       p.state AS promise_state, n.complaint_id, q.channel AS complaint_channel, q.reason AS complaint_reason,
       q.state AS complaint_state, n.case_id, s.state AS case_state, n.risk_month
FROM unnest(%(letter_ids)s::bigint[]) AS asked (letter_id)
CROSS JOIN LATERAL (
    SELECT i.letter_id, i.happening_id, i.severity, h.kind, h.at, h.due_at, h.note, h.permille, h.market_id, h.alert_id,
           h.approval_check_id AS check_id, h.promise_id, h.complaint_id, h.case_id, h.risk_month,
           row_number() OVER worst_first AS place
    FROM letters l
    JOIN mailboxes m ON m.mailbox_id = l.mailbox_id
    LEFT JOIN users u ON u.user_id = m.user_id
    JOIN mailbox_items i ON i.letter_id = l.letter_id
    JOIN happenings h ON h.happening_id = i.happening_id
    LEFT JOIN alerts w ON w.alert_id = h.alert_id
    WHERE l.letter_id = asked.letter_id
      AND (u.market_id IS NULL OR h.market_id = u.market_id
           OR (h.market_id IS NULL AND h.approval_check_id IS NULL))
      AND (h.risk_month IS NULL OR u.role <> 'manager')
    WINDOW worst_first AS (ORDER BY array_position(ARRAY['critical', 'high', 'medium', 'low'], i.severity),
                                    coalesce(w.worst_excess_permille, h.permille) DESC, i.happening_id DESC)
    ORDER BY place
    LIMIT %(most)s
) n
LEFT JOIN alerts_in_words a ON a.alert_id = n.alert_id
LEFT JOIN approval_checks c ON c.check_id = n.check_id
LEFT JOIN approval_versions v ON v.approval_id = c.approval_id AND v.version = c.version
LEFT JOIN promises p ON p.promise_id = n.promise_id
LEFT JOIN complaints q ON q.complaint_id = n.complaint_id
LEFT JOIN cases s ON s.case_id = n.case_id
LEFT JOIN vendors o ON o.market_id = s.market_id AND o.vendor_id = s.vendor_id
LEFT JOIN markets k ON k.market_id = coalesce(q.market_id, s.market_id,
                                              CASE WHEN n.risk_month IS NOT NULL THEN n.market_id END)
ORDER BY n.letter_id, n.place
