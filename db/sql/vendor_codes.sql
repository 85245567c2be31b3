-- name: end
UPDATE vendor_codes SET ended_at = %(at)s
WHERE market_id = %(market_id)s AND vendor_id = %(vendor_id)s AND ended_at IS NULL

-- name: lock_vendor
-- Two who issue a code at once take turns.
SELECT vendor_id FROM vendors WHERE market_id = %(market_id)s AND vendor_id = %(vendor_id)s FOR NO KEY UPDATE

-- name: insert
INSERT INTO vendor_codes (code_digest, market_id, vendor_id, issued_by, issued_at)
VALUES (%(code_digest)s, %(market_id)s, %(vendor_id)s, %(by)s, %(at)s)

-- name: whose
SELECT c.market_id, c.vendor_id, v.name FROM vendor_codes c JOIN vendors v USING (market_id, vendor_id)
WHERE c.code_digest = %(code_digest)s AND c.ended_at IS NULL


-- name: insert_feedback
INSERT INTO inspection_feedback (inspection_id, stars, words, given_at)
VALUES (%(inspection_id)s, %(stars)s, %(words)s, %(at)s)

-- name: feedback_of
SELECT inspection_id, stars, words, given_at FROM inspection_feedback
WHERE inspection_id = ANY (%(inspection_ids)s) ORDER BY feedback_id

-- name: feedback_since
SELECT count(*) FROM inspection_feedback f JOIN inspections i USING (inspection_id)
WHERE i.market_id = %(market_id)s AND i.vendor_id = %(vendor_id)s AND f.given_at > %(since)s
