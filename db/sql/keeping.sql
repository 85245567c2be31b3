-- name: read
SELECT keep_days, compress_after_days, last_run_at FROM keeping

-- name: set_keep_days
UPDATE keeping SET keep_days = %(days)s

-- name: set_compress_after
UPDATE keeping SET compress_after_days = %(days)s

-- name: let_go
-- A procedure that commits as it goes: never within a transaction.
CALL let_weighings_go(NULL, %(config)s::jsonb)

-- name: due_chunks
-- What a hypertable would let go, chunk by chunk; `why_kept` NULL: it goes.
SELECT NULL AS market_id, c.range_start AS since, c.range_end AS until, counted.weighings, counted.alerted,
       why_kept(NULL, c.range_start, c.range_end, %(horizon)s) AS why_kept
FROM timescaledb_information.chunks c
CROSS JOIN LATERAL (
    SELECT (SELECT count(*) FROM weighings w WHERE w.weighed_at >= c.range_start AND w.weighed_at < c.range_end)
               AS weighings,
           (SELECT count(*) FROM alert_weighings aw WHERE aw.weighed_at >= c.range_start AND aw.weighed_at < c.range_end)
               AS alerted
) counted
WHERE c.hypertable_name = 'weighings' AND c.range_end <= %(horizon)s
ORDER BY c.range_start

-- name: due_days
-- What a plain table would let go, market by market and day by day; `why_kept` NULL: it goes.
SELECT old.market_id, old.since, old.since + interval '1 day' AS until, old.weighings,
       (SELECT count(*) FROM alert_weighings aw
        WHERE aw.market_id = old.market_id AND aw.weighed_at >= old.since
          AND aw.weighed_at < old.since + interval '1 day') AS alerted,
       why_kept(old.market_id, old.since, old.since + interval '1 day', %(horizon)s) AS why_kept
FROM (
    SELECT market_id, date_bin('1 day', weighed_at, 'epoch') AS since, count(*) AS weighings
    FROM weighings WHERE weighed_at < %(horizon)s
    GROUP BY 1, 2
) old
WHERE old.since + interval '1 day' <= %(horizon)s
ORDER BY old.since, old.market_id
