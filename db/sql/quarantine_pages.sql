-- name: reasons
-- The reasons there are in some states: one look into the index for each, however many messages are held.
WITH RECURSIVE found AS (
    SELECT asked.state, (SELECT min(q.reason) FROM quarantine q WHERE q.state = asked.state) AS reason
    FROM unnest(%(states)s::text[]) AS asked (state)
    UNION ALL
    SELECT f.state, (SELECT min(q.reason) FROM quarantine q WHERE q.state = f.state AND q.reason > f.reason)
    FROM found f
    WHERE f.reason IS NOT NULL
)
SELECT DISTINCT reason FROM found WHERE reason IS NOT NULL ORDER BY reason

-- name: numbers_of_span
-- The first and the last number of what was received within a span of time, and of how many that is: of no more than
-- `most`, since beyond that it is no help.
SELECT min(quarantine_id), max(quarantine_id), count(*)
FROM (SELECT quarantine_id FROM quarantine
      WHERE received_at >= %(since)s::timestamptz AND received_at < %(until)s::timestamptz
      LIMIT %(most)s::bigint) AS first_ones

-- name: list_everywhere
-- The newest of each state and reason, then the newest of these: each is read from the end of an index. Said as
-- ranges, so that only these indexes have the order: with equals the planner may read the whole table back by number.
-- `+ interval '0'` keeps it from the index by time, which it would take for long spans and sort what it finds; short ones
-- are found by `after` and `before` (see numbers_of_span).
SELECT found.*
FROM unnest(%(states)s::text[]) AS s (state)
CROSS JOIN unnest(%(reasons)s::text[]) AS r (reason)
CROSS JOIN LATERAL (
    SELECT q.quarantine_id, q.topic, q.market_id, q.scale_id, q.journal_id, q.seq, q.reason, q.explanation,
           q.received_at, q.last_received_at, q.times_received, q.state, q.tries, q.tried_at, q.outcome, q.ended_at,
           q.ended_by, q.replay_requested_at, q.replay_requested_by, octet_length(q.payload) AS payload_bytes
    FROM quarantine q
    WHERE (q.state, q.reason, q.quarantine_id) > (s.state, r.reason, %(after)s::bigint)
      AND (q.state, q.reason, q.quarantine_id) < (s.state, r.reason, %(before)s::bigint)
      AND (%(since)s::timestamptz IS NULL OR q.received_at + interval '0' >= %(since)s::timestamptz)
      AND (%(until)s::timestamptz IS NULL OR q.received_at + interval '0' < %(until)s::timestamptz)
    ORDER BY q.state DESC, q.reason DESC, q.quarantine_id DESC
    LIMIT %(limit)s::bigint
) AS found
ORDER BY found.quarantine_id DESC
LIMIT %(limit)s::bigint

-- name: list_of_market
-- See list_everywhere.
SELECT found.*
FROM unnest(%(states)s::text[]) AS s (state)
CROSS JOIN unnest(%(reasons)s::text[]) AS r (reason)
CROSS JOIN LATERAL (
    SELECT q.quarantine_id, q.topic, q.market_id, q.scale_id, q.journal_id, q.seq, q.reason, q.explanation,
           q.received_at, q.last_received_at, q.times_received, q.state, q.tries, q.tried_at, q.outcome, q.ended_at,
           q.ended_by, q.replay_requested_at, q.replay_requested_by, octet_length(q.payload) AS payload_bytes
    FROM quarantine q
    WHERE (q.market_id, q.state, q.reason, q.quarantine_id)
        > (%(market_id)s::text, s.state, r.reason, %(after)s::bigint)
      AND (q.market_id, q.state, q.reason, q.quarantine_id)
          < (%(market_id)s::text, s.state, r.reason, %(before)s::bigint)
      AND (%(since)s::timestamptz IS NULL OR q.received_at + interval '0' >= %(since)s::timestamptz)
      AND (%(until)s::timestamptz IS NULL OR q.received_at + interval '0' < %(until)s::timestamptz)
    ORDER BY q.market_id DESC, q.state DESC, q.reason DESC, q.quarantine_id DESC
    LIMIT %(limit)s::bigint
) AS found
ORDER BY found.quarantine_id DESC
LIMIT %(limit)s::bigint

-- name: list_of_scale
-- See list_everywhere. `market_id` NULL: in whatever market.
SELECT found.*
FROM unnest(%(states)s::text[]) AS s (state)
CROSS JOIN unnest(%(reasons)s::text[]) AS r (reason)
CROSS JOIN LATERAL (
    SELECT q.quarantine_id, q.topic, q.market_id, q.scale_id, q.journal_id, q.seq, q.reason, q.explanation,
           q.received_at, q.last_received_at, q.times_received, q.state, q.tries, q.tried_at, q.outcome, q.ended_at,
           q.ended_by, q.replay_requested_at, q.replay_requested_by, octet_length(q.payload) AS payload_bytes
    FROM quarantine q
    WHERE (q.scale_id, q.state, q.reason, q.quarantine_id) > (%(scale_id)s::text, s.state, r.reason, %(after)s::bigint)
      AND (%(market_id)s::text IS NULL OR q.market_id = %(market_id)s::text)
      AND (q.scale_id, q.state, q.reason, q.quarantine_id)
          < (%(scale_id)s::text, s.state, r.reason, %(before)s::bigint)
      AND (%(since)s::timestamptz IS NULL OR q.received_at + interval '0' >= %(since)s::timestamptz)
      AND (%(until)s::timestamptz IS NULL OR q.received_at + interval '0' < %(until)s::timestamptz)
    ORDER BY q.scale_id DESC, q.state DESC, q.reason DESC, q.quarantine_id DESC
    LIMIT %(limit)s::bigint
) AS found
ORDER BY found.quarantine_id DESC
LIMIT %(limit)s::bigint

