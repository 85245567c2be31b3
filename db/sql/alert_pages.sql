-- name: newest
-- The alerts that changed last. Each market and state is read along its index, so a million decided ones cost nothing.
WITH page AS (
    SELECT one.alert_id
    FROM markets m
    CROSS JOIN unnest(%(states)s::text[]) AS asked (state)
    CROSS JOIN LATERAL (
        SELECT a.alert_id, a.updated_at FROM alerts a
        WHERE a.market_id = m.market_id AND a.state = asked.state
        ORDER BY a.updated_at DESC, a.alert_id DESC
        LIMIT %(limit)s::bigint + %(offset)s::bigint
    ) one
    WHERE %(market_id)s::text IS NULL OR m.market_id = %(market_id)s
    ORDER BY one.updated_at DESC, one.alert_id DESC
    LIMIT %(limit)s OFFSET %(offset)s
)
SELECT a.alert_id, a.market_id, m.name AS market_name, a.kind, a.vendor_id, coalesce(v.name, '') AS vendor_name,
       a.stall_id, a.scale_id, a.species_code, coalesce(s.name_zh, '') AS species_name,
       coalesce(s.name_en, '') AS species_name_en, a.business_day, a.state, a.occurrences, a.first_at, a.last_at,
       a.worst_excess_fen, a.worst_excess_permille, a.worst_cap_fen, a.overcharge_fen, a.note, a.opened_at,
       a.updated_at, a.decided_at, a.decided_by, a.dismiss_reason, m.timezone
FROM page
JOIN alerts a USING (alert_id)
JOIN markets m USING (market_id)
LEFT JOIN vendors v ON v.market_id = a.market_id AND v.vendor_id = a.vendor_id
LEFT JOIN species s ON s.species_code = a.species_code
ORDER BY a.updated_at DESC, a.alert_id DESC

-- name: counts_up_to
-- How many alerts are in each state, counted no further than `most` a market: a page says "1000+" and need not know.
SELECT asked.state, coalesce(sum(one.n), 0)::bigint
FROM unnest(%(states)s::text[]) AS asked (state)
CROSS JOIN markets m
CROSS JOIN LATERAL (
    SELECT count(*) AS n FROM (
        -- The order costs nothing along the index, and keeps the planner on it.
        SELECT 1 FROM alerts a WHERE a.market_id = m.market_id AND a.state = asked.state
        ORDER BY a.updated_at DESC LIMIT %(most)s
    ) AS counted
) one
WHERE %(market_id)s::text IS NULL OR m.market_id = %(market_id)s
GROUP BY asked.state
