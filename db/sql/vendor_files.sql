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
