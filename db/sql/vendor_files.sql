-- name: newest_alerts
SELECT alert_id, kind, state, business_day, occurrences, overcharge_fen, opened_at
FROM alerts WHERE market_id = %(market_id)s AND vendor_id = %(vendor_id)s
ORDER BY opened_at DESC LIMIT %(limit)s

-- name: alert_counts
-- Of the newest ones along their index: what a page cannot count in time it says is more.
SELECT state, count(*), sum(count(*)) OVER () FROM (
    SELECT state FROM alerts WHERE market_id = %(market_id)s AND vendor_id = %(vendor_id)s
    ORDER BY opened_at DESC LIMIT %(most)s
) AS newest
GROUP BY state

-- name: penalties
-- What authorities decided about the vendor's alerts, the newest first.
SELECT s.at, a.alert_id, a.state, s.penalty_document_no, s.penalty_authority, s.penalty_decided_on, s.penalty_decision
FROM alerts a
JOIN alert_steps s ON s.alert_id = a.alert_id AND s.action = 'record_penalty'
WHERE a.market_id = %(market_id)s AND a.vendor_id = %(vendor_id)s
ORDER BY s.at DESC, s.alert_step_id DESC
LIMIT %(limit)s

-- name: complaints
-- Complaints about the vendor's sales, the newest first.
SELECT c.complaint_id, c.received_at, c.channel, c.reason, c.state, c.outcome, c.answered_at
FROM complaints c
WHERE c.complaint_id IN (SELECT w.complaint_id FROM alerts a JOIN complaint_weighings w USING (alert_id)
                         WHERE a.market_id = %(market_id)s AND a.vendor_id = %(vendor_id)s)
ORDER BY c.complaint_id DESC
LIMIT %(limit)s

-- name: inspections
-- Visits to the vendor, the newest window first; a visit that became part of another is told by that one.
SELECT i.inspection_id, i.state, i.first_day, i.last_day, i.rectify_by, i.revisit_by, i.opened_at,
       coalesce(asked.items, '{}') AS items, said.stars, coalesce(asked.revisit_of, '{}') AS revisit_of
FROM inspections i
LEFT JOIN LATERAL (
    SELECT array_agg(DISTINCT code ORDER BY code) AS items,
           array_agg(DISTINCT t.revisit_of) FILTER (WHERE t.revisit_of IS NOT NULL) AS revisit_of
    FROM inspection_tasks t, unnest(t.items) AS code
    WHERE t.inspection_id = i.inspection_id
) asked ON true
LEFT JOIN LATERAL (
    SELECT f.stars FROM inspection_feedback f WHERE f.inspection_id = i.inspection_id AND f.stars IS NOT NULL
    ORDER BY f.feedback_id DESC LIMIT 1
) said ON true
WHERE i.market_id = %(market_id)s AND i.vendor_id = %(vendor_id)s AND i.state <> ALL (%(hidden)s)
ORDER BY i.last_day DESC, i.inspection_id DESC
LIMIT %(limit)s
