-- name: markets
INSERT INTO markets (market_id, name, area, channel)
SELECT 'm-' || n, '市场 ' || n, 'sanya', 'eatery' FROM generate_series(1, %(markets)s::integer) AS n

-- name: vendors
INSERT INTO vendors (market_id, vendor_id, name)
SELECT 'm-' || (1 + n %% %(markets)s::integer), 'V-' || n, '商户 ' || n FROM generate_series(1, %(vendors)s::integer) AS n

-- name: lines
-- Of a year, more of them the nearer to the first vendors: half the lines are a twentieth of the vendors'.
INSERT INTO credit_events (market_id, vendor_id, occurred_at, recorded_at, recorded_by, reason, points, rule, rules_version,
                           source, evidence)
SELECT 'm-' || (1 + v %% %(markets)s::integer), 'V-' || v, at, at + interval '1 day', 'm',
       (ARRAY['price_over_cap', 'tare_abuse', 'short_weight', 'no_price_tag', 'award'])[1 + n %% 5],
       (ARRAY[-3, -6, -8, -2, 2])[1 + n %% 5], 'tare_abuse.points.medium', '1', 'record', 'no. ' || n
FROM (SELECT n, 1 + (%(vendors)s::integer * power(n::double precision / %(lines)s::integer, 5))::integer %% %(vendors)s::integer AS v,
             %(now)s::timestamptz - (n::bigint * 7919 %% 31536000) * interval '1 second' AS at
      FROM generate_series(1, %(lines)s::integer) AS n) AS made

-- name: undone
-- One in twenty was given back.
INSERT INTO credit_events (market_id, vendor_id, occurred_at, recorded_at, recorded_by, reason, points, rule, rules_version,
                           source, evidence, reverses)
SELECT market_id, vendor_id, occurred_at, recorded_at + interval '1 day', 'm', 'withdrawn', -points, 'withdrawn', '1', 'record',
       evidence, event_id
FROM credit_events WHERE mod(event_id, 20) = 0

-- name: some_vendors
SELECT market_id, vendor_id FROM (
    SELECT market_id, vendor_id, row_number() OVER (ORDER BY market_id, vendor_id) AS n, count(*) OVER () AS of
    FROM vendors
) v WHERE n %% greatest(1, of / %(limit)s::bigint) = 0 LIMIT %(limit)s
