-- name: one
SELECT market_id, stall_id, place, row_no, area_dm2, open_from, open_until, position_class, goods_zone, floor, tank,
       neighbours, revision
FROM stalls WHERE market_id = %(market_id)s AND stall_id = %(stall_id)s

-- name: several
SELECT market_id, stall_id, place, row_no, area_dm2, open_from, open_until, position_class, goods_zone, floor, tank,
       neighbours, revision
FROM stalls WHERE market_id = %(market_id)s AND stall_id = ANY (%(stall_ids)s::text[])

-- name: insert
INSERT INTO stalls (market_id, stall_id, place, row_no, area_dm2, open_from, open_until, position_class, goods_zone,
                    floor, tank, neighbours)
VALUES (%(market_id)s, %(stall_id)s, %(place)s, %(row_no)s, %(area_dm2)s, %(open_from)s, %(open_until)s,
        %(position_class)s, %(goods_zone)s, %(floor)s, %(tank)s, %(neighbours)s)
ON CONFLICT (market_id, stall_id) DO NOTHING
RETURNING stall_id

-- name: change
UPDATE stalls
SET place = %(place)s, row_no = %(row_no)s, area_dm2 = %(area_dm2)s, open_from = %(open_from)s,
    open_until = %(open_until)s, position_class = %(position_class)s, goods_zone = %(goods_zone)s, floor = %(floor)s,
    tank = %(tank)s, neighbours = %(neighbours)s, revision = revision + 1
WHERE market_id = %(market_id)s AND stall_id = %(stall_id)s AND revision = %(revision)s
RETURNING revision

-- name: hold
-- Who occupies it does not change while a scale is put on it.
SELECT stall_id FROM stalls WHERE market_id = %(market_id)s AND stall_id = %(stall_id)s FOR SHARE

-- name: move_revision
UPDATE stalls SET revision = revision + 1
WHERE market_id = %(market_id)s AND stall_id = %(stall_id)s AND (%(revision)s::bigint IS NULL OR revision = %(revision)s)
RETURNING revision

-- name: occupancies_of_vendor
SELECT o.market_id, o.stall_id, o.vendor_id, v.name AS vendor_name, s.place, lower(o.valid) AS begins,
       upper(o.valid) AS ends, o.entered_by, o.entered_at, o.because
FROM stall_occupancies o
JOIN vendors v USING (market_id, vendor_id)
JOIN stalls s USING (market_id, stall_id)
WHERE o.market_id = %(market_id)s AND o.vendor_id = %(vendor_id)s
ORDER BY lower(o.valid) DESC NULLS LAST, o.occupancy_id DESC LIMIT %(limit)s

-- name: occupancies_of_stall
SELECT o.market_id, o.stall_id, o.vendor_id, v.name AS vendor_name, s.place, lower(o.valid) AS begins,
       upper(o.valid) AS ends, o.entered_by, o.entered_at, o.because
FROM stall_occupancies o
JOIN vendors v USING (market_id, vendor_id)
JOIN stalls s USING (market_id, stall_id)
WHERE o.market_id = %(market_id)s AND o.stall_id = %(stall_id)s
ORDER BY lower(o.valid) DESC NULLS LAST, o.occupancy_id DESC LIMIT %(limit)s

-- name: occupant_at
SELECT vendor_id FROM stall_occupancies
WHERE market_id = %(market_id)s AND stall_id = %(stall_id)s AND valid @> %(moment)s::timestamptz

-- name: occupy
INSERT INTO stall_occupancies (market_id, stall_id, vendor_id, valid, because, entered_by, entered_at)
VALUES (%(market_id)s, %(stall_id)s, %(vendor_id)s, tstzrange(%(begins)s, %(ends)s), %(because)s, %(by)s, %(at)s)

-- name: in_the_way
-- Who occupies the stall in a part of that time.
SELECT o.vendor_id, v.name, lower(o.valid), upper(o.valid)
FROM stall_occupancies o JOIN vendors v USING (market_id, vendor_id)
WHERE o.market_id = %(market_id)s AND o.stall_id = %(stall_id)s AND o.valid && tstzrange(%(begins)s, %(ends)s)
ORDER BY lower(o.valid) LIMIT 1

-- name: vacate
-- It ends at a moment within it; later ones stay.
UPDATE stall_occupancies SET valid = tstzrange(lower(valid), %(moment)s)
WHERE market_id = %(market_id)s AND stall_id = %(stall_id)s AND valid @> %(moment)s::timestamptz
  AND (lower_inf(valid) OR lower(valid) < %(moment)s)
RETURNING vendor_id

-- name: occupy_where_free
-- Whoever's scale is put on a stall that nobody is known to occupy then occupies it, until somebody else does.
INSERT INTO stall_occupancies (market_id, stall_id, vendor_id, valid, entered_by)
SELECT asked.market_id, asked.stall_id, min(asked.vendor_id), tstzrange(min(asked.valid_from), NULL), 'system'
FROM unnest(%(market_ids)s::text[], %(stall_ids)s::text[], %(vendor_ids)s::text[], %(moments)s::timestamptz[])
     AS asked (market_id, stall_id, vendor_id, valid_from)
WHERE NOT EXISTS (SELECT FROM stall_occupancies o
                  WHERE o.market_id = asked.market_id AND o.stall_id = asked.stall_id
                    AND o.valid && tstzrange(asked.valid_from, NULL))
GROUP BY asked.market_id, asked.stall_id
HAVING count(DISTINCT asked.vendor_id) = 1
