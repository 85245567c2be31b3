-- name: add
INSERT INTO credit_records (market_id, vendor_id, name, points, document_no, evidence, happened_on, rules_version,
                            recorded_by, recorded_at, origin, event_id)
VALUES (%(market_id)s, %(vendor_id)s, %(name)s, %(points)s, %(document_no)s, %(evidence)s, %(happened_on)s,
        %(rules_version)s, %(recorded_by)s, %(recorded_at)s, %(origin)s, %(event_id)s)
RETURNING record_id

-- name: withdraw
UPDATE credit_records SET withdrawn_at = %(at)s, withdrawn_by = %(by)s, withdrawn_why = %(why)s
WHERE record_id = %(record_id)s AND withdrawn_at IS NULL

-- name: by_id
SELECT * FROM credit_records WHERE record_id = %(record_id)s

-- name: the_same
-- The one that stands with this document.
SELECT * FROM credit_records
WHERE market_id = %(market_id)s AND vendor_id = %(vendor_id)s AND name = %(name)s AND document_no = %(document_no)s
  AND happened_on = %(happened_on)s AND withdrawn_at IS NULL

-- name: of_vendor
-- The newest first.
SELECT * FROM credit_records
WHERE market_id = %(market_id)s AND vendor_id = %(vendor_id)s
ORDER BY record_id DESC LIMIT %(limit)s
