-- name: append
INSERT INTO credit_events (market_id, vendor_id, occurred_at, recorded_at, recorded_by, reason, points, rule,
                           rules_version, alert_id, reverses, promise_id, factor, source, evidence, is_veto, repairs)
VALUES (%(market_id)s, %(vendor_id)s, %(occurred_at)s, %(recorded_at)s, %(recorded_by)s, %(reason)s, %(points)s,
        %(rule)s, %(rules_version)s, %(alert_id)s, %(reverses)s, %(promise_id)s, %(factor)s, %(source)s,
        %(evidence)s, %(is_veto)s, %(repairs)s)
RETURNING event_id

-- name: of_vendor
SELECT event_id, market_id, vendor_id, occurred_at, recorded_at, recorded_by, reason, points, rule, rules_version,
       alert_id, reverses, promise_id, factor, source, evidence, is_veto, repairs
FROM credit_events
WHERE market_id = %(market_id)s AND vendor_id = %(vendor_id)s
ORDER BY event_id

-- name: lock_vendor
-- Two confirmations of one vendor are scored one after the other: the second sees the first. NO KEY: rows that only name
-- the vendor are inserted meanwhile.
SELECT vendor_id FROM vendors WHERE market_id = %(market_id)s AND vendor_id = %(vendor_id)s FOR NO KEY UPDATE
