-- name: hold_market
-- Every row that names the market locks its row. Locked once before, thousands of savepoints do not each add a lock of
-- their own to it, which takes as long as their square.
SELECT market_id FROM markets WHERE market_id = %(market_id)s FOR KEY SHARE

-- name: forget_old
-- One that is being applied just now, late as it is, is not waited for.
DELETE FROM registry_imports
WHERE import_id IN (SELECT import_id FROM registry_imports WHERE applied_by IS NULL AND uploaded_at < %(before)s
                    FOR UPDATE SKIP LOCKED)

-- name: insert
INSERT INTO registry_imports (kind, market_id, name, digest, content, uploaded_by, uploaded_at)
VALUES (%(kind)s, %(market_id)s, %(name)s, sha256(%(content)s::bytea), %(content)s, %(by)s, %(at)s)
RETURNING import_id

-- name: waiting
SELECT kind, market_id, name, content FROM registry_imports
WHERE import_id = %(import_id)s AND uploaded_by = %(by)s AND applied_by IS NULL
FOR UPDATE

-- name: applied
UPDATE registry_imports
SET content = NULL, applied_by = %(by)s, applied_at = %(at)s, added = %(added)s, changed = %(changed)s,
    unchanged = %(unchanged)s
WHERE import_id = %(import_id)s

-- name: listed
SELECT i.import_id, i.kind, i.market_id, i.name, i.applied_by, i.applied_at, i.added, i.changed, i.unchanged
FROM markets m
CROSS JOIN LATERAL (SELECT * FROM registry_imports r WHERE r.market_id = m.market_id AND r.applied_by IS NOT NULL
                    ORDER BY r.applied_at DESC LIMIT %(limit)s) i
WHERE %(market_id)s::text IS NULL OR m.market_id = %(market_id)s
ORDER BY i.applied_at DESC LIMIT %(limit)s
