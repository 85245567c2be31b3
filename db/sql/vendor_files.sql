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
-- What authorities decided about the vendor, the newest first: over alerts, and in cases that rest on other things. Where no
-- alert carries the document, the case says what became of it.
SELECT p.at, p.alert_id, p.alert_state, p.document_no, p.authority, p.decided_on, p.decision, p.case_id, p.case_state
FROM (
    SELECT s.at, a.alert_id, a.state AS alert_state, s.penalty_document_no AS document_no,
           s.penalty_authority AS authority, s.penalty_decided_on AS decided_on, s.penalty_decision AS decision,
           (SELECT d.case_id FROM case_decisions d
            WHERE d.market_id = a.market_id AND d.vendor_id = a.vendor_id AND d.authority = s.penalty_authority
              AND d.document_no = s.penalty_document_no) AS case_id,
           NULL AS case_state
    FROM alerts a
    JOIN alert_steps s ON s.alert_id = a.alert_id AND s.action = 'record_penalty'
    WHERE a.market_id = %(market_id)s AND a.vendor_id = %(vendor_id)s
    UNION ALL
    SELECT d.recorded_at, NULL, NULL, d.document_no, d.authority, d.decided_on, d.decision, d.case_id,
           CASE WHEN EXISTS (SELECT FROM case_steps r WHERE r.case_id = d.case_id AND r.action = 'revoke'
                             AND r.at >= d.recorded_at) THEN 'revoked' ELSE c.state END
    FROM case_decisions d JOIN cases c USING (case_id)
    WHERE d.market_id = %(market_id)s AND d.vendor_id = %(vendor_id)s AND d.outcome = 'penalised'
      AND NOT EXISTS (SELECT FROM alert_steps s JOIN alerts a USING (alert_id)
                      WHERE s.action = 'record_penalty' AND s.penalty_authority = d.authority
                        AND s.penalty_document_no = d.document_no AND a.market_id = d.market_id
                        AND a.vendor_id = d.vendor_id)
) p
ORDER BY p.at DESC, p.alert_id DESC NULLS LAST, p.case_id DESC
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
