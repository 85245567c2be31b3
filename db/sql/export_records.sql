-- name: lock
-- One records at a time: a version follows the one before it.
SELECT pg_advisory_xact_lock(hashtext('export_records'))

-- name: latest
SELECT DISTINCT ON (record_id) revision, form, record_id, version, market_id, vendor_id, made_at, body
FROM export_records
WHERE form = %(form)s AND record_id = ANY(%(record_ids)s)
ORDER BY record_id, version DESC

-- name: append
INSERT INTO export_records (form, record_id, version, market_id, vendor_id, made_at, body)
VALUES (%(form)s, %(record_id)s, %(version)s, %(market_id)s, %(vendor_id)s, %(made_at)s, %(body)s)
RETURNING revision

-- name: since
SELECT revision, form, record_id, version, market_id, vendor_id, made_at, body
FROM export_records
WHERE form = %(form)s AND revision > %(revision)s
  AND (cardinality(%(market_ids)s::text[]) = 0 OR market_id = ANY(%(market_ids)s))
ORDER BY revision
LIMIT %(limit)s

-- name: by_revisions
SELECT revision, form, record_id, version, market_id, vendor_id, made_at, body
FROM export_records
WHERE revision = ANY(%(revisions)s)
ORDER BY revision

-- name: take_stale
-- Whoever writes such a line later writes another one.
DELETE FROM export_stale_vendors
WHERE stale_id IN (SELECT stale_id FROM export_stale_vendors ORDER BY stale_id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
RETURNING market_id, vendor_id

-- name: all_stale
INSERT INTO export_stale_vendors (market_id, vendor_id)
SELECT market_id, vendor_id FROM vendors WHERE market_id = %(market_id)s

-- name: mark
SELECT value FROM export_marks WHERE source = %(source)s

-- name: set_mark
INSERT INTO export_marks (source, value) VALUES (%(source)s, %(value)s)
ON CONFLICT (source) DO UPDATE SET value = excluded.value
