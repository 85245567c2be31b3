-- name: judged_of_day
-- The sales of a business day with what judged them. A device whose clock was not believed may be off by a day here.
SELECT market_id, vendor_id, species_code, grade, name,
       (extract(epoch FROM CASE WHEN judged_at_arrival THEN received_at ELSE weighed_at END) * 1000000)::bigint,
       net_g, coalesce(pieces, 0), unit_price_fen, coalesce(unit_price_fen_per_kg, 0), unit_price_fen_per_kg IS NULL,
       paid_fen, verdict = 'over' OR paid_verdict = 'over', overcharge_fen
FROM weighings
WHERE market_id = ANY(%(market_ids)s) AND weighed_at >= %(since)s AND weighed_at < %(until)s
  AND business_day = %(day)s AND verdict IS NOT NULL
