-- name: of_market
-- Every scale of a market, and whose stall it stands on; NULL where nobody's.
SELECT s.scale_id, b.stall_id, b.vendor_id, v.name AS vendor_name
FROM scales s
LEFT JOIN scale_bindings b
       ON b.market_id = s.market_id AND b.scale_id = s.scale_id AND b.valid @> %(now)s::timestamptz
LEFT JOIN vendors v ON v.market_id = b.market_id AND v.vendor_id = b.vendor_id
WHERE s.market_id = %(market_id)s
ORDER BY s.scale_id

-- name: next_change
-- When a binding of the market begins or ends next.
SELECT min(moment)
FROM scale_bindings b, LATERAL (VALUES (lower(b.valid)), (upper(b.valid))) AS bound (moment)
WHERE b.market_id = %(market_id)s AND bound.moment > %(now)s

-- name: try_to_announce
-- One worker announces; when its connection ends, however it ends, another one gets the lock.
SELECT pg_try_advisory_lock(hashtextextended('steelyard/vendor announcer', 0))
