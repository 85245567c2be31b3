-- name: lowest
-- How many vendors have which place, of those that something counts for; and a part of those below the base, the lowest first.
WITH placed AS MATERIALIZED (
    SELECT market_id, vendor_id, place
    FROM scores_of_cycle(%(market_ids)s::text[], %(first_days)s::date[], %(days)s::date[], %(base)s::integer, %(floor)s::integer,
                         %(ceiling)s::integer, %(reasons)s::text[], %(a_day)s::integer[], %(most)s::integer[])
)
SELECT place, count(*) AS vendors, NULL AS market_id, NULL AS vendor_id FROM placed GROUP BY place
UNION ALL
(SELECT place, NULL, market_id, vendor_id FROM placed WHERE place < %(base)s
 ORDER BY place, market_id, vendor_id LIMIT %(limit)s OFFSET %(offset)s)

-- name: highest
-- A part of those above the base, the lowest first.
SELECT market_id, vendor_id
FROM scores_of_cycle(%(market_ids)s::text[], %(first_days)s::date[], %(days)s::date[], %(base)s::integer, %(floor)s::integer,
                         %(ceiling)s::integer, %(reasons)s::text[], %(a_day)s::integer[], %(most)s::integer[])
WHERE place > %(base)s
ORDER BY place, market_id, vendor_id LIMIT %(limit)s OFFSET %(offset)s

-- name: unmoved
-- A part of those whose score is the base.
WITH placed AS MATERIALIZED (
    SELECT market_id, vendor_id
    FROM scores_of_cycle(%(market_ids)s::text[], %(first_days)s::date[], %(days)s::date[], %(base)s::integer, %(floor)s::integer,
                         %(ceiling)s::integer, %(reasons)s::text[], %(a_day)s::integer[], %(most)s::integer[])
    WHERE place <> %(base)s
)
SELECT v.market_id, v.vendor_id FROM vendors v
WHERE (%(market_id)s::text IS NULL OR v.market_id = %(market_id)s)
  AND NOT EXISTS (SELECT FROM placed s WHERE s.market_id = v.market_id AND s.vendor_id = v.vendor_id)
ORDER BY v.market_id, v.vendor_id LIMIT %(limit)s OFFSET %(offset)s

-- name: count_vendors
SELECT count(*) FROM vendors WHERE %(market_id)s::text IS NULL OR market_id = %(market_id)s

-- name: vendors
SELECT v.market_id, v.vendor_id, v.name,
       coalesce((SELECT string_agg(DISTINCT b.stall_id, ', ' ORDER BY b.stall_id) FROM scale_bindings b
                 WHERE b.market_id = v.market_id AND b.vendor_id = v.vendor_id
                   AND b.valid @> %(now)s::timestamptz), '') AS stalls
FROM unnest(%(market_ids)s::text[], %(vendor_ids)s::text[]) WITH ORDINALITY AS asked (market_id, vendor_id, n)
JOIN vendors v USING (market_id, vendor_id)
ORDER BY asked.n

-- name: ledgers
SELECT e.event_id, e.market_id, e.vendor_id, e.occurred_at, e.recorded_at, e.recorded_by, e.reason, e.points, e.rule,
       e.rules_version, e.alert_id, e.reverses, e.promise_id, e.factor, e.source, e.evidence, e.is_veto, e.repairs
FROM unnest(%(market_ids)s::text[], %(vendor_ids)s::text[]) AS asked (market_id, vendor_id)
JOIN credit_events e USING (market_id, vendor_id)
ORDER BY e.event_id
