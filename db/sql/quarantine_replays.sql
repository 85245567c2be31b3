-- name: newest
-- The newest message there is: what a person looks at ends with it.
SELECT coalesce(max(quarantine_id), 0) FROM quarantine

-- name: meant_of_ever
-- What is held and may be read again, by reason, of any time: the count (see quarantine_counts), less what came since
-- `up_to`.
WITH counted AS (
    SELECT reason, sum(messages) AS messages
    FROM (SELECT breadth, market_id, scale_id, state, reason, messages FROM quarantine_counts
          UNION ALL
          SELECT of_it.breadth, market_id, scale_id, state, reason, messages
          FROM quarantine_count_changes, unnest(ARRAY['everywhere', 'market', 'scale']) AS of_it (breadth)) AS c
    WHERE breadth = CASE WHEN %(scale_id)s::text IS NOT NULL THEN 'scale'
                         WHEN %(market_id)s::text IS NOT NULL THEN 'market' ELSE 'everywhere' END
      AND state = 'held' AND reason <> 'conflict'
      AND (%(reason)s::text IS NULL OR reason = %(reason)s::text)
      AND (%(market_id)s::text IS NULL OR market_id = %(market_id)s::text)
      AND (%(scale_id)s::text IS NULL OR scale_id = %(scale_id)s::text)
    GROUP BY reason
), later AS (
    SELECT reason, count(*) AS messages
    FROM quarantine
    WHERE quarantine_id > %(up_to)s AND state = 'held' AND reason <> 'conflict'
      AND (%(reason)s::text IS NULL OR reason = %(reason)s::text)
      AND (%(market_id)s::text IS NULL OR market_id = %(market_id)s::text)
      AND (%(scale_id)s::text IS NULL OR scale_id = %(scale_id)s::text)
    GROUP BY reason
)
SELECT counted.reason, (counted.messages - coalesce(later.messages, 0))::bigint
FROM counted LEFT JOIN later USING (reason)
WHERE counted.messages > coalesce(later.messages, 0)

-- name: meant_of_a_span
-- The same for what was received within a span: counted one by one, since nobody keeps a count of each hour.
SELECT reason, count(*)
FROM quarantine
WHERE received_at >= coalesce(%(since)s::timestamptz, '-infinity')
  AND received_at < coalesce(%(until)s::timestamptz, 'infinity')
  AND quarantine_id <= %(up_to)s AND state = 'held' AND reason <> 'conflict'
  AND (%(reason)s::text IS NULL OR reason = %(reason)s::text)
  AND (%(market_id)s::text IS NULL OR market_id = %(market_id)s::text)
  AND (%(scale_id)s::text IS NULL OR scale_id = %(scale_id)s::text)
GROUP BY reason

-- name: ask
-- Who asks for the same again while it is going on, gets what is going on.
WITH going_on AS (
    SELECT replay_id FROM quarantine_replays
    WHERE all_marked_at IS NULL AND stopped_at IS NULL
      AND (reason, market_id, scale_id, since, until) IS NOT DISTINCT FROM
          (%(reason)s::text, %(market_id)s::text, %(scale_id)s::text, %(since)s::timestamptz, %(until)s::timestamptz)
    ORDER BY replay_id
    LIMIT 1
), new AS (
    INSERT INTO quarantine_replays (asked_at, asked_by, reason, market_id, scale_id, since, until, up_to, expected)
    SELECT %(now)s, %(actor)s, %(reason)s::text, %(market_id)s::text, %(scale_id)s::text, %(since)s::timestamptz,
           %(until)s::timestamptz, %(up_to)s, %(expected)s
    WHERE NOT EXISTS (SELECT FROM going_on)
    RETURNING replay_id
)
SELECT replay_id FROM going_on UNION ALL SELECT replay_id FROM new

-- name: stop
UPDATE quarantine_replays
SET stopped_at = %(now)s, stopped_by = %(actor)s
WHERE replay_id = %(replay_id)s AND all_marked_at IS NULL AND stopped_at IS NULL
RETURNING replay_id

