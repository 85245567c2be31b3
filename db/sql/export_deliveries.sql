-- name: try_at_once
-- What waits has all its attempts again.
UPDATE export_batches SET next_attempt_at = %(now)s, attempts_before = attempts
WHERE destination_id = %(destination_id)s AND state = 'waiting'

-- name: position
SELECT revision FROM export_positions WHERE destination_id = %(destination_id)s AND form = %(form)s

-- name: move_position
INSERT INTO export_positions (destination_id, form, revision) VALUES (%(destination_id)s, %(form)s, %(revision)s)
ON CONFLICT (destination_id, form) DO UPDATE SET revision = greatest(export_positions.revision, excluded.revision)

-- name: add_batch
INSERT INTO export_batches (destination_id, form, idempotency_key, body, media_type, records, made_at, state,
                            next_attempt_at)
VALUES (%(destination_id)s, %(form)s, %(idempotency_key)s, %(body)s, %(media_type)s, %(records)s, %(now)s, 'waiting',
        %(now)s)
RETURNING batch_id

-- name: add_delivery
INSERT INTO export_deliveries (destination_id, revision, form, record_id, version, batch_id, state)
VALUES (%(destination_id)s, %(revision)s, %(form)s, %(record_id)s, %(version)s, %(batch_id)s, 'waiting')

-- name: move_delivery
UPDATE export_deliveries SET batch_id = %(batch_id)s, state = 'waiting', settled_at = NULL
WHERE destination_id = %(destination_id)s AND revision = %(revision)s AND state = 'refused'

-- name: claim
-- Of each destination its oldest: a removal never overtakes what it removes. Who waited longest comes first.
UPDATE export_batches b SET attempts = b.attempts + 1, leased_until = %(now)s + %(lease)s
FROM (SELECT w.batch_id FROM export_destinations d
      CROSS JOIN LATERAL (SELECT batch_id FROM export_batches
                          WHERE destination_id = d.destination_id AND state = 'waiting'
                          ORDER BY batch_id LIMIT 1) AS w
      JOIN export_batches o ON o.batch_id = w.batch_id
      WHERE d.disabled_at IS NULL AND d.url <> '' AND (NOT %(only_well)s OR d.failing_since IS NULL)
        AND o.next_attempt_at <= %(now)s AND (o.leased_until IS NULL OR o.leased_until <= %(now)s)
      ORDER BY o.next_attempt_at LIMIT %(limit)s FOR UPDATE OF o SKIP LOCKED) AS due
WHERE b.batch_id = due.batch_id
RETURNING b.batch_id, b.destination_id, b.form, b.idempotency_key, b.body, b.media_type, b.records, b.made_at, b.state,
          b.attempts, b.attempts_before, b.next_attempt_at, b.settled_at

-- name: begin_attempt
INSERT INTO export_attempts (batch_id, attempt, sent_at) VALUES (%(batch_id)s, %(attempt)s, %(now)s)

-- name: count_attempt
UPDATE export_batches SET attempts = attempts + 1 WHERE batch_id = %(batch_id)s RETURNING attempts

-- name: add_answer
INSERT INTO export_answers (batch_id, attempt, at, status, said, error)
VALUES (%(batch_id)s, %(attempt)s, %(now)s, %(status)s, %(said)s, %(error)s)

-- name: settle_batch
-- Only while it is the same attempt: whoever was too slow for its lease changes nothing any more.
UPDATE export_batches SET state = %(state)s, next_attempt_at = %(next_attempt_at)s, leased_until = NULL,
       settled_at = CASE WHEN %(state)s = 'waiting' THEN NULL ELSE %(now)s::timestamptz END
WHERE batch_id = %(batch_id)s AND state = 'waiting' AND attempts = %(attempt)s
RETURNING batch_id

-- name: settle_delivery
UPDATE export_deliveries SET state = %(state)s, answer = %(answer)s, settled_at = %(now)s
WHERE destination_id = %(destination_id)s AND revision = %(revision)s

-- name: settle_all
UPDATE export_deliveries SET state = %(state)s, answer = %(answer)s, settled_at = %(now)s
WHERE batch_id = %(batch_id)s AND state IN ('waiting', 'given_up')

-- name: wait_again
UPDATE export_batches SET state = 'waiting', settled_at = NULL, next_attempt_at = %(now)s, attempts_before = attempts,
       leased_until = NULL
WHERE batch_id = %(batch_id)s AND state = 'given_up'
RETURNING batch_id

-- name: wait_again_deliveries
UPDATE export_deliveries SET state = 'waiting', settled_at = NULL WHERE batch_id = %(batch_id)s AND state = 'given_up'

-- name: next_due
-- Of each destination its oldest, as what is claimed: what waits behind it is not due before it.
SELECT min(greatest(w.next_attempt_at, coalesce(w.leased_until, w.next_attempt_at)))
FROM export_destinations d
CROSS JOIN LATERAL (SELECT next_attempt_at, leased_until FROM export_batches
                    WHERE destination_id = d.destination_id AND state = 'waiting'
                    ORDER BY batch_id LIMIT 1) AS w
WHERE d.disabled_at IS NULL AND d.url <> '' AND (NOT %(only_well)s OR d.failing_since IS NULL)

-- name: batch
SELECT batch_id, destination_id, form, idempotency_key, body, media_type, records, made_at, state, attempts,
       attempts_before, next_attempt_at, settled_at
FROM export_batches WHERE batch_id = %(batch_id)s

-- name: waiting_file
SELECT batch_id, destination_id, form, idempotency_key, body, media_type, records, made_at, state, attempts,
       attempts_before, next_attempt_at, settled_at
FROM export_batches
WHERE destination_id = %(destination_id)s AND form = %(form)s AND state = 'waiting' ORDER BY batch_id LIMIT 1

-- name: of_batch
SELECT destination_id, d.revision, d.form, d.record_id, d.version, batch_id, d.state, d.answer, d.settled_at,
       r.market_id, r.vendor_id
FROM export_deliveries d JOIN export_records r ON r.revision = d.revision
WHERE batch_id = %(batch_id)s ORDER BY d.revision

-- name: ledger
-- The newest revision first, each with its destinations in their order; behind one line, or behind a whole revision.
SELECT destination_id, d.revision, d.form, d.record_id, d.version, batch_id, d.state, d.answer, d.settled_at,
       r.market_id, r.vendor_id
FROM (SELECT * FROM export_deliveries
      WHERE (%(destination_id)s::bigint IS NULL OR destination_id = %(destination_id)s)
        AND (%(state)s::text IS NULL OR state = %(state)s)
        AND revision <= %(before)s AND (revision < %(before)s OR destination_id > %(after)s)
      ORDER BY revision DESC, destination_id LIMIT %(limit)s) AS d
JOIN export_records r ON r.revision = d.revision
ORDER BY d.revision DESC, destination_id

-- name: attempts
SELECT a.attempt, a.sent_at, w.at AS answered_at, w.status, w.said, w.error
FROM export_attempts a LEFT JOIN export_answers w USING (batch_id, attempt)
WHERE batch_id = %(batch_id)s ORDER BY attempt
