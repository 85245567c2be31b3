-- name: stalls
-- The stalls of a market that exist on a day.
SELECT stall_id, position_class, goods_zone, area_dm2, floor, tank, neighbours
FROM stalls
WHERE market_id = %(market_id)s AND (open_from IS NULL OR open_from <= %(day)s) AND (open_until IS NULL OR open_until >= %(day)s)
ORDER BY stall_id

-- name: holders
-- Who occupies which stall at a moment.
SELECT stall_id, vendor_id FROM stall_occupancies
WHERE market_id = %(market_id)s AND valid @> %(moment)s::timestamptz
ORDER BY stall_id

-- name: needs
-- What holds now: the newest row of each vendor.
SELECT DISTINCT ON (n.vendor_id) n.market_id, n.vendor_id, v.name AS vendor_name, n.goods_zone, n.needs_tank, n.least_area_dm2,
       n.ground_floor, n.hardship, n.because, n.entered_by, n.entered_at
FROM vendor_stall_needs n JOIN vendors v USING (market_id, vendor_id)
WHERE n.market_id = %(market_id)s
ORDER BY n.vendor_id, n.need_id DESC

-- name: insert_needs
INSERT INTO vendor_stall_needs (market_id, vendor_id, goods_zone, needs_tank, least_area_dm2, ground_floor, hardship, because,
                                entered_by, entered_at)
VALUES (%(market_id)s, %(vendor_id)s, %(goods_zone)s, %(needs_tank)s, %(least_area_dm2)s, %(ground_floor)s, %(hardship)s,
        %(because)s, %(by)s, %(at)s)

-- name: apart
SELECT newest.market_id, newest.one, a.name AS one_name, newest.other, b.name AS other_name, newest.because, newest.entered_by,
       newest.entered_at
FROM (SELECT DISTINCT ON (one, other) market_id, one, other, holds, because, entered_by, entered_at
      FROM vendors_apart WHERE market_id = %(market_id)s ORDER BY one, other, apart_id DESC) AS newest
JOIN vendors a ON a.market_id = newest.market_id AND a.vendor_id = newest.one
JOIN vendors b ON b.market_id = newest.market_id AND b.vendor_id = newest.other
WHERE newest.holds
ORDER BY newest.one, newest.other

-- name: insert_apart
INSERT INTO vendors_apart (market_id, one, other, holds, because, entered_by, entered_at)
VALUES (%(market_id)s, %(one)s, %(other)s, %(holds)s, %(because)s, %(by)s, %(at)s)
