-- name: histogram
-- What goods were asked for in a span of time, price by price: that takes no sorting, and a few hundred prices are all that
-- is left to be put in order. Records that void a sale, and the sales they void, are no sales.
SELECT w.species_code, w.grade, w.price_unit = 'piece' AS by_piece,
       CASE WHEN w.unit_price_fen > 0 THEN coalesce(w.unit_price_fen_per_kg, w.unit_price_fen) END AS price_fen,
       count(*) AS weighings, sum(w.net_g)::bigint AS net_g, sum(w.paid_fen)::bigint AS paid_fen,
       count(*) FILTER (WHERE w.verdict = 'over') AS over_cap,
       min(w.cap_fen) FILTER (WHERE (w.cap_unit = 'piece') = (w.price_unit = 'piece')) AS lowest_cap_fen,
       max(w.cap_fen) FILTER (WHERE (w.cap_unit = 'piece') = (w.price_unit = 'piece')) AS highest_cap_fen
FROM weighings w
WHERE w.market_id = %(market_id)s AND w.weighed_at >= %(since)s AND w.weighed_at < %(until)s AND w.verdict IS NOT NULL
  AND NOT EXISTS (SELECT FROM weighings v
                  WHERE v.market_id = w.market_id AND v.scale_id = w.scale_id AND v.journal_id = w.journal_id
                    AND v.voids_seq = w.seq AND v.voids_seq IS NOT NULL AND v.verdict IS NULL
                    AND v.market_id = %(market_id)s AND v.weighed_at >= %(since)s AND v.weighed_at < %(voided_until)s)
GROUP BY 1, 2, 3, 4
