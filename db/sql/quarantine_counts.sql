-- name: take_folding
-- One at a time adds up; who comes second has nothing to do. Let go at the end of the transaction.
SELECT pg_try_advisory_xact_lock(hashtextextended('steelyard/quarantine-counts', 0))

-- name: fold
-- Changes into counts. Whoever reads both in one statement sees each change once, before and after.
WITH folded AS (
    DELETE FROM quarantine_count_changes
    RETURNING market_id, scale_id, state, reason, messages, first_at, last_at
)
INSERT INTO quarantine_counts AS c (breadth, market_id, scale_id, state, reason, messages, first_at, last_at)
SELECT CASE grouping(market_id, scale_id) WHEN 3 THEN 'everywhere' WHEN 1 THEN 'market' ELSE 'scale' END,
       coalesce(market_id, ''), coalesce(scale_id, ''), state, reason, sum(messages), min(first_at), max(last_at)
FROM folded
GROUP BY GROUPING SETS ((state, reason), (market_id, state, reason), (market_id, scale_id, state, reason))
ON CONFLICT (breadth, market_id, scale_id, state, reason) DO UPDATE
SET messages = c.messages + excluded.messages,
    first_at = CASE WHEN c.messages = 0 THEN excluded.first_at ELSE least(c.first_at, excluded.first_at) END,
    last_at = CASE WHEN c.messages = 0 THEN excluded.last_at ELSE greatest(c.last_at, excluded.last_at) END

-- name: everywhere
SELECT state, reason, sum(messages)::bigint AS messages
FROM (SELECT state, reason, messages FROM quarantine_counts WHERE breadth = 'everywhere'
      UNION ALL
      SELECT state, reason, messages FROM quarantine_count_changes) AS both_of_them
GROUP BY state, reason
HAVING sum(messages) <> 0

-- name: of_market
SELECT state, reason, sum(messages)::bigint AS messages
FROM (SELECT state, reason, messages FROM quarantine_counts
      WHERE breadth = 'market' AND market_id = %(market_id)s::text
      UNION ALL
      SELECT state, reason, messages FROM quarantine_count_changes
      WHERE market_id = %(market_id)s::text) AS both_of_them
GROUP BY state, reason
HAVING sum(messages) <> 0

-- name: of_scale
-- `market_id` NULL: in whatever market.
SELECT state, reason, sum(messages)::bigint AS messages
FROM (SELECT market_id, state, reason, messages FROM quarantine_counts
      WHERE breadth = 'scale' AND scale_id = %(scale_id)s::text
      UNION ALL
      SELECT market_id, state, reason, messages FROM quarantine_count_changes
      WHERE scale_id = %(scale_id)s::text) AS both_of_them
WHERE %(market_id)s::text IS NULL OR market_id = %(market_id)s::text
GROUP BY state, reason
HAVING sum(messages) <> 0

-- name: tally
-- By reason, market and scale, the most first. Of what is counted as none no span is left.
SELECT reason, nullif(market_id, '') AS market_id, nullif(scale_id, '') AS scale_id, sum(messages)::bigint AS messages,
       min(first_at) AS first_at, max(last_at) AS last_at
FROM (SELECT reason, market_id, scale_id, state, messages, first_at, last_at FROM quarantine_counts
      WHERE breadth = 'scale' AND messages <> 0
      UNION ALL
      SELECT reason, market_id, scale_id, state, messages, first_at, last_at
      FROM quarantine_count_changes) AS both_of_them
WHERE state = ANY (%(states)s::text[]) AND (%(market_id)s::text IS NULL OR market_id = %(market_id)s::text)
GROUP BY reason, market_id, scale_id
HAVING sum(messages) <> 0
ORDER BY messages DESC, reason, market_id, scale_id
LIMIT %(limit)s::bigint

-- name: held_by_device
-- What is held now of each registered scale, and of all others together (scale_id NULL): by names that are registered,
-- since names that are not can be invented without end.
WITH held AS (
    SELECT c.reason, c.scale_id, c.messages
    FROM scales s
    JOIN quarantine_counts c ON c.breadth = 'scale' AND c.market_id = s.market_id AND c.scale_id = s.scale_id
    WHERE c.state = 'held' AND c.messages <> 0
), registered AS (
    SELECT reason, scale_id, sum(messages)::bigint AS messages FROM held GROUP BY reason, scale_id
)
SELECT reason, scale_id, messages FROM registered
UNION ALL
SELECT e.reason, NULL, e.messages - coalesce(sum(r.messages), 0)::bigint
FROM quarantine_counts e LEFT JOIN registered r ON r.reason = e.reason
WHERE e.breadth = 'everywhere' AND e.state = 'held'
GROUP BY e.reason, e.messages
