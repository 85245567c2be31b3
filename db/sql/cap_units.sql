-- name: of_alerts
-- What the caps that alerts exceeded are for: a kg or a piece.
SELECT a.alert_id, u.cap_unit
FROM alerts a
CROSS JOIN LATERAL (
    SELECT w.cap_unit
    FROM alert_weighings aw
    JOIN weighings w USING (market_id, scale_id, journal_id, seq, weighed_at)
    WHERE aw.alert_id = a.alert_id AND w.cap_unit IS NOT NULL
    ORDER BY aw.excess_fen DESC
    LIMIT 1
) u
WHERE a.alert_id = ANY (%(alert_ids)s::bigint[])

-- name: species_capped_by_the_piece
SELECT DISTINCT species_code FROM cap_items WHERE cap_unit = 'piece'