-- name: count_everywhere
-- How many of a span of time are in each state for each reason, counted up to `most`. In the order of an index and as a
-- range, like list_everywhere: after a flood the planner would rather look for a rare reason in the whole table.
SELECT s.state, r.reason, counted.n
FROM unnest(%(states)s::text[]) AS s (state)
CROSS JOIN unnest(%(reasons)s::text[]) AS r (reason)
CROSS JOIN LATERAL (
    SELECT count(*) AS n
    FROM (SELECT FROM quarantine q
          WHERE (q.state, q.reason, q.quarantine_id) > (s.state, r.reason, %(after)s::bigint)
            AND (q.state, q.reason, q.quarantine_id) < (s.state, r.reason, %(before)s::bigint)
            AND (%(since)s::timestamptz IS NULL OR q.received_at + interval '0' >= %(since)s::timestamptz)
            AND (%(until)s::timestamptz IS NULL OR q.received_at + interval '0' < %(until)s::timestamptz)
          ORDER BY q.state DESC, q.reason DESC, q.quarantine_id DESC
          LIMIT %(most)s::bigint) AS first_ones
) AS counted
WHERE counted.n > 0

-- name: count_of_market
-- See count_everywhere.
SELECT s.state, r.reason, counted.n
FROM unnest(%(states)s::text[]) AS s (state)
CROSS JOIN unnest(%(reasons)s::text[]) AS r (reason)
CROSS JOIN LATERAL (
    SELECT count(*) AS n
    FROM (SELECT FROM quarantine q
          WHERE (q.market_id, q.state, q.reason, q.quarantine_id)
              > (%(market_id)s::text, s.state, r.reason, %(after)s::bigint)
            AND (q.market_id, q.state, q.reason, q.quarantine_id)
                < (%(market_id)s::text, s.state, r.reason, %(before)s::bigint)
            AND (%(since)s::timestamptz IS NULL OR q.received_at + interval '0' >= %(since)s::timestamptz)
            AND (%(until)s::timestamptz IS NULL OR q.received_at + interval '0' < %(until)s::timestamptz)
          ORDER BY q.market_id DESC, q.state DESC, q.reason DESC, q.quarantine_id DESC
          LIMIT %(most)s::bigint) AS first_ones
) AS counted
WHERE counted.n > 0

-- name: count_of_scale
-- See count_everywhere. `market_id` NULL: in whatever market.
SELECT s.state, r.reason, counted.n
FROM unnest(%(states)s::text[]) AS s (state)
CROSS JOIN unnest(%(reasons)s::text[]) AS r (reason)
CROSS JOIN LATERAL (
    SELECT count(*) AS n
    FROM (SELECT FROM quarantine q
          WHERE (q.scale_id, q.state, q.reason, q.quarantine_id)
              > (%(scale_id)s::text, s.state, r.reason, %(after)s::bigint)
            AND (q.scale_id, q.state, q.reason, q.quarantine_id)
                < (%(scale_id)s::text, s.state, r.reason, %(before)s::bigint)
            AND (%(market_id)s::text IS NULL OR q.market_id = %(market_id)s::text)
            AND (%(since)s::timestamptz IS NULL OR q.received_at + interval '0' >= %(since)s::timestamptz)
            AND (%(until)s::timestamptz IS NULL OR q.received_at + interval '0' < %(until)s::timestamptz)
          ORDER BY q.scale_id DESC, q.state DESC, q.reason DESC, q.quarantine_id DESC
          LIMIT %(most)s::bigint) AS first_ones
) AS counted
WHERE counted.n > 0

-- name: one
SELECT q.quarantine_id, q.topic, q.market_id, q.scale_id, q.journal_id, q.seq, q.reason, q.explanation,
       q.received_at, q.last_received_at, q.times_received, q.state, q.tries, q.tried_at, q.outcome, q.ended_at,
       q.ended_by, q.replay_requested_at, q.replay_requested_by, octet_length(q.payload) AS payload_bytes, q.payload
FROM quarantine q
WHERE q.quarantine_id = %(quarantine_id)s

-- name: several
SELECT q.quarantine_id, q.topic, q.market_id, q.scale_id, q.journal_id, q.seq, q.reason, q.explanation,
       q.received_at, q.last_received_at, q.times_received, q.state, q.tries, q.tried_at, q.outcome, q.ended_at,
       q.ended_by, q.replay_requested_at, q.replay_requested_by, octet_length(q.payload) AS payload_bytes, q.payload
FROM quarantine q
WHERE q.quarantine_id = ANY (%(quarantine_ids)s::bigint[])
ORDER BY q.quarantine_id

-- name: events_of
SELECT at, actor, step, outcome, reason, note, was_reason, was_note
FROM quarantine_events
WHERE quarantine_id = %(quarantine_id)s
ORDER BY quarantine_event_id
