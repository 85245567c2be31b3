-- name: register
INSERT INTO webhook_endpoints (name, url, market_id, minimum, kinds, window_s, secret, created_at, created_by)
VALUES (%(name)s, %(url)s, %(market_id)s, %(minimum)s, %(kinds)s::text[], %(window_s)s, %(secret)s, %(now)s, %(by)s)
RETURNING endpoint_id

-- name: endpoints
SELECT e.endpoint_id, e.name, e.url, e.market_id, m.name AS market_name, e.minimum, e.kinds, e.window_s, e.created_at,
       e.created_by, e.failing_since, e.disabled_at, e.disabled_because, e.previous_until
FROM webhook_endpoints e LEFT JOIN markets m USING (market_id)
WHERE (%(endpoint_id)s::bigint IS NULL OR e.endpoint_id = %(endpoint_id)s)
ORDER BY e.endpoint_id DESC

-- name: secrets
SELECT url, secret, previous_secret, previous_until, disabled_at IS NOT NULL AS is_disabled
FROM webhook_endpoints WHERE endpoint_id = %(endpoint_id)s

-- name: lock
SELECT endpoint_id FROM webhook_endpoints WHERE endpoint_id = %(endpoint_id)s FOR UPDATE

-- name: change_secret
UPDATE webhook_endpoints
SET previous_secret = secret, previous_until = %(previous_until)s, secret = %(secret)s
WHERE endpoint_id = %(endpoint_id)s

-- name: went_well
UPDATE webhook_endpoints SET failing_since = NULL WHERE endpoint_id = %(endpoint_id)s AND failing_since IS NOT NULL

-- name: went_wrong
UPDATE webhook_endpoints SET failing_since = coalesce(failing_since, %(now)s)
WHERE endpoint_id = %(endpoint_id)s RETURNING failing_since

-- name: disable
UPDATE webhook_endpoints SET disabled_at = %(now)s, disabled_because = %(because)s
WHERE endpoint_id = %(endpoint_id)s AND disabled_at IS NULL
RETURNING name

-- name: enable
UPDATE webhook_endpoints SET disabled_at = NULL, disabled_because = '', failing_since = NULL
WHERE endpoint_id = %(endpoint_id)s AND disabled_at IS NOT NULL
RETURNING name

-- name: add_step
INSERT INTO webhook_steps (endpoint_id, at, actor, action, note)
VALUES (%(endpoint_id)s, %(at)s, %(actor)s, %(action)s, %(note)s)

-- name: steps_of
SELECT at, actor, action, note FROM webhook_steps WHERE endpoint_id = %(endpoint_id)s ORDER BY step_id DESC LIMIT 100
