-- name: insert
INSERT INTO complaints (market_id, channel, channel_no, reason, words, stall_id, occurred_at, scale_id, journal_id, seq,
                        ticket_code, reweighing_id, received_at, entered_by, status_digest, content_digest,
                        policy_version, clock_from, channel_due_at, due_at, has_contact)
VALUES (%(market_id)s, %(channel)s, %(channel_no)s, %(reason)s, %(words)s, %(stall_id)s, %(occurred_at)s, %(scale_id)s,
        %(journal_id)s, %(seq)s, %(ticket_code)s, %(reweighing_id)s, %(now)s, %(entered_by)s, %(status_digest)s,
        %(content_digest)s, %(policy_version)s, %(now)s, %(channel_due_at)s, %(due_at)s, %(has_contact)s)
ON CONFLICT DO NOTHING
RETURNING complaint_id

-- name: filed_already
-- By the form it came with, or by the number its hotline gave it.
SELECT complaint_id, content_digest, market_id FROM complaints
WHERE status_digest = %(status_digest)s OR (channel = %(channel)s AND channel_no = %(channel_no)s AND channel_no <> '')
LIMIT 1

-- name: insert_contact
INSERT INTO complaint_contacts (complaint_id, kind, contact) VALUES (%(complaint_id)s, %(kind)s, %(contact)s)

-- name: contact
SELECT kind, contact FROM complaint_contacts WHERE complaint_id = %(complaint_id)s

-- name: remove_contact
WITH gone AS (DELETE FROM complaint_contacts WHERE complaint_id = %(complaint_id)s RETURNING complaint_id)
UPDATE complaints c SET contact_removed_at = %(now)s, has_contact = false FROM gone WHERE c.complaint_id = gone.complaint_id
RETURNING c.complaint_id

-- name: with_old_contacts
-- Complaints that have been over since before a moment and still have a contact.
SELECT c.complaint_id FROM complaints c
WHERE c.ended_at < %(before)s AND c.has_contact
ORDER BY c.ended_at LIMIT %(limit)s

-- name: answered_before
-- Answered, and the time to ask for another look at it is over.
SELECT complaint_id FROM complaints WHERE state = 'answered' AND answered_at < %(before)s
ORDER BY answered_at LIMIT %(limit)s

-- name: overdue_to_tell
-- Whose next step is overdue, and was not told of as due then: `once` names it among what is told. Market by market, by the
-- index that lists them.
SELECT o.complaint_id, m.market_id, o.due_at, o.once
FROM markets m
CROSS JOIN LATERAL (
    SELECT c.complaint_id, c.due_at, told.once
    FROM complaints c
    CROSS JOIN LATERAL (SELECT 'complaint_overdue:' || c.complaint_id || ':' || extract(epoch FROM c.due_at) AS once) told
    WHERE c.market_id = m.market_id AND c.due_at < %(now)s
      AND NOT EXISTS (SELECT FROM happenings h WHERE h.once = told.once)
    ORDER BY c.due_at LIMIT %(limit)s
) o
ORDER BY o.due_at LIMIT %(limit)s

-- name: append_step
INSERT INTO complaint_steps (complaint_id, at, actor, action, from_state, to_state, reason, note, settled_fen)
VALUES (%(complaint_id)s, %(at)s, %(actor)s, %(action)s, %(from_state)s, %(to_state)s, %(reason)s, %(note)s,
        %(settled_fen)s)

-- name: steps_of
SELECT at, actor, action, from_state, to_state, reason, note, settled_fen
FROM complaint_steps WHERE complaint_id = %(complaint_id)s ORDER BY step_id

-- name: lock
SELECT complaint_id FROM complaints WHERE complaint_id = %(complaint_id)s FOR UPDATE

-- name: move
UPDATE complaints
SET state = %(state)s, outcome = %(outcome)s, refuse_reason = %(refuse_reason)s, answer = %(answer)s,
    settled_fen = %(settled_fen)s, clock_from = %(clock_from)s, accepted_at = %(accepted_at)s,
    investigating_at = %(investigating_at)s, answered_at = %(answered_at)s, ended_at = %(ended_at)s,
    reopened_at = %(reopened_at)s, due_at = %(due_at)s
WHERE complaint_id = %(complaint_id)s

-- name: by_id
SELECT c.* FROM complaints_in_words c WHERE c.complaint_id = %(complaint_id)s

-- name: by_status
SELECT complaint_id FROM complaints WHERE status_digest = %(status_digest)s

-- name: awaited
-- What the market has a step to take with: the one that is due first, or was, before the others. Each market along its index.
SELECT w.* FROM (
    SELECT one.complaint_id, one.due_at
    FROM markets m
    CROSS JOIN LATERAL (
        SELECT c.complaint_id, c.due_at FROM complaints c
        WHERE c.market_id = m.market_id AND c.due_at IS NOT NULL
          AND (%(channel)s::text IS NULL OR c.channel = %(channel)s)
          AND (%(stall_id)s::text IS NULL OR c.stall_id = %(stall_id)s)
          AND (%(before)s::bigint IS NULL
               OR (c.due_at, c.complaint_id) > (SELECT b.due_at, b.complaint_id FROM complaints b
                                                WHERE b.complaint_id = %(before)s))
        ORDER BY c.due_at, c.complaint_id LIMIT %(limit)s
    ) one
    WHERE %(market_id)s::text IS NULL OR m.market_id = %(market_id)s
    ORDER BY one.due_at, one.complaint_id LIMIT %(limit)s
) page JOIN complaints_in_words w USING (complaint_id)
ORDER BY page.due_at, page.complaint_id

