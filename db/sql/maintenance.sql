-- name: excused
-- Of each asked (market, scale, moment): was the scale worked on by right then?
SELECT EXISTS (SELECT FROM maintenance_tickets t
               WHERE t.market_id = asked.market_id AND t.scale_id = asked.scale_id AND t.valid @> asked.moment)
FROM unnest(%(market_ids)s::text[], %(scale_ids)s::text[], %(moments)s::timestamptz[])
     WITH ORDINALITY AS asked (market_id, scale_id, moment, n)
ORDER BY asked.n

-- name: open_ticket
-- No row where the market has no such scale.
INSERT INTO maintenance_tickets (market_id, scale_id, valid, reason, opened_by, opened_at)
SELECT s.market_id, s.scale_id, tstzrange(%(now)s, %(until)s), %(reason)s, %(by)s, %(now)s
FROM scales s WHERE s.market_id = %(market_id)s AND s.scale_id = %(scale_id)s
RETURNING ticket_id

-- name: end_ticket
-- Over earlier than foreseen. One that ends at its beginning would be none: it ends a moment after.
UPDATE maintenance_tickets
SET valid = tstzrange(lower(valid), greatest(%(now)s::timestamptz, lower(valid) + interval '1 second'))
WHERE market_id = %(market_id)s AND scale_id = %(scale_id)s AND valid @> %(now)s::timestamptz

-- name: tickets
-- The newest tickets of a scale.
SELECT ticket_id, lower(valid) AS since, upper(valid) AS until, reason, opened_by, opened_at
FROM maintenance_tickets
WHERE market_id = %(market_id)s AND scale_id = %(scale_id)s
ORDER BY ticket_id DESC LIMIT %(limit)s
