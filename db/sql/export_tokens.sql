-- name: create
INSERT INTO export_tokens (key_id, digest, department, contact, scopes, market_ids, networks, created_at, created_by,
                           expires_at)
VALUES (%(key_id)s, %(digest)s, %(department)s, %(contact)s, %(scopes)s, %(market_ids)s, %(networks)s, %(now)s, %(by)s,
        %(expires_at)s)
RETURNING token_id

-- name: tokens
SELECT token_id, key_id, department, contact, scopes, market_ids, networks, created_at, created_by, expires_at,
       revoked_at, revoked_by, revoked_because, used.at AS last_used_at
FROM export_tokens t
LEFT JOIN LATERAL (SELECT a.at FROM export_accesses a
                   WHERE a.token_id = t.token_id AND a.status < 400 ORDER BY a.at DESC LIMIT 1) AS used ON true
WHERE %(token_id)s::bigint IS NULL OR token_id = %(token_id)s
ORDER BY token_id DESC

-- name: by_key
SELECT token_id, digest FROM export_tokens WHERE key_id = %(key_id)s

-- name: revoke
UPDATE export_tokens SET revoked_at = %(now)s, revoked_by = %(by)s, revoked_because = %(because)s
WHERE token_id = %(token_id)s AND revoked_at IS NULL
RETURNING token_id

-- name: lock
SELECT pg_advisory_xact_lock(hashtextextended('export_accesses ' || %(whose)s, 0))

-- name: in_the_way
-- When the request was that has to be out of the window before there is room for another one. Who was turned away took no
-- room: a program that asks too often is answered again as soon as a minute allows.
SELECT at FROM export_accesses WHERE token_id = %(token_id)s AND at > %(since)s AND status <> 429 ORDER BY at DESC
OFFSET %(most)s - 1 LIMIT 1

-- name: turned_away
SELECT at FROM export_accesses WHERE token_id = %(token_id)s AND at > %(since)s AND status = 429 ORDER BY at DESC
OFFSET %(most)s - 1 LIMIT 1

-- name: stranger_in_the_way
SELECT at FROM export_accesses WHERE token_id IS NULL AND address = %(address)s AND at > %(since)s ORDER BY at DESC
OFFSET %(most)s - 1 LIMIT 1
