-- name: hold_market
-- Who counts a market's days or makes its portraits holds it until the transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended('steelyard/portraits/' || %(market_id)s, 0))

-- name: days_to_count
-- Days of a span that were never counted, or with another nearness, or judged again since; the last two in any case, for a
-- sale may be voided on the day after it; and, so far back, those that weighings arrived for since. What was let go is not
-- counted again: the count that is there stays.
SELECT d.day
FROM (SELECT %(since)s::date + n AS day FROM generate_series(0, %(until)s::date - %(since)s::date) n) d
JOIN markets m ON m.market_id = %(market_id)s
CROSS JOIN LATERAL (SELECT d.day::timestamp AT TIME ZONE m.timezone AS begins,
                           (d.day + 1)::timestamp AT TIME ZONE m.timezone AS ends) hours
LEFT JOIN vendor_days_counted c ON c.market_id = m.market_id AND c.business_day = d.day
WHERE (c.counted_at IS NULL
       OR c.near_permille <> %(near_permille)s
       OR d.day >= %(until)s::date - 1
       OR EXISTS (SELECT FROM rejudgements r
                  WHERE r.finished_at > c.counted_at AND r.changed > 0 AND coalesce(r.market_id, m.market_id) = m.market_id
                    AND coalesce(r.area, m.area) = m.area AND r.span && tstzrange(hours.begins, hours.ends))
       OR (d.day >= %(again_from)s::date
           AND EXISTS (SELECT FROM weighings w
                       WHERE w.market_id = m.market_id AND w.weighed_at >= hours.begins AND w.weighed_at < hours.ends
                         AND w.received_at > c.counted_at - interval '1 hour')))
  AND (c.counted_at IS NULL OR hours.begins >= coalesce(
        (SELECT %(now)s::timestamptz - make_interval(days => k.keep_days) FROM keeping k), '-infinity'))
ORDER BY d.day

-- name: forget_day
DELETE FROM vendor_days WHERE market_id = %(market_id)s AND business_day = %(day)s

-- name: forget_old
DELETE FROM vendor_days WHERE market_id = %(market_id)s AND business_day < %(before)s

-- name: forget_old_counts
DELETE FROM vendor_days_counted WHERE market_id = %(market_id)s AND business_day < %(before)s

-- name: count_day
-- A market's business day by vendor and category of goods; the bounds in time are wider than any zone, for the chunks.
INSERT INTO vendor_days (market_id, vendor_id, business_day, category, sales, net_g, paid_fen, capped, near_cap, over_cap)
SELECT w.market_id, w.vendor_id, w.business_day, coalesce(s.category, ''), count(*), greatest(0, sum(w.net_g)),
       sum(w.paid_fen),
       count(*) FILTER (WHERE c.is_capped),
       count(*) FILTER (WHERE c.is_capped AND w.verdict = 'within'
                          AND c.price_fen * 1000 >= w.cap_fen * %(near_permille)s::bigint),
       count(*) FILTER (WHERE c.is_capped AND w.verdict = 'over')
FROM weighings w
LEFT JOIN species s ON s.species_code = w.species_code
CROSS JOIN LATERAL (
    SELECT coalesce(w.unit_price_fen_per_kg, w.unit_price_fen) AS price_fen,
           w.cap_fen IS NOT NULL AND (w.cap_unit = 'piece') = (w.price_unit = 'piece') AND w.unit_price_fen > 0
             AND w.verdict IN ('within', 'over') AS is_capped
) c
WHERE w.market_id = %(market_id)s AND w.business_day = %(day)s AND w.vendor_id IS NOT NULL AND w.verdict IS NOT NULL
  AND w.weighed_at >= %(since)s AND w.weighed_at < %(until)s
  AND NOT EXISTS (SELECT FROM weighings v
                  WHERE v.market_id = w.market_id AND v.scale_id = w.scale_id AND v.journal_id = w.journal_id
                    AND v.voids_seq = w.seq AND v.voids_seq IS NOT NULL AND v.verdict IS NULL
                    AND v.market_id = %(market_id)s AND v.weighed_at >= %(since)s AND v.weighed_at < %(voided_until)s)
GROUP BY w.market_id, w.vendor_id, w.business_day, coalesce(s.category, '')

-- name: note_counted
INSERT INTO vendor_days_counted (market_id, business_day, sales, near_permille, counted_at)
SELECT %(market_id)s, %(day)s,
       coalesce((SELECT sum(sales) FROM vendor_days WHERE market_id = %(market_id)s AND business_day = %(day)s), 0),
       %(near_permille)s, %(now)s
ON CONFLICT ON CONSTRAINT vendor_days_counted_pkey DO UPDATE
SET sales = excluded.sales, near_permille = excluded.near_permille, counted_at = excluded.counted_at

-- name: trading_days
-- Days on which anybody of the market sold anything.
SELECT business_day FROM vendor_days_counted
WHERE market_id = %(market_id)s AND business_day BETWEEN %(since)s AND %(until)s AND sales > 0

-- name: sold
-- What each vendor sold of each category in each week of a span, and on which days of the week, a bit a day; read in one go.
SELECT vendor_id, (business_day - %(since)s::date) / 7 AS week, category,
       bit_or(1 << ((business_day - %(since)s::date) %% 7)) AS days, sum(sales)::bigint AS sales,
       sum(net_g)::bigint AS net_g, sum(capped)::bigint AS capped, sum(near_cap)::bigint AS near_cap,
       sum(over_cap)::bigint AS over_cap
FROM vendor_days
WHERE market_id = %(market_id)s AND business_day BETWEEN %(since)s AND %(until)s
GROUP BY 1, 2, 3

-- name: of_vendor
SELECT business_day AS day, sum(sales)::bigint AS sales, sum(net_g)::bigint AS net_g, sum(paid_fen)::bigint AS paid_fen,
       sum(capped)::bigint AS capped, sum(near_cap)::bigint AS near_cap, sum(over_cap)::bigint AS over_cap
FROM vendor_days
WHERE market_id = %(market_id)s AND vendor_id = %(vendor_id)s AND business_day BETWEEN %(since)s AND %(until)s
GROUP BY business_day
ORDER BY business_day
