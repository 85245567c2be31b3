-- name: ask
INSERT INTO export_trials (destination_id, idempotency_key, asked_at, asked_by)
SELECT %(destination_id)s, %(idempotency_key)s, %(now)s, %(by)s
WHERE NOT EXISTS (SELECT FROM export_trials
                  WHERE destination_id = %(destination_id)s AND answered_at IS NULL AND sent_at > %(since)s)
ON CONFLICT (destination_id) WHERE sent_at IS NULL DO NOTHING
RETURNING trial_id

-- name: take
UPDATE export_trials SET sent_at = %(now)s
WHERE trial_id = (SELECT trial_id FROM export_trials WHERE sent_at IS NULL ORDER BY trial_id LIMIT 1
                  FOR UPDATE SKIP LOCKED)
RETURNING trial_id, destination_id, idempotency_key, asked_at, asked_by, sent_at, answered_at, status, said, error

-- name: answer
UPDATE export_trials SET answered_at = %(now)s, status = %(status)s, said = %(said)s, error = %(error)s
WHERE trial_id = %(trial_id)s

-- name: of_destination
SELECT trial_id, destination_id, idempotency_key, asked_at, asked_by, sent_at, answered_at, status, said, error
FROM export_trials WHERE destination_id = %(destination_id)s ORDER BY trial_id DESC LIMIT %(limit)s
