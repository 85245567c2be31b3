-- name: market
INSERT INTO markets (market_id, name, area, channel, timezone)
VALUES (%(market_id)s, %(market_id)s, 'bench', 'stall', 'Asia/Shanghai')

-- name: vendors
INSERT INTO vendors (market_id, vendor_id, name)
SELECT %(market_id)s, 'V-' || n, 'V-' || n FROM generate_series(1, %(vendors)s) n

-- name: stalls
INSERT INTO stalls (market_id, stall_id) SELECT %(market_id)s, 'A-' || n FROM generate_series(1, %(vendors)s) n

-- name: scales
INSERT INTO scales (market_id, scale_id, verified_until)
SELECT %(market_id)s, 'S-' || n, %(month)s::date + (n %% 700 - 40) FROM generate_series(1, %(vendors)s) n

-- name: bindings
INSERT INTO scale_bindings (market_id, scale_id, stall_id, vendor_id, valid)
SELECT %(market_id)s, 'S-' || n, 'A-' || n, 'V-' || n, tstzrange(%(month)s::date::timestamptz - interval '2 years', NULL)
FROM generate_series(1, %(vendors)s) n

-- name: alerts
-- Of a year; of five one stands, the others were dismissed. A tenth of the vendors has most of them.
INSERT INTO alerts (market_id, kind, vendor_id, stall_id, scale_id, species_code, business_day, state, occurrences,
                    first_at, last_at, worst_excess_permille, opened_at, updated_at, decided_at, decided_by, dismiss_reason,
                    is_counting)
SELECT %(market_id)s, 'price_over_cap', 'V-' || vendor, 'A-' || vendor, 'S-' || vendor, 'F' || n %% 90, at::date, state, 1, at, at,
       n %% 1500, at, at, at, 'm', CASE WHEN state = 'dismissed' THEN 'false_positive' END, false
FROM (SELECT n, 1 + CASE WHEN n %% 3 > 0 THEN (n::bigint * 7919) %% greatest(1, %(vendors)s / 10) ELSE n %% %(vendors)s END AS vendor,
             %(month)s::date::timestamptz + interval '20 days' - (n %% 340) * interval '1 day' AS at,
             CASE WHEN n %% 5 = 0 THEN 'confirmed' ELSE 'dismissed' END AS state
      FROM generate_series(0, %(alerts)s - 1) n) made

-- name: earlier_months
-- The months before were counted when they were over.
INSERT INTO risk_months (market_id, vendor_id, month, weighings, capped, near, over, last_day)
SELECT %(market_id)s, 'V-' || n, (%(month)s::date - back * interval '1 month')::date, 300 + n %% 400, 290 + n %% 400,
       (n * 13 + back) %% 250, n %% 7, (%(month)s::date - back * interval '1 month')::date + 20
FROM generate_series(1, %(vendors)s) n, generate_series(1, 12) back

-- name: earlier_counts
INSERT INTO risk_counted (market_id, month, near_permille, counted_at)
SELECT %(market_id)s, (%(month)s::date - back * interval '1 month')::date, 970, now() FROM generate_series(1, 12) back
