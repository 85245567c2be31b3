-- name: apply
INSERT INTO credit_repairs (market_id, vendor_id, event_id, effort, document_no, document, promise_id, words, applied_by,
                            applied_at)
VALUES (%(market_id)s, %(vendor_id)s, %(event_id)s, %(effort)s, %(document_no)s, %(document)s, %(promise_id)s, %(words)s,
        %(applied_by)s, %(applied_at)s)
RETURNING repair_id

-- name: move
UPDATE credit_repairs
SET state = %(state)s, points = %(points)s, granted_event = %(granted_event)s, rules_version = %(rules_version)s,
    decided_by = %(decided_by)s, decided_at = %(decided_at)s, reason = %(reason)s, revision = revision + 1
WHERE repair_id = %(repair_id)s

-- name: append_step
INSERT INTO credit_repair_steps (repair_id, at, actor, action, from_state, to_state, note, origin)
VALUES (%(repair_id)s, %(at)s, %(actor)s, %(action)s, %(from_state)s, %(to_state)s, %(note)s, %(origin)s)

-- name: by_id
SELECT * FROM credit_repairs WHERE repair_id = %(repair_id)s

-- name: waiting_of_event
-- The application about a deduction that awaits its decision.
SELECT * FROM credit_repairs WHERE event_id = %(event_id)s AND state = 'applied'

-- name: of_vendor
-- The newest first.
SELECT * FROM credit_repairs
WHERE market_id = %(market_id)s AND vendor_id = %(vendor_id)s
ORDER BY repair_id DESC LIMIT %(limit)s

-- name: steps_of
SELECT repair_id, at, actor, action, from_state, to_state, note, origin
FROM credit_repair_steps WHERE repair_id = %(repair_id)s ORDER BY step_id

-- name: listed
-- The newest first, each state along its index; `before`: those made before this one. LIMIT 1: one look at an index for each
-- line, never a whole table beside them.
SELECT r.*, m.name AS market_name, m.timezone, v.name AS vendor_name, e.reason AS deducted_for, e.points AS deducted,
       e.occurred_at, e.alert_id
FROM (
    SELECT one.repair_id
    FROM unnest(%(states)s::text[]) AS asked (state)
    CROSS JOIN LATERAL (
        SELECT r.repair_id FROM credit_repairs r
        WHERE r.state = asked.state AND (%(before)s::bigint IS NULL OR r.repair_id < %(before)s)
        ORDER BY r.repair_id DESC LIMIT %(limit)s
    ) one
    ORDER BY one.repair_id DESC LIMIT %(limit)s
) page
CROSS JOIN LATERAL (SELECT * FROM credit_repairs r WHERE r.repair_id = page.repair_id LIMIT 1) r
JOIN markets m ON m.market_id = r.market_id
CROSS JOIN LATERAL (SELECT * FROM credit_events e WHERE e.event_id = r.event_id LIMIT 1) e
CROSS JOIN LATERAL (SELECT * FROM vendors v WHERE v.market_id = r.market_id AND v.vendor_id = r.vendor_id LIMIT 1) v
ORDER BY r.repair_id DESC

-- name: listed_in_market
SELECT r.*, m.name AS market_name, m.timezone, v.name AS vendor_name, e.reason AS deducted_for, e.points AS deducted,
       e.occurred_at, e.alert_id
FROM (
    SELECT one.repair_id
    FROM unnest(%(states)s::text[]) AS asked (state)
    CROSS JOIN LATERAL (
        SELECT r.repair_id FROM credit_repairs r
        WHERE r.market_id = %(market_id)s AND r.state = asked.state
          AND (%(before)s::bigint IS NULL OR r.repair_id < %(before)s)
        ORDER BY r.repair_id DESC LIMIT %(limit)s
    ) one
    ORDER BY one.repair_id DESC LIMIT %(limit)s
) page
CROSS JOIN LATERAL (SELECT * FROM credit_repairs r WHERE r.repair_id = page.repair_id LIMIT 1) r
JOIN markets m ON m.market_id = r.market_id
CROSS JOIN LATERAL (SELECT * FROM credit_events e WHERE e.event_id = r.event_id LIMIT 1) e
CROSS JOIN LATERAL (SELECT * FROM vendors v WHERE v.market_id = r.market_id AND v.vendor_id = r.vendor_id LIMIT 1) v
ORDER BY r.repair_id DESC

-- name: counts
-- How many applications are in each state, counted no further than `most`.
SELECT asked.state, (SELECT count(*) FROM (SELECT 1 FROM credit_repairs r WHERE r.state = asked.state
                                           ORDER BY r.repair_id DESC LIMIT %(most)s) AS counted)
FROM unnest(%(states)s::text[]) AS asked (state)

-- name: counts_in_market
SELECT asked.state, (SELECT count(*) FROM (SELECT 1 FROM credit_repairs r
                                           WHERE r.market_id = %(market_id)s AND r.state = asked.state
                                           ORDER BY r.repair_id DESC LIMIT %(most)s) AS counted)
FROM unnest(%(states)s::text[]) AS asked (state)

-- name: about_alerts
-- What of alerts decides about repair: how far a rectification is, and who confirmed them.
SELECT a.alert_id, a.state, a.rectify_by,
       (SELECT s.action FROM alert_steps s
        WHERE s.alert_id = a.alert_id AND s.action IN ('order_rectification', 'send_back', 'report_rectified')
        ORDER BY s.alert_step_id DESC LIMIT 1) AS ordered,
       ARRAY(SELECT DISTINCT s.actor FROM alert_steps s
             WHERE s.alert_id = a.alert_id AND s.action = 'confirm' ORDER BY s.actor) AS confirmed_by
FROM alerts a WHERE a.alert_id = ANY(%(alert_ids)s)

-- name: waiting_in_vain
-- Applications about a deduction that was given back, or that happened before a moment: of a cycle that is over, perhaps.
SELECT r.repair_id
FROM credit_repairs r JOIN credit_events e USING (event_id)
WHERE r.state = 'applied'
  AND (e.occurred_at < %(before)s OR EXISTS (SELECT FROM credit_events u WHERE u.reverses = e.event_id))
ORDER BY r.repair_id LIMIT %(limit)s
