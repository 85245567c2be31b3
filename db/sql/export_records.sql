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
ORDER BY revision
LIMIT %(limit)s

-- name: since_in_markets
-- Market by market: who reads a quiet one does not go through all that others made.
SELECT r.revision, r.form, r.record_id, r.version, r.market_id, r.vendor_id, r.made_at, r.body
FROM (SELECT DISTINCT market_id FROM unnest(%(market_ids)s::text[]) AS given (market_id)) one
CROSS JOIN LATERAL (SELECT revision, form, record_id, version, market_id, vendor_id, made_at, body
                    FROM export_records
                    WHERE form = %(form)s AND market_id = one.market_id AND revision > %(revision)s
                    ORDER BY revision
                    LIMIT %(limit)s) r
ORDER BY r.revision
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
