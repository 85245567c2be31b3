-- name: store
-- Returns those that are new, and only those: a number of a journal is stored once.
INSERT INTO device_events (market_id, scale_id, journal_id, event_no, kind, at, clock_synced, happened_at, received_at,
                           stall_id, vendor_id, detail, digest, body)
SELECT market_id, scale_id, journal_id, event_no, kind, at, clock_synced, happened_at, received_at, stall_id, vendor_id,
       detail::jsonb, digest, body
FROM unnest(%(market_ids)s::text[], %(scale_ids)s::text[], %(journal_ids)s::text[], %(event_nos)s::bigint[],
            %(kinds)s::text[], %(ats)s::timestamptz[], %(clocks_synced)s::boolean[], %(happened_ats)s::timestamptz[],
            %(received_ats)s::timestamptz[], %(stall_ids)s::text[], %(vendor_ids)s::text[], %(details)s::text[],
            %(digests)b::bytea[], %(bodies)b::bytea[])
     AS new (market_id, scale_id, journal_id, event_no, kind, at, clock_synced, happened_at, received_at, stall_id,
             vendor_id, detail, digest, body)
ON CONFLICT (market_id, scale_id, journal_id, event_no) DO NOTHING
RETURNING market_id, scale_id, journal_id, event_no

-- name: stored_digests
SELECT market_id, scale_id, journal_id, event_no, digest
FROM unnest(%(market_ids)s::text[], %(scale_ids)s::text[], %(journal_ids)s::text[], %(event_nos)s::bigint[])
     AS asked (market_id, scale_id, journal_id, event_no)
JOIN device_events USING (market_id, scale_id, journal_id, event_no)

-- name: of_alert
SELECT e.market_id, e.scale_id, e.journal_id, e.event_no, e.kind, e.at, e.clock_synced, e.happened_at, e.received_at,
       e.stall_id, e.vendor_id, e.detail
FROM alert_device_events a
JOIN device_events e USING (market_id, scale_id, journal_id, event_no)
WHERE a.alert_id = %(alert_id)s
ORDER BY e.happened_at DESC, e.journal_id, e.event_no DESC
LIMIT %(limit)s

-- name: of_scale
-- The newest of what happened to a scale.
SELECT market_id, scale_id, journal_id, event_no, kind, at, clock_synced, happened_at, received_at, stall_id, vendor_id,
       detail
FROM device_events
WHERE market_id = %(market_id)s AND scale_id = %(scale_id)s
ORDER BY happened_at DESC, journal_id, event_no DESC
LIMIT %(limit)s

-- name: add_to_alerts
INSERT INTO alert_device_events (alert_id, market_id, scale_id, journal_id, event_no)
SELECT * FROM unnest(%(alert_ids)s::bigint[], %(market_ids)s::text[], %(scale_ids)s::text[], %(journal_ids)s::text[],
                     %(event_nos)s::bigint[])
ON CONFLICT ON CONSTRAINT alert_device_events_pkey DO NOTHING
