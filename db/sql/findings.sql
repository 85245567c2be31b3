-- name: try_to_watch
-- One worker looks; when its connection ends, however it ends, another one gets the lock.
SELECT pg_try_advisory_lock(hashtextextended('steelyard/findings', 0))

-- name: weighed_on
-- A market's business day, oldest first; the bounds in time are wider than any zone, for the chunks.
SELECT w.market_id, w.scale_id, w.journal_id, w.seq, w.weighed_at, w.vendor_id, w.stall_id, w.species_code, w.grade,
       w.net_g, w.unit_price_fen_per_kg, w.verdict, w.voids_seq, w.received_at
FROM weighings w
WHERE w.market_id = %(market_id)s AND w.weighed_at >= %(since)s AND w.weighed_at < %(until)s
  AND w.business_day = %(day)s AND w.vendor_id IS NOT NULL
ORDER BY w.weighed_at, w.scale_id, w.journal_id, w.seq

-- name: usual_of_vendors
-- What each vendor's goods cost in a span of time: how many sales, median and quartiles.
SELECT w.vendor_id, w.species_code, w.grade, count(*),
       percentile_disc(ARRAY[0.5, 0.25, 0.75]) WITHIN GROUP (ORDER BY w.unit_price_fen_per_kg)
FROM weighings w
WHERE w.market_id = %(market_id)s AND w.weighed_at >= %(since)s AND w.weighed_at < %(until)s
  AND w.vendor_id IS NOT NULL AND w.verdict IS NOT NULL AND w.unit_price_fen_per_kg > 0
GROUP BY 1, 2, 3

-- name: usual_of_market
SELECT w.species_code, w.grade, count(*),
       percentile_disc(ARRAY[0.5, 0.25, 0.75]) WITHIN GROUP (ORDER BY w.unit_price_fen_per_kg)
FROM weighings w
WHERE w.market_id = %(market_id)s AND w.weighed_at >= %(since)s AND w.weighed_at < %(until)s
  AND w.vendor_id IS NOT NULL AND w.verdict IS NOT NULL AND w.unit_price_fen_per_kg > 0
GROUP BY 1, 2

-- name: counts
-- How many weighings the vendors made in some days, of those who had a scale on all of them.
SELECT b.vendor_id, min(b.scale_id), min(b.stall_id),
       (SELECT count(*) FROM weighings w
        WHERE w.market_id = %(market_id)s AND w.vendor_id = b.vendor_id
          AND w.weighed_at >= %(since)s AND w.weighed_at < %(until)s)
FROM scale_bindings b
WHERE b.market_id = %(market_id)s AND b.valid @> tstzrange(%(since)s, %(until)s)
GROUP BY b.vendor_id

-- name: holders
-- Every scale of a market, and whose it is at a moment.
SELECT s.scale_id, b.stall_id, b.vendor_id
FROM scales s
LEFT JOIN scale_bindings b
       ON b.market_id = s.market_id AND b.scale_id = s.scale_id AND b.valid @> %(moment)s::timestamptz
WHERE s.market_id = %(market_id)s
ORDER BY s.scale_id

-- name: categories
SELECT species_code, category FROM species

-- name: unknown_scales
-- Scales that nobody registered, and how many messages of theirs came since a moment.
SELECT scale_id, sum(times_received)::bigint
FROM quarantine
WHERE market_id = %(market_id)s AND reason = 'unknown_scale' AND last_received_at >= %(since)s AND scale_id IS NOT NULL
GROUP BY scale_id
ORDER BY scale_id
LIMIT %(limit)s

-- name: moved_devices
-- Scales at which the device of another registered scale answered since a moment, the last time each.
SELECT DISTINCT ON (e.scale_id) e.scale_id, e.happened_at, s.serial_number, s.market_id, s.scale_id AS registered_as
FROM device_events e
JOIN scales s ON s.serial_number = e.detail ->> 'now' AND s.serial_number <> ''
WHERE e.market_id = %(market_id)s AND e.kind = 'device_changed' AND e.happened_at >= %(since)s
  AND (s.market_id, s.scale_id) <> (e.market_id, e.scale_id)
ORDER BY e.scale_id, e.happened_at DESC

-- name: tell_once
-- True the first time.
INSERT INTO findings_told (market_id, subject, kind, species_code, day, told_at)
VALUES (%(market_id)s, %(subject)s, %(kind)s, %(species_code)s, %(day)s, %(now)s)
ON CONFLICT ON CONSTRAINT findings_told_pkey DO NOTHING
RETURNING true
