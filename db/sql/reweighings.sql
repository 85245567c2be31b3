-- name: newest
-- The newest weighing of a scale with this number, as far as weighing it again needs it.
SELECT w.journal_id, w.weighed_at, w.vendor_id, w.stall_id, w.species_code, coalesce(s.category, '') AS category,
       w.net_g, w.unit_price_fen_per_kg, w.business_day
FROM weighings w
LEFT JOIN species s USING (species_code)
WHERE w.market_id = %(market_id)s AND w.scale_id = %(scale_id)s AND w.seq = %(seq)s AND w.verdict IS NOT NULL
ORDER BY w.weighed_at DESC
LIMIT 1

-- name: insert_once
-- True the first time: the same entry again is the same entry.
INSERT INTO reweighings (market_id, scale_id, journal_id, seq, weighed_at, settled_g, actual_g, tolerance_g,
                         is_statutory, is_short, fair_scale, entered_by, entered_at)
VALUES (%(market_id)s, %(scale_id)s, %(journal_id)s, %(seq)s, %(weighed_at)s, %(settled_g)s, %(actual_g)s,
        %(tolerance_g)s, %(is_statutory)s, %(is_short)s, %(fair_scale)s, %(entered_by)s, %(entered_at)s)
ON CONFLICT ON CONSTRAINT reweighings_once DO NOTHING
RETURNING true
