-- name: register
INSERT INTO export_destinations (name, url, secret, forms, market_ids, sees_identities, created_at, created_by)
VALUES (%(name)s, %(url)s, %(secret)s, %(forms)s, %(market_ids)s, %(sees_identities)s, %(now)s, %(by)s)
ON CONFLICT (name) DO NOTHING
RETURNING destination_id

-- name: destinations
SELECT destination_id, name, url, forms, market_ids, sees_identities, created_at, created_by, disabled_at,
       disabled_because, previous_until, failing_since
FROM export_destinations
WHERE %(destination_id)s::bigint IS NULL OR destination_id = %(destination_id)s
ORDER BY destination_id

-- name: lock_destination
SELECT FROM export_destinations WHERE destination_id = %(destination_id)s FOR UPDATE

-- name: secrets
SELECT url, secret, previous_secret, previous_until FROM export_destinations WHERE destination_id = %(destination_id)s

-- name: change_secret
UPDATE export_destinations
SET previous_secret = secret, previous_until = %(previous_until)s, secret = %(secret)s
WHERE destination_id = %(destination_id)s

-- name: switch
UPDATE export_destinations SET disabled_at = %(at)s, disabled_because = %(because)s,
       failing_since = CASE WHEN %(at)s::timestamptz IS NULL THEN NULL ELSE failing_since END
WHERE destination_id = %(destination_id)s AND (disabled_at IS NULL) = (%(at)s::timestamptz IS NOT NULL)
RETURNING destination_id

-- name: went_well
UPDATE export_destinations SET failing_since = NULL
WHERE destination_id = %(destination_id)s AND failing_since IS NOT NULL

-- name: went_wrong
UPDATE export_destinations SET failing_since = coalesce(failing_since, %(now)s)
WHERE destination_id = %(destination_id)s RETURNING failing_since

-- name: add_step
INSERT INTO export_destination_steps (destination_id, batch_id, at, actor, origin, action, note)
VALUES (%(destination_id)s, %(batch_id)s, %(at)s, %(actor)s, %(origin)s, %(action)s, %(note)s)

-- name: steps
SELECT at, actor, origin, action, note, batch_id FROM export_destination_steps
WHERE destination_id = %(destination_id)s ORDER BY step_id DESC LIMIT 200
