-- name: prices
-- What goods were traded at, in spans of time on the market's own clock. Prices are whole fen that were really asked (a
-- discrete percentile), per kg or per piece; a price of 0 was not known to the scale, and is none. Records that void a
-- sale, and the sales they void, are no sales.
SELECT trend_bucket(%(width)s::interval, w.weighed_at, m.timezone) AS since, w.species_code, w.grade,
       CASE WHEN w.price_unit = 'piece' THEN 'piece' ELSE 'kg' END AS unit,
       count(*) AS weighings, sum(w.net_g)::bigint AS net_g, sum(w.paid_fen)::bigint AS paid_fen,
       count(*) FILTER (WHERE w.verdict = 'over') AS over_cap,
       percentile_disc(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY coalesce(w.unit_price_fen_per_kg, w.unit_price_fen))
           FILTER (WHERE w.unit_price_fen > 0) AS quartiles
FROM weighings w
JOIN markets m USING (market_id)
WHERE w.market_id = %(market_id)s AND w.weighed_at >= %(since)s AND w.weighed_at < %(until)s AND w.verdict IS NOT NULL
  AND (%(species_code)s::text IS NULL OR w.species_code = %(species_code)s)
  AND NOT EXISTS (SELECT FROM weighings v
                  WHERE v.market_id = w.market_id AND v.scale_id = w.scale_id AND v.journal_id = w.journal_id
                    AND v.voids_seq = w.seq AND v.voids_seq IS NOT NULL AND v.verdict IS NULL
                    AND v.market_id = %(market_id)s AND v.weighed_at >= %(since)s AND v.weighed_at < %(voided_until)s)
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4

-- name: pace
-- How many weighings a market made in each span of time in which it made any, whatever they were.
SELECT trend_bucket(%(width)s::interval, w.weighed_at, m.timezone) AS since, count(*) AS weighings
FROM weighings w
JOIN markets m USING (market_id)
WHERE w.market_id = %(market_id)s AND w.weighed_at >= %(since)s AND w.weighed_at < %(until)s
GROUP BY 1
ORDER BY 1
