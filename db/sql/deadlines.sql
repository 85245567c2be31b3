-- name: hold_to_look_at
-- Alerts whose deadlines are to be looked at, held; another process takes others. Read afterwards, as they are then.
SELECT a.alert_id FROM alerts a
WHERE a.next_look_at <= %(now)s
ORDER BY a.next_look_at
LIMIT %(limit)s
FOR NO KEY UPDATE SKIP LOCKED

-- name: to_look_at
SELECT w.* FROM alerts_in_words w WHERE w.alert_id = ANY (%(alert_ids)s) ORDER BY w.alert_id

-- name: looked_at
UPDATE alerts a SET next_look_at = l.next_look_at, is_overdue = l.is_overdue
FROM unnest(%(alert_id)s::bigint[], %(next_look_at)s::timestamptz[], %(is_overdue)s::boolean[])
     AS l (alert_id, next_look_at, is_overdue)
WHERE a.alert_id = l.alert_id

-- name: told
-- Write down what is said about deadlines; return only what had not been said.
INSERT INTO deadlines_told (alert_id, deadline, due_since, standing, due_at, told_at)
SELECT t.alert_id, t.deadline, t.due_since, t.standing, t.due_at, %(now)s
FROM unnest(%(alert_id)s::bigint[], %(deadline)s::text[], %(due_since)s::timestamptz[], %(standing)s::text[],
            %(due_at)s::timestamptz[]) AS t (alert_id, deadline, due_since, standing, due_at)
ON CONFLICT ON CONSTRAINT deadlines_told_pkey DO NOTHING
RETURNING alert_id, deadline, standing, due_at

-- name: next_look
SELECT min(next_look_at) FROM alerts WHERE next_look_at IS NOT NULL

-- name: handled_by_person
-- How each person handled the alerts of each market in a span of time. `first`: theirs was the first step of the alert.
SELECT a.market_id, s.actor,
       count(*) FILTER (WHERE s.action = 'confirm') AS confirmed,
       count(*) FILTER (WHERE s.action = 'dismiss') AS dismissed,
       count(*) FILTER (WHERE s.action = 'close') AS closed,
       count(*) FILTER (WHERE s.action = 'close'
                        AND NOT EXISTS (SELECT FROM alert_photos p WHERE p.alert_id = s.alert_id)) AS without_evidence,
       count(*) FILTER (WHERE first.is_first) AS answered,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM s.at - a.opened_at))
           FILTER (WHERE first.is_first) AS median_answer_s
FROM alert_steps s
JOIN alerts a USING (alert_id)
CROSS JOIN LATERAL (SELECT s.action IN ('acknowledge', 'confirm', 'dismiss', 'merge') AND s.from_state = 'open' AS is_first) first
WHERE s.at >= %(since)s AND s.at < %(until)s AND s.actor <> 'system'
  AND s.action IN ('acknowledge', 'confirm', 'dismiss', 'merge', 'close')
  AND (%(market_id)s::text IS NULL OR a.market_id = %(market_id)s)
GROUP BY a.market_id, s.actor
ORDER BY a.market_id, s.actor

-- name: missed_by_market
SELECT a.market_id, t.deadline, count(*)
FROM deadlines_told t
JOIN alerts a USING (alert_id)
WHERE t.standing = 'missed' AND t.told_at >= %(since)s AND t.told_at < %(until)s
  AND (%(market_id)s::text IS NULL OR a.market_id = %(market_id)s)
GROUP BY a.market_id, t.deadline
ORDER BY a.market_id, t.deadline

-- name: opened_by_market
SELECT m.market_id, m.name, (SELECT count(*) FROM alerts a WHERE a.market_id = m.market_id
                             AND a.opened_at >= %(since)s AND a.opened_at < %(until)s)
FROM markets m
WHERE %(market_id)s::text IS NULL OR m.market_id = %(market_id)s
ORDER BY m.market_id