-- name: one
SELECT replay_id, asked_at, asked_by, reason, market_id, scale_id, since, until, expected, marked, replayed, refused,
       settled, all_marked_at, stopped_at, stopped_by
FROM quarantine_replays
WHERE replay_id = %(replay_id)s

-- name: newest_ones
SELECT replay_id, asked_at, asked_by, reason, market_id, scale_id, since, until, expected, marked, replayed, refused,
       settled, all_marked_at, stopped_at, stopped_by
FROM quarantine_replays
WHERE %(market_id)s::text IS NULL OR market_id = %(market_id)s::text
ORDER BY replay_id DESC
LIMIT %(limit)s

-- name: going_on
SELECT replay_id FROM quarantine_replays
WHERE all_marked_at IS NULL AND stopped_at IS NULL
ORDER BY replay_id

-- name: mark_slice
-- Ask for the next of many, each as if a person did it for this one: with its own step in the trail. At most `limit`
-- are marked, and at most `span` numbers looked at, so however rare they are it is a short transaction. They are locked
-- in the order in which ingest holds messages (by identity), so neither waits for the other in a circle.
WITH replay AS (
    SELECT replay_id, asked_by, reason, market_id, scale_id, since, until, marked_to,
           least(up_to, marked_to + %(span)s::bigint) AS look_to, up_to
    FROM quarantine_replays
    WHERE replay_id = %(replay_id)s AND all_marked_at IS NULL AND stopped_at IS NULL
), picked AS (
    -- Asked for by values and not by a join, so that the numbers are read in their order and no further than needed.
    SELECT quarantine_id
    FROM quarantine
    WHERE quarantine_id > (SELECT marked_to FROM replay) AND quarantine_id <= (SELECT look_to FROM replay)
      AND state = 'held' AND reason <> 'conflict'
      AND ((SELECT reason IS NULL FROM replay) OR reason = (SELECT reason FROM replay))
      AND ((SELECT market_id IS NULL FROM replay) OR market_id = (SELECT market_id FROM replay))
      AND ((SELECT scale_id IS NULL FROM replay) OR scale_id = (SELECT scale_id FROM replay))
      AND ((SELECT since IS NULL FROM replay) OR received_at >= (SELECT since FROM replay))
      AND ((SELECT until IS NULL FROM replay) OR received_at < (SELECT until FROM replay))
    ORDER BY quarantine_id
    LIMIT %(limit)s::bigint
), looked AS (
    SELECT CASE WHEN (SELECT count(*) FROM picked) = %(limit)s::bigint THEN (SELECT max(quarantine_id) FROM picked)
                ELSE look_to END AS to_id
    FROM replay
), locked AS (
    SELECT q.quarantine_id
    FROM picked JOIN quarantine q USING (quarantine_id)
    WHERE q.state = 'held' AND q.reason <> 'conflict' AND q.replay_requested_at IS NULL
    ORDER BY q.identity
    FOR UPDATE OF q
), asked AS (
    UPDATE quarantine q
    SET replay_requested_at = %(now)s, replay_requested_by = r.asked_by, replay_id = r.replay_id
    FROM locked, replay r
    WHERE q.quarantine_id = locked.quarantine_id
    RETURNING q.quarantine_id
), told AS (
    INSERT INTO quarantine_events (quarantine_id, at, actor, step)
    SELECT a.quarantine_id, %(now)s, r.asked_by, 'replay_requested' FROM asked a, replay r
    ORDER BY a.quarantine_id
)
UPDATE quarantine_replays q
SET marked = q.marked + (SELECT count(*) FROM asked), marked_to = looked.to_id,
    all_marked_at = CASE WHEN looked.to_id >= replay.up_to THEN %(now)s::timestamptz END
FROM replay, looked
WHERE q.replay_id = replay.replay_id
RETURNING q.marked
