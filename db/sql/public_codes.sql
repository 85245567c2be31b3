-- name: lock_vendor
-- Two who issue a code at once take turns.
SELECT vendor_id FROM vendors WHERE market_id = %(market_id)s AND vendor_id = %(vendor_id)s FOR NO KEY UPDATE

-- name: end
UPDATE public_vendor_codes SET ended_at = %(at)s
WHERE market_id = %(market_id)s AND vendor_id = %(vendor_id)s AND ended_at IS NULL

-- name: insert
-- Nothing is returned where chance drew a code that there is.
INSERT INTO public_vendor_codes (code, market_id, vendor_id, issued_by, issued_at)
VALUES (%(code)s, %(market_id)s, %(vendor_id)s, %(by)s, %(at)s)
ON CONFLICT ON CONSTRAINT public_vendor_codes_pkey DO NOTHING
RETURNING code

-- name: by_code
SELECT code, market_id, vendor_id, issued_by, issued_at, ended_at FROM public_vendor_codes WHERE code = %(code)s

-- name: of_market
SELECT code, market_id, vendor_id, issued_by, issued_at, ended_at FROM public_vendor_codes
WHERE market_id = %(market_id)s AND ended_at IS NULL

-- name: of_vendor
SELECT code, market_id, vendor_id, issued_by, issued_at, ended_at FROM public_vendor_codes
WHERE market_id = %(market_id)s AND vendor_id = %(vendor_id)s AND ended_at IS NULL
