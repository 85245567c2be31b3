-- name: whole
-- Every vendor of the visible markets with its ledger, vendor after vendor: for what is reckoned of everybody. A vendor without
-- one has a row of NULLs. Since a moment: a line that gives back carries the time of what it undoes.
SELECT v.market_id AS of_market, v.vendor_id AS of_vendor, m.timezone, e.event_id, e.market_id, e.vendor_id, e.occurred_at,
       e.recorded_at, e.recorded_by, e.reason, e.points, e.rule, e.rules_version, e.alert_id, e.reverses, e.promise_id,
       e.factor, e.source, e.evidence, e.is_veto, e.repairs
FROM vendors v
JOIN markets m USING (market_id)
LEFT JOIN credit_events e ON e.market_id = v.market_id AND e.vendor_id = v.vendor_id
     AND (%(since)s::timestamptz IS NULL OR e.occurred_at >= %(since)s)
WHERE %(market_id)s::text IS NULL OR v.market_id = %(market_id)s
ORDER BY v.market_id, v.vendor_id, e.event_id
