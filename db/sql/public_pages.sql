-- name: list_in_force
-- What binds a market at a moment; its own list goes before its area's.
SELECT l.cap_list_id, l.authority, l.document_no, l.legal_basis, l.source, l.is_demonstration,
       lower(l.effective) AS effective_from, upper(l.effective) AS effective_to, l.version, l.published_at
FROM markets m
JOIN cap_lists l ON l.area = m.area AND l.channel = m.channel
WHERE m.market_id = %(market_id)s AND l.status = 'published' AND NOT l.is_advisory
  AND l.effective @> %(now)s::timestamptz AND coalesce(l.market_id, m.market_id) = m.market_id
ORDER BY l.market_id NULLS LAST
LIMIT 1

-- name: list_that_ended
-- Where none is in force: when the last one that bound the market ended.
SELECT ended.at
FROM markets m
CROSS JOIN LATERAL (
    SELECT upper(l.effective) AS at FROM cap_lists l
    WHERE l.area = m.area AND l.channel = m.channel AND l.status = 'published' AND NOT l.is_advisory
      AND upper(l.effective) <= %(now)s::timestamptz AND (l.market_id IS NULL OR l.market_id = m.market_id)
    ORDER BY upper(l.effective) DESC
    LIMIT 1
) ended
WHERE m.market_id = %(market_id)s

-- name: stallholders
-- Who has a stall of a market at a moment: by who occupies it, or by whose scale stands on it.
SELECT v.market_id, v.vendor_id, v.name, v.kind, v.legal_representative, held.stalls
FROM (
    SELECT h.vendor_id, array_agg(DISTINCT h.stall_id ORDER BY h.stall_id) AS stalls
    FROM (
        SELECT o.vendor_id, o.stall_id FROM stall_occupancies o
        WHERE o.market_id = %(market_id)s AND o.valid @> %(now)s::timestamptz
        UNION ALL
        SELECT b.vendor_id, b.stall_id FROM scale_bindings b
        WHERE b.market_id = %(market_id)s AND b.valid @> %(now)s::timestamptz
    ) h
    GROUP BY h.vendor_id
) held
JOIN vendors v ON v.market_id = %(market_id)s AND v.vendor_id = held.vendor_id
ORDER BY held.stalls, v.vendor_id

-- name: stalls_of_vendor
SELECT o.stall_id FROM stall_occupancies o
WHERE o.market_id = %(market_id)s AND o.vendor_id = %(vendor_id)s AND o.valid @> %(now)s::timestamptz
UNION
SELECT b.stall_id FROM scale_bindings b
WHERE b.market_id = %(market_id)s AND b.vendor_id = %(vendor_id)s AND b.valid @> %(now)s::timestamptz
ORDER BY 1

-- name: lines_of_cycle
-- What the vendors of a market did since a cycle began, and what of it was given back.
WITH facts AS MATERIALIZED (
    SELECT e.* FROM credit_events e
    WHERE e.market_id = %(market_id)s AND e.occurred_at >= %(since)s AND e.occurred_at < %(until)s AND e.reverses IS NULL
)
SELECT event_id, market_id, vendor_id, occurred_at, recorded_at, recorded_by, reason, points, rule, rules_version,
       alert_id, reverses, promise_id, factor, source, evidence, is_veto, repairs
FROM facts
UNION ALL
SELECT u.event_id, u.market_id, u.vendor_id, u.occurred_at, u.recorded_at, u.recorded_by, u.reason, u.points, u.rule,
       u.rules_version, u.alert_id, u.reverses, u.promise_id, u.factor, u.source, u.evidence, u.is_veto, u.repairs
FROM facts f JOIN credit_events u ON u.reverses = f.event_id
ORDER BY event_id

-- name: appeal_steps
SELECT s.alert_id, s.action, s.at FROM alert_steps s
WHERE s.alert_id = ANY (%(alert_ids)s::bigint[]) AND s.action IN ('appeal', 'uphold', 'overturn', 'record_penalty')
ORDER BY s.alert_step_id

-- name: sold
-- At what price a vendor last sold each of its goods in a span of time, and how that was judged. Nothing of a single sale but
-- its price is read; what was taken back is no sale, and a price of 0 was not known to the scale.
SELECT DISTINCT ON (w.species_code, goods.called, w.grade, w.price_unit = 'piece')
       w.species_code, coalesce(s.name_zh, '') AS name_zh, coalesce(s.name_en, '') AS name_en, goods.called AS name,
       w.grade, w.price_unit = 'piece' AS by_piece, coalesce(w.unit_price_fen_per_kg, w.unit_price_fen) AS price_fen,
       w.verdict, w.cap_unit, w.cap_fen
FROM weighings w
LEFT JOIN species s USING (species_code)
CROSS JOIN LATERAL (SELECT CASE WHEN s.species_code IS NULL THEN w.name ELSE '' END AS called) goods
WHERE w.market_id = %(market_id)s AND w.vendor_id = %(vendor_id)s AND w.weighed_at >= %(since)s
  AND w.weighed_at < %(until)s AND w.verdict IS NOT NULL AND w.unit_price_fen > 0
  AND NOT EXISTS (SELECT FROM weighings v
                  WHERE v.market_id = w.market_id AND v.scale_id = w.scale_id AND v.journal_id = w.journal_id
                    AND v.voids_seq = w.seq AND v.voids_seq IS NOT NULL AND v.verdict IS NULL
                    AND v.market_id = %(market_id)s AND v.weighed_at >= %(since)s AND v.weighed_at < %(until)s)
ORDER BY w.species_code, goods.called, w.grade, w.price_unit = 'piece', w.weighed_at DESC, w.seq DESC

-- name: scales
-- The scales that stand with a vendor at a moment, and until when each is verified.
SELECT b.scale_id, b.stall_id, s.verified_until, s.seal_state
FROM scale_bindings b JOIN scales s USING (market_id, scale_id)
WHERE b.market_id = %(market_id)s AND b.vendor_id = %(vendor_id)s AND b.valid @> %(now)s::timestamptz
ORDER BY b.scale_id
