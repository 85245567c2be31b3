-- name: request_replay
-- A conflict is never replayed, and who asks again while it waits changes nothing.
WITH asked AS (
    UPDATE quarantine
    SET replay_requested_at = %(now)s, replay_requested_by = %(actor)s
    WHERE quarantine_id = %(quarantine_id)s AND state = 'held' AND reason <> 'conflict'
      AND replay_requested_at IS NULL
    RETURNING quarantine_id
)
INSERT INTO quarantine_events (quarantine_id, at, actor, step)
SELECT quarantine_id, %(now)s, %(actor)s, 'replay_requested' FROM asked
RETURNING quarantine_id

-- name: requested
SELECT quarantine_id, replay_requested_by
FROM quarantine
WHERE replay_requested_at IS NOT NULL
ORDER BY replay_requested_at, quarantine_id
LIMIT %(limit)s

-- name: replayable
-- What is held and may be read again, the oldest first: what came first under a number is the line.
SELECT quarantine_id
FROM quarantine
WHERE state = 'held' AND reason <> 'conflict' AND quarantine_id > %(after)s
  AND (%(reason)s::text IS NULL OR reason = %(reason)s::text)
  AND (%(market_id)s::text IS NULL OR market_id = %(market_id)s::text)
  AND (%(scale_id)s::text IS NULL OR scale_id = %(scale_id)s::text)
ORDER BY quarantine_id
LIMIT %(limit)s

-- name: end_replayed
WITH ended AS (
    UPDATE quarantine
    SET state = 'replayed', outcome = %(outcome)s, ended_at = %(now)s, ended_by = %(actor)s, tries = tries + 1,
        tried_at = %(now)s, replay_requested_at = NULL, replay_requested_by = NULL
    WHERE quarantine_id = %(quarantine_id)s AND state = 'held'
    RETURNING quarantine_id
)
INSERT INTO quarantine_events (quarantine_id, at, actor, step, outcome)
SELECT quarantine_id, %(now)s, %(actor)s, 'replayed', %(outcome)s FROM ended
RETURNING quarantine_id

-- name: refuse_again
-- It stays held, with the reason of today; what it was held for before stands in the trail.
WITH before AS (
    SELECT quarantine_id, reason, explanation FROM quarantine
    WHERE quarantine_id = %(quarantine_id)s AND state = 'held'
    FOR UPDATE
), refused AS (
    UPDATE quarantine q
    SET reason = %(reason)s, explanation = %(explanation)s, tries = q.tries + 1, tried_at = %(now)s,
        replay_requested_at = NULL, replay_requested_by = NULL
    FROM before
    WHERE q.quarantine_id = before.quarantine_id
    RETURNING q.quarantine_id
)
INSERT INTO quarantine_events (quarantine_id, at, actor, step, reason, note, was_reason, was_note)
SELECT quarantine_id, %(now)s, %(actor)s, 'refused_again', %(reason)s, %(explanation)s, before.reason,
       before.explanation
FROM refused JOIN before USING (quarantine_id)
RETURNING quarantine_id

-- name: settle
WITH ended AS (
    UPDATE quarantine
    SET state = 'settled', ended_at = %(now)s, ended_by = %(actor)s, replay_requested_at = NULL,
        replay_requested_by = NULL
    WHERE quarantine_id = %(quarantine_id)s AND state = 'held'
    RETURNING quarantine_id
)
INSERT INTO quarantine_events (quarantine_id, at, actor, step, note)
SELECT quarantine_id, %(now)s, %(actor)s, 'settled', %(because)s FROM ended
RETURNING quarantine_id

-- name: try_to_replay
-- One worker reads again what is asked for; when its connection ends, however it ends, another one gets the lock.
SELECT pg_try_advisory_lock(hashtextextended('steelyard/replay', 0))
