-- name: insert
INSERT INTO purchase_records (market_id, vendor_id, species_code, grade, purchased_on, price_fen, price_unit, published_as,
                              slip_no, slip_photo, slip_type, entered_by, entered_at)
VALUES (%(market_id)s, %(vendor_id)s, %(species_code)s, %(grade)s, %(purchased_on)s, %(price_fen)s, %(price_unit)s,
        %(published_as)s, %(slip_no)s, %(slip_photo)s, %(slip_type)s, %(entered_by)s, %(entered_at)s)
RETURNING purchase_id

-- name: decide
UPDATE purchase_records
SET state = %(state)s, decided_by = %(by)s, decided_at = %(at)s, note = %(note)s
WHERE purchase_id = %(purchase_id)s AND state = 'entered'
RETURNING purchase_id

-- name: listed
-- The photo stays where it is: a page of purchases is small.
SELECT p.purchase_id, p.market_id, p.vendor_id, v.name AS vendor_name, p.species_code, s.name_zh AS species_name,
       s.name_en AS species_name_en, p.grade, p.purchased_on, p.price_fen, p.price_unit AS unit, p.published_as, p.slip_no,
       p.slip_photo IS NOT NULL AS has_photo, p.state, p.entered_by, p.entered_at, p.decided_by, p.decided_at, p.note
FROM purchase_records p
JOIN vendors v USING (market_id, vendor_id)
JOIN species s USING (species_code)
WHERE (%(purchase_id)s::bigint IS NULL OR p.purchase_id = %(purchase_id)s)
  AND (%(market_id)s::text IS NULL OR p.market_id = %(market_id)s)
  AND (%(vendor_id)s::text IS NULL OR p.vendor_id = %(vendor_id)s)
  AND (%(species_code)s::text IS NULL OR p.species_code = %(species_code)s)
  AND (%(state)s::text IS NULL OR p.state = %(state)s)
  AND (%(before)s::bigint IS NULL OR p.purchase_id < %(before)s)
ORDER BY p.purchase_id DESC LIMIT %(limit)s

-- name: counts
SELECT state, count(*) FROM purchase_records WHERE (%(market_id)s::text IS NULL OR market_id = %(market_id)s) GROUP BY state

-- name: photo
SELECT slip_photo, slip_type FROM purchase_records WHERE purchase_id = %(purchase_id)s AND slip_photo IS NOT NULL
