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
  AND (%(since)s::timestamptz IS NULL OR received_at >= %(since)s::timestamptz)
  AND (%(until)s::timestamptz IS NULL OR received_at < %(until)s::timestamptz)
ORDER BY quarantine_id
LIMIT %(limit)s

-- name: end_replayed
-- Where it was asked for among many, it is counted there in the same statement, as in the two below. The message is
-- always locked before what it is counted in, so nobody waits in a circle.
WITH before AS (
    SELECT quarantine_id, replay_id FROM quarantine
    WHERE quarantine_id = %(quarantine_id)s AND state = 'held'
    FOR UPDATE
), ended AS (
    UPDATE quarantine q
    SET state = 'replayed', outcome = %(outcome)s, ended_at = %(now)s, ended_by = %(actor)s, tries = q.tries + 1,
        tried_at = %(now)s, replay_requested_at = NULL, replay_requested_by = NULL, replay_id = NULL
    FROM before
    WHERE q.quarantine_id = before.quarantine_id
    RETURNING q.quarantine_id, before.replay_id
), counted AS (
    UPDATE quarantine_replays r SET replayed = r.replayed + 1 FROM ended WHERE r.replay_id = ended.replay_id
)
INSERT INTO quarantine_events (quarantine_id, at, actor, step, outcome)
SELECT quarantine_id, %(now)s, %(actor)s, 'replayed', %(outcome)s FROM ended
RETURNING quarantine_id

-- name: end_replayed_together
-- See end_replayed. Locked in the order in which ingest holds messages (by identity).
WITH before AS (
    SELECT quarantine_id, replay_id FROM quarantine
    WHERE quarantine_id = ANY (%(quarantine_ids)s::bigint[]) AND state = 'held'
    ORDER BY identity
    FOR UPDATE
), ended AS (
    UPDATE quarantine q
    SET state = 'replayed', outcome = %(outcome)s, ended_at = %(now)s, ended_by = %(actor)s, tries = q.tries + 1,
        tried_at = %(now)s, replay_requested_at = NULL, replay_requested_by = NULL, replay_id = NULL
    FROM before
    WHERE q.quarantine_id = before.quarantine_id
    RETURNING q.quarantine_id, before.replay_id
), counted AS (
    UPDATE quarantine_replays r
    SET replayed = r.replayed + done.messages
    FROM (SELECT replay_id, count(*) AS messages FROM ended GROUP BY replay_id) AS done
    WHERE r.replay_id = done.replay_id
)
INSERT INTO quarantine_events (quarantine_id, at, actor, step, outcome)
SELECT quarantine_id, %(now)s, %(actor)s, 'replayed', %(outcome)s FROM ended ORDER BY quarantine_id
RETURNING quarantine_id

-- name: refuse_again
-- It stays held, with the reason of today; what it was held for before stands in the trail.
WITH before AS (
    SELECT quarantine_id, reason, explanation, replay_id FROM quarantine
    WHERE quarantine_id = %(quarantine_id)s AND state = 'held'
    FOR UPDATE
), refused AS (
    UPDATE quarantine q
    SET reason = %(reason)s, explanation = %(explanation)s, tries = q.tries + 1, tried_at = %(now)s,
        replay_requested_at = NULL, replay_requested_by = NULL, replay_id = NULL
    FROM before
    WHERE q.quarantine_id = before.quarantine_id
    RETURNING q.quarantine_id, before.replay_id
), counted AS (
    UPDATE quarantine_replays r SET refused = r.refused + 1 FROM refused WHERE r.replay_id = refused.replay_id
)
INSERT INTO quarantine_events (quarantine_id, at, actor, step, reason, note, was_reason, was_note)
SELECT quarantine_id, %(now)s, %(actor)s, 'refused_again', %(reason)s, %(explanation)s, before.reason,
       before.explanation
FROM refused JOIN before USING (quarantine_id)
RETURNING quarantine_id

-- name: settle
WITH before AS (
    SELECT quarantine_id, replay_id FROM quarantine
    WHERE quarantine_id = %(quarantine_id)s AND state = 'held'
    FOR UPDATE
), ended AS (
    UPDATE quarantine q
    SET state = 'settled', ended_at = %(now)s, ended_by = %(actor)s, replay_requested_at = NULL,
        replay_requested_by = NULL, replay_id = NULL
    FROM before
    WHERE q.quarantine_id = before.quarantine_id
    RETURNING q.quarantine_id, before.replay_id
), counted AS (
    UPDATE quarantine_replays r SET settled = r.settled + 1 FROM ended WHERE r.replay_id = ended.replay_id
)
INSERT INTO quarantine_events (quarantine_id, at, actor, step, note)
SELECT quarantine_id, %(now)s, %(actor)s, 'settled', %(because)s FROM ended
RETURNING quarantine_id

-- name: try_to_replay
-- One worker reads again what is asked for; when its connection ends, however it ends, another one gets the lock.
SELECT pg_try_advisory_lock(hashtextextended('steelyard/replay', 0))
