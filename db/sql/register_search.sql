-- name: found
-- Vendors by a part of their name, its pinyin or initials, by a code, by the whole number of their licence; by the beginning of a stall that they occupy or a
-- scale that stands with them. Each way along its index; of what is found by many, the first ones by id.
WITH hits AS (
    (SELECT v.market_id, v.vendor_id FROM vendors v
     WHERE v.search @@ %(lexeme)s::tsquery AND (%(market_id)s::text IS NULL OR v.market_id = %(market_id)s)
     ORDER BY v.market_id, v.vendor_id LIMIT %(most)s)
    UNION
    (SELECT v.market_id, v.vendor_id FROM vendors v
     WHERE lower(v.licence_no) = %(licence_no)s AND v.licence_no <> ''
       AND (%(market_id)s::text IS NULL OR v.market_id = %(market_id)s)
     ORDER BY v.market_id, v.vendor_id LIMIT %(most)s)
    UNION
    (SELECT o.market_id, o.vendor_id FROM stalls s
     JOIN stall_occupancies o ON o.market_id = s.market_id AND o.stall_id = s.stall_id AND o.valid @> %(now)s::timestamptz
     WHERE lower(s.stall_id) LIKE %(beginning)s AND (%(market_id)s::text IS NULL OR s.market_id = %(market_id)s)
     ORDER BY o.market_id, o.vendor_id LIMIT %(most)s)
    UNION
    (SELECT b.market_id, b.vendor_id FROM scales s
     JOIN scale_bindings b ON b.market_id = s.market_id AND b.scale_id = s.scale_id AND b.valid @> %(now)s::timestamptz
     WHERE lower(s.scale_id) LIKE %(beginning)s AND (%(market_id)s::text IS NULL OR s.market_id = %(market_id)s)
     ORDER BY b.market_id, b.vendor_id LIMIT %(most)s)
), page AS (
    SELECT market_id, vendor_id FROM hits ORDER BY market_id, vendor_id LIMIT %(limit)s OFFSET %(offset)s
)
SELECT v.market_id, m.name AS market_name, v.vendor_id, v.name, v.kind, v.credit_code, v.licence_until,
       coalesce((SELECT string_agg(o.stall_id, ', ' ORDER BY o.stall_id) FROM stall_occupancies o
                 WHERE o.market_id = v.market_id AND o.vendor_id = v.vendor_id
                   AND o.valid @> %(now)s::timestamptz), '') AS stalls,
       (SELECT count(*) FROM scale_bindings b WHERE b.market_id = v.market_id AND b.vendor_id = v.vendor_id
        AND b.valid @> %(now)s::timestamptz) AS scales
FROM page
JOIN vendors v USING (market_id, vendor_id)
JOIN markets m USING (market_id)
ORDER BY v.market_id, v.vendor_id

-- name: listed
-- All of them, by id, along the key.
WITH v AS (
    SELECT market_id, vendor_id, name, kind, credit_code, licence_until FROM vendors
    WHERE %(market_id)s::text IS NULL OR market_id = %(market_id)s
    ORDER BY market_id, vendor_id LIMIT %(limit)s OFFSET %(offset)s
)
SELECT v.market_id, m.name AS market_name, v.vendor_id, v.name, v.kind, v.credit_code, v.licence_until,
       coalesce((SELECT string_agg(o.stall_id, ', ' ORDER BY o.stall_id) FROM stall_occupancies o
                 WHERE o.market_id = v.market_id AND o.vendor_id = v.vendor_id
                   AND o.valid @> %(now)s::timestamptz), '') AS stalls,
       (SELECT count(*) FROM scale_bindings b WHERE b.market_id = v.market_id AND b.vendor_id = v.vendor_id
        AND b.valid @> %(now)s::timestamptz) AS scales
FROM v
JOIN markets m USING (market_id)
ORDER BY v.market_id, v.vendor_id

-- name: stalls_listed
WITH page AS (
    SELECT market_id, stall_id, place, row_no, area_dm2 FROM stalls
    WHERE (%(market_id)s::text IS NULL OR market_id = %(market_id)s) AND lower(stall_id) LIKE %(beginning)s
    ORDER BY market_id, stall_id LIMIT %(limit)s OFFSET %(offset)s
)
SELECT s.market_id, s.stall_id, s.place, s.row_no, s.area_dm2, o.vendor_id,
       (SELECT v.name FROM vendors v WHERE v.market_id = s.market_id AND v.vendor_id = o.vendor_id) AS vendor_name
FROM page s
LEFT JOIN LATERAL (SELECT one.vendor_id FROM stall_occupancies one
                   WHERE one.market_id = s.market_id AND one.stall_id = s.stall_id
                     AND one.valid @> %(now)s::timestamptz LIMIT 1) o ON true
ORDER BY s.market_id, s.stall_id

-- name: scales_listed
WITH page AS (
    SELECT market_id, scale_id, serial_number, verified_until, seal_state FROM scales
    WHERE (%(market_id)s::text IS NULL OR market_id = %(market_id)s) AND lower(scale_id) LIKE %(beginning)s
    ORDER BY market_id, scale_id LIMIT %(limit)s OFFSET %(offset)s
)
SELECT s.market_id, s.scale_id, s.serial_number, s.verified_until, s.seal_state, b.stall_id, b.vendor_id,
       (SELECT v.name FROM vendors v WHERE v.market_id = s.market_id AND v.vendor_id = b.vendor_id) AS vendor_name
FROM page s
LEFT JOIN LATERAL (SELECT one.stall_id, one.vendor_id FROM scale_bindings one
                   WHERE one.market_id = s.market_id AND one.scale_id = s.scale_id
                     AND one.valid @> %(now)s::timestamptz LIMIT 1) b ON true
ORDER BY s.market_id, s.scale_id

-- name: vendor_ids
SELECT vendor_id FROM vendors WHERE market_id = %(market_id)s ORDER BY vendor_id LIMIT %(limit)s

-- name: stall_ids
SELECT stall_id FROM stalls WHERE market_id = %(market_id)s ORDER BY stall_id LIMIT %(limit)s

-- name: scale_ids
SELECT scale_id FROM scales WHERE market_id = %(market_id)s ORDER BY scale_id LIMIT %(limit)s
