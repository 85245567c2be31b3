-- name: newest_alerts
SELECT alert_id, kind, state, business_day, occurrences, overcharge_fen, opened_at
FROM alerts WHERE market_id = %(market_id)s AND vendor_id = %(vendor_id)s
ORDER BY opened_at DESC LIMIT %(limit)s

-- name: alert_counts
-- Of the newest ones along their index: what a page cannot count in time it says is more.
SELECT state, count(*), sum(count(*)) OVER () FROM (
    SELECT state FROM alerts WHERE market_id = %(market_id)s AND vendor_id = %(vendor_id)s
    ORDER BY opened_at DESC LIMIT %(most)s
) AS newest
GROUP BY state