-- name: listed
-- The newest first, of some states. The page is chosen before anything is looked up for it.
SELECT c.* FROM (
    SELECT one.complaint_id FROM complaints one
    WHERE (%(market_id)s::text IS NULL OR one.market_id = %(market_id)s) AND one.state = ANY (%(states)s::text[])
      AND (%(channel)s::text IS NULL OR one.channel = %(channel)s)
      AND (%(stall_id)s::text IS NULL OR one.stall_id = %(stall_id)s)
      AND (%(before)s::bigint IS NULL OR one.complaint_id < %(before)s)
    ORDER BY one.complaint_id DESC LIMIT %(limit)s
) page JOIN complaints_in_words c USING (complaint_id)
ORDER BY c.complaint_id DESC

-- name: counts
-- What awaits somebody, and how much of it is late.
SELECT count(*), count(*) FILTER (WHERE due_at < %(now)s)
FROM complaints WHERE due_at IS NOT NULL AND (%(market_id)s::text IS NULL OR market_id = %(market_id)s)

-- name: link
INSERT INTO complaint_weighings (complaint_id, market_id, scale_id, journal_id, seq, weighed_at, alert_id, linked_at,
                                 linked_by)
VALUES (%(complaint_id)s, %(market_id)s, %(scale_id)s, %(journal_id)s, %(seq)s, %(weighed_at)s, %(alert_id)s, %(now)s,
        %(by)s)
ON CONFLICT ON CONSTRAINT complaint_weighings_pkey DO NOTHING
RETURNING complaint_id

-- name: place
-- Where nobody said at which stall it was, the sale does.
UPDATE complaints SET stall_id = %(stall_id)s WHERE complaint_id = %(complaint_id)s AND stall_id IS NULL

-- name: links_of
SELECT scale_id, journal_id, seq, weighed_at, alert_id FROM complaint_weighings
WHERE complaint_id = %(complaint_id)s ORDER BY weighed_at, scale_id, journal_id, seq

-- name: alerts_about
-- The alerts that complaints about a sale opened or joined, the newest first.
SELECT DISTINCT alert_id FROM complaint_weighings
WHERE market_id = %(market_id)s AND scale_id = %(scale_id)s AND journal_id = %(journal_id)s AND seq = %(seq)s
  AND weighed_at = %(weighed_at)s
ORDER BY alert_id DESC

-- name: about_the_same
-- Other complaints about the same sale: linked to it, or naming its ticket.
SELECT c.* FROM complaints_in_words c
WHERE c.complaint_id <> %(complaint_id)s AND c.complaint_id = ANY (ARRAY(
    SELECT other.complaint_id FROM complaint_weighings mine
    JOIN complaint_weighings other USING (market_id, scale_id, journal_id, seq, weighed_at)
    WHERE mine.complaint_id = %(complaint_id)s
    UNION
    SELECT other.complaint_id FROM complaints mine JOIN complaints other USING (market_id, scale_id, journal_id, seq)
    WHERE mine.complaint_id = %(complaint_id)s))
ORDER BY c.complaint_id DESC LIMIT %(limit)s

-- name: of_alert
SELECT c.* FROM complaints_in_words c
WHERE c.complaint_id = ANY (ARRAY(SELECT complaint_id FROM complaint_weighings WHERE alert_id = %(alert_id)s))
ORDER BY c.complaint_id DESC LIMIT %(limit)s

-- name: stall_is_known
SELECT EXISTS (SELECT FROM stalls WHERE market_id = %(market_id)s AND stall_id = %(stall_id)s)

-- name: market
SELECT market_id, name, area, channel, timezone FROM markets WHERE market_id = %(market_id)s

-- name: figures
-- How fast each market answers what came in a span of time: seconds until a person took it on or refused it, seconds until
-- it was answered (median and ninth tenth), and how many were or are late.
SELECT m.market_id, m.name, count(*),
       percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY extract(epoch FROM c.first_step_at - c.received_at)::bigint),
       percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY extract(epoch FROM c.first_answer_at - c.received_at)::bigint),
       count(*) FILTER (WHERE coalesce(c.first_answer_at, %(now)s) > least(c.received_at + %(close)s, c.channel_due_at)
                              AND c.state <> 'withdrawn'),
       count(*) FILTER (WHERE c.outcome IN ('upheld', 'settled')), count(*) FILTER (WHERE c.outcome IS NOT NULL)
FROM complaints c
JOIN markets m USING (market_id)
WHERE c.received_at >= %(since)s AND c.received_at < %(until)s
  AND (%(market_id)s::text IS NULL OR c.market_id = %(market_id)s)
GROUP BY m.market_id, m.name ORDER BY m.market_id

-- name: with_unlinked_tickets
-- Complaints whose ticket had not arrived when they were filed, those of the last days.
SELECT complaint_id FROM complaints c
WHERE c.due_at IS NOT NULL AND c.scale_id IS NOT NULL
  AND NOT EXISTS (SELECT FROM complaint_weighings w WHERE w.complaint_id = c.complaint_id)
ORDER BY c.complaint_id DESC LIMIT %(limit)s
