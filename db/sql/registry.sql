-- name: bindings_at
-- For each asked (market, scale, moment): is the scale known, and whose was it then?
SELECT asked.n, s.scale_id IS NOT NULL AS known, b.stall_id, b.vendor_id
FROM unnest(%(market_ids)s::text[], %(scale_ids)s::text[], %(moments)s::timestamptz[])
     WITH ORDINALITY AS asked (market_id, scale_id, moment, n)
LEFT JOIN scales s ON s.market_id = asked.market_id AND s.scale_id = asked.scale_id
LEFT JOIN scale_bindings b
       ON b.market_id = asked.market_id AND b.scale_id = asked.scale_id AND b.valid @> asked.moment
ORDER BY asked.n

-- name: revision
-- Moves whenever a scale may be somebody else's.
SELECT revision FROM registry_revision

-- name: bindings_of
-- Of the asked scales those that are registered, each with its bindings.
SELECT s.market_id, s.scale_id, b.stall_id, b.vendor_id, lower(b.valid), upper(b.valid)
FROM unnest(%(market_ids)s::text[], %(scale_ids)s::text[]) AS asked (market_id, scale_id)
JOIN scales s USING (market_id, scale_id)
LEFT JOIN scale_bindings b ON b.market_id = s.market_id AND b.scale_id = s.scale_id
ORDER BY s.market_id, s.scale_id, lower(b.valid)

-- name: is_set_up
SELECT to_regclass('markets') IS NOT NULL

-- name: put_market
INSERT INTO markets (market_id, name, area, channel, timezone)
VALUES (%(market_id)s, %(name)s, %(area)s, %(channel)s, %(timezone)s)
ON CONFLICT (market_id) DO UPDATE SET name = excluded.name
WHERE markets.name IS DISTINCT FROM excluded.name

-- name: put_stall
INSERT INTO stalls (market_id, stall_id, place) VALUES (%(market_id)s, %(stall_id)s, %(place)s)
ON CONFLICT (market_id, stall_id) DO UPDATE SET place = excluded.place
WHERE stalls.place IS DISTINCT FROM excluded.place

-- name: put_vendor
INSERT INTO vendors (market_id, vendor_id, name, pinyin) VALUES (%(market_id)s, %(vendor_id)s, %(name)s, %(pinyin)s)
ON CONFLICT (market_id, vendor_id) DO UPDATE
SET name = excluded.name, pinyin = excluded.pinyin, revision = vendors.revision + 1
WHERE vendors.name IS DISTINCT FROM excluded.name

-- name: put_scale
INSERT INTO scales (market_id, scale_id, serial_number) VALUES (%(market_id)s, %(scale_id)s, %(serial_number)s)
ON CONFLICT (market_id, scale_id) DO NOTHING

-- name: replace_binding
-- A placement at the very moment of an earlier one is its correction; it ends where that one did.
UPDATE scale_bindings SET stall_id = %(stall_id)s, vendor_id = %(vendor_id)s
WHERE market_id = %(market_id)s AND scale_id = %(scale_id)s AND lower(valid) = %(valid_from)s

-- name: end_binding
UPDATE scale_bindings
SET valid = tstzrange(lower(valid), %(valid_from)s)
WHERE market_id = %(market_id)s AND scale_id = %(scale_id)s
  AND valid @> %(valid_from)s::timestamptz AND lower(valid) < %(valid_from)s

-- name: insert_binding
-- It ends where the next one begins.
INSERT INTO scale_bindings (market_id, scale_id, stall_id, vendor_id, valid)
VALUES (%(market_id)s, %(scale_id)s, %(stall_id)s, %(vendor_id)s,
        tstzrange(%(valid_from)s, (SELECT min(lower(later.valid)) FROM scale_bindings later
                                   WHERE later.market_id = %(market_id)s AND later.scale_id = %(scale_id)s
                                     AND lower(later.valid) > %(valid_from)s)))

-- name: put_stalls
INSERT INTO stalls (market_id, stall_id, place)
SELECT * FROM unnest(%(market_ids)s::text[], %(stall_ids)s::text[], %(places)s::text[])
ON CONFLICT (market_id, stall_id) DO NOTHING

-- name: put_vendors
INSERT INTO vendors (market_id, vendor_id, name)
SELECT * FROM unnest(%(market_ids)s::text[], %(vendor_ids)s::text[], %(names)s::text[])
ON CONFLICT (market_id, vendor_id) DO NOTHING
RETURNING market_id, vendor_id, name

-- name: put_scales
INSERT INTO scales (market_id, scale_id, serial_number)
SELECT * FROM unnest(%(market_ids)s::text[], %(scale_ids)s::text[], %(serial_numbers)s::text[])
ON CONFLICT (market_id, scale_id) DO NOTHING

-- name: insert_first_bindings
-- Only for scales that were never placed: their moments before that are nobody's.
INSERT INTO scale_bindings (market_id, scale_id, stall_id, vendor_id, valid)
SELECT asked.market_id, asked.scale_id, asked.stall_id, asked.vendor_id, tstzrange(asked.valid_from, NULL)
FROM unnest(%(market_ids)s::text[], %(scale_ids)s::text[], %(stall_ids)s::text[], %(vendor_ids)s::text[],
            %(moments)s::timestamptz[]) AS asked (market_id, scale_id, stall_id, vendor_id, valid_from)
WHERE NOT EXISTS (SELECT FROM scale_bindings b
                  WHERE b.market_id = asked.market_id AND b.scale_id = asked.scale_id)

-- name: binding_now
SELECT stall_id, vendor_id FROM scale_bindings
WHERE market_id = %(market_id)s AND scale_id = %(scale_id)s AND valid @> %(moment)s::timestamptz

-- name: put_species
INSERT INTO species (species_code, name_zh, pinyin, name_en, scientific, category)
VALUES (%(species_code)s, %(name_zh)s, %(pinyin)s, %(name_en)s, %(scientific)s, %(category)s)
ON CONFLICT (species_code) DO UPDATE
SET name_zh = excluded.name_zh, pinyin = excluded.pinyin, name_en = excluded.name_en,
    scientific = excluded.scientific, category = excluded.category
WHERE (species.name_zh, species.pinyin, species.name_en, species.scientific, species.category)
      IS DISTINCT FROM (excluded.name_zh, excluded.pinyin, excluded.name_en, excluded.scientific, excluded.category)

-- name: put_species_name
INSERT INTO species_names (name, species_code) VALUES (%(name)s, %(species_code)s)
ON CONFLICT (name) DO NOTHING

-- name: markets
SELECT market_id, name, area, channel, timezone FROM markets ORDER BY market_id

-- name: vendors_of_market
SELECT v.market_id, v.vendor_id, v.name,
       coalesce((SELECT string_agg(DISTINCT b.stall_id, ', ' ORDER BY b.stall_id) FROM scale_bindings b
                 WHERE b.market_id = v.market_id AND b.vendor_id = v.vendor_id
                   AND b.valid @> %(now)s::timestamptz), '') AS stalls
FROM vendors v
WHERE %(market_id)s::text IS NULL OR v.market_id = %(market_id)s
ORDER BY v.market_id, v.vendor_id

-- name: vendor
SELECT v.market_id, v.vendor_id, v.name,
       coalesce((SELECT string_agg(DISTINCT b.stall_id, ', ' ORDER BY b.stall_id) FROM scale_bindings b
                 WHERE b.market_id = v.market_id AND b.vendor_id = v.vendor_id
                   AND b.valid @> %(now)s::timestamptz), '') AS stalls
FROM vendors v
WHERE v.market_id = %(market_id)s AND v.vendor_id = %(vendor_id)s
