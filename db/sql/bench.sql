-- name: accounted
-- How far a run is, read from the journals: counting the weighings themselves would slow down what is measured.
SELECT coalesce(sum((SELECT sum(upper(r) - lower(r)) FROM unnest(received) AS r)), 0)::bigint FROM journals

-- name: stored
SELECT count(*), count(DISTINCT (scale_id, journal_id, seq)) FROM weighings

-- name: over_cap
SELECT count(*) FILTER (WHERE verdict = 'over' OR paid_verdict = 'over') FROM weighings

-- name: alerted
SELECT coalesce(sum(occurrences), 0)::bigint FROM alerts WHERE kind IN ('price_over_cap', 'effective_price_over_cap')

-- name: copy_out
COPY (SELECT * FROM weighings ORDER BY received_at, scale_id, journal_id, seq) TO STDOUT (FORMAT BINARY)

-- name: copy_in
COPY staged_weighings FROM STDIN (FORMAT BINARY)

-- name: truncate
TRUNCATE weighings

-- name: keeps_commit_times
SELECT current_setting('track_commit_timestamp') = 'on'

-- name: commits
-- When each weighing was made, and when it was committed.
SELECT weighed_at, pg_xact_commit_timestamp(xmin) FROM weighings

-- name: commits_of
-- The same of some scales.
SELECT weighed_at, pg_xact_commit_timestamp(xmin) FROM weighings WHERE scale_id = ANY(%(scale_ids)s)

-- name: taken
-- What a worker took of the broker, where no weighing came twice and each message held one.
SELECT (SELECT count(*) FROM weighings) + (SELECT coalesce(sum(times_received), 0) FROM quarantine)

-- name: alert_commits
-- When each weighing that an alert counts was made, and when the alert was committed with it.
SELECT weighed_at, pg_xact_commit_timestamp(xmin) FROM alert_weighings

-- name: fill_weighings
-- Days of a market's trade as rows that look like real ones: scales take turns over the ten hours from 22:00 UTC (six in
-- the morning in Sanya), a journal a scale, bodies of some 400 bytes, one sale in twenty above its cap.
INSERT INTO weighings (
    market_id, scale_id, journal_id, seq, weighed_at, received_at, business_day, stall_id, vendor_id, species_code,
    grade, plu, name, gross_g, tare_g, net_g, stable, clock_synced, unit_price_fen, price_unit, unit_price_fen_per_kg,
    amount_fen, discount_fen, paid_fen, fee_fen, ticket_no, verdict, paid_verdict, cap_list_id, cap_unit, cap_fen,
    excess_fen, overcharge_fen, digest, body)
SELECT %(market_id)s, 'S-' || scale, 'journal-of-' || scale, seq, weighed_at, weighed_at + interval '80 ms',
       (weighed_at AT TIME ZONE 'Asia/Shanghai')::date, 'A-' || scale, 'V-' || scale, species, '', plu, name,
       net_g + 30, 30, net_g, true, true, price / 2, '500g', price, amount, 0, amount, 0, '', verdict, verdict, 1, 'kg',
       cap, greatest(price - cap, 0), greatest(price - cap, 0) * net_g / 1000, sha256(body), body
FROM (
    SELECT *, (net_g::bigint * price + 500) / 1000 AS amount,
           CASE WHEN price > cap THEN 'over' ELSE 'within' END AS verdict,
           convert_to(format(
               '{"seq":%%s,"prev":"%%s","weighed_at":"%%s","clock_synced":true,"plu":"%%s","species":"%%s","grade":"",'
               '"name":"%%s","gross_g":%%s,"tare_g":30,"net_g":%%s,"stable":true,"unit_price_fen":%%s,'
               '"price_unit":"500g","amount_fen":%%s,"discount_fen":0,"paid_fen":%%s,"fee_fen":0,"ticket_no":""}',
               seq, encode(sha256(convert_to(scale || '/' || seq, 'UTF8')), 'base64'),
               to_char(weighed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), plu, species, name, net_g + 30,
               net_g, price / 2, (net_g::bigint * price + 500) / 1000, (net_g::bigint * price + 500) / 1000),
               'UTF8') AS body
    FROM (
        SELECT day, n, 1 + n %% %(scales)s AS scale,
               day * (%(a_day)s / %(scales)s)::bigint + n / %(scales)s + 1 AS seq,
               date_trunc('milliseconds', %(first_day)s::timestamptz + day * interval '1 day'
                                          + n * interval '10 hours' / %(a_day)s) AS weighed_at,
               'F' || lpad((1 + n %% 20)::text, 2, '0') AS species, (2000 + n %% 20)::text AS plu,
               'species ' || n %% 20 AS name, 300 + (n * 7919) %% 2500 AS net_g, 10000 + (n %% 20) * 1000 AS cap,
               10000 + (n %% 20) * 1000 + CASE WHEN n %% 19 = 0 THEN 400 ELSE -2 * ((n * 31) %% 500) END AS price
        FROM generate_series(0, %(days)s - 1) AS day CROSS JOIN generate_series(0, %(a_day)s - 1) AS n
        OFFSET 0  -- reckoned once, not wherever it is named
    ) AS made
    OFFSET 0
) AS weighed

-- name: fill_alerts
-- Alerts of many vendors over a year, one in fifty of them open, the others dismissed.
INSERT INTO alerts (market_id, kind, vendor_id, stall_id, scale_id, species_code, business_day, state, occurrences,
                    first_at, last_at, worst_excess_permille, opened_at, updated_at, decided_at, decided_by, dismiss_reason,
                    is_counting, due_since, next_look_at)
SELECT %(market_id)s, 'price_over_cap', 'V-' || 1 + n %% %(vendors)s, 'A-1', 'S-1', 'F01', %(today)s::date - (n / %(vendors)s)::int,
       CASE WHEN n %% 50 = 0 THEN 'open' ELSE 'dismissed' END, 1, at, at, n %% 400, at, at,
       CASE WHEN n %% 50 > 0 THEN at END, CASE WHEN n %% 50 > 0 THEN 'm' END,
       CASE WHEN n %% 50 > 0 THEN 'false_positive' END, n %% 50 = 0, at,
       CASE WHEN n %% 50 = 0 THEN at + interval '20 years' END
FROM (SELECT n, %(now)s::timestamptz - n * interval '30 seconds' AS at FROM generate_series(0, %(alerts)s - 1) n) made

-- name: fill_vendors
INSERT INTO vendors (market_id, vendor_id, name)
SELECT %(market_id)s, 'V-' || n, 'V-' || n FROM generate_series(1, %(vendors)s) n
ON CONFLICT DO NOTHING

-- name: open_alerts
SELECT alert_id FROM alerts WHERE market_id = %(market_id)s AND state = 'open' ORDER BY alert_id LIMIT %(limit)s

-- name: settle
VACUUM (ANALYZE)
