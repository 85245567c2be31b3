-- name: one
SELECT market_id, vendor_id, name, kind, credit_code, licence_no, legal_representative, phone, licence_from,
       licence_until, revision
FROM vendors WHERE market_id = %(market_id)s AND vendor_id = %(vendor_id)s

-- name: several
SELECT market_id, vendor_id, name, kind, credit_code, licence_no, legal_representative, phone, licence_from,
       licence_until, revision
FROM vendors WHERE market_id = %(market_id)s AND vendor_id = ANY (%(vendor_ids)s::text[])

-- name: lock_several
SELECT vendor_id FROM vendors
WHERE market_id = %(market_id)s AND vendor_id = ANY (%(vendor_ids)s::text[]) ORDER BY vendor_id FOR UPDATE

-- name: by_codes
SELECT credit_code, vendor_id FROM vendors
WHERE market_id = %(market_id)s AND credit_code = ANY (%(codes)s::text[]) AND credit_code <> ''

-- name: elsewhere
-- The same business in other markets.
SELECT v.market_id, v.vendor_id, v.name, m.name AS market_name
FROM vendors v JOIN markets m USING (market_id)
WHERE v.credit_code = %(credit_code)s AND v.credit_code <> '' AND v.market_id <> %(market_id)s
ORDER BY v.market_id, v.vendor_id LIMIT 20

-- name: insert
INSERT INTO vendors (market_id, vendor_id, name, kind, credit_code, licence_no, legal_representative, phone,
                     licence_from, licence_until, pinyin)
VALUES (%(market_id)s, %(vendor_id)s, %(name)s, %(kind)s, %(credit_code)s, %(licence_no)s, %(legal_representative)s,
        %(phone)s, %(licence_from)s, %(licence_until)s, %(pinyin)s)
ON CONFLICT (market_id, vendor_id) DO NOTHING
RETURNING vendor_id

-- name: change
UPDATE vendors
SET name = %(name)s, kind = %(kind)s, credit_code = %(credit_code)s, licence_no = %(licence_no)s,
    legal_representative = %(legal_representative)s, phone = %(phone)s, licence_from = %(licence_from)s,
    licence_until = %(licence_until)s, pinyin = %(pinyin)s, revision = revision + 1
WHERE market_id = %(market_id)s AND vendor_id = %(vendor_id)s AND revision = %(revision)s
RETURNING revision

-- name: without_pinyin
SELECT market_id, vendor_id, name FROM vendors WHERE pinyin = '{}' AND name ~ '[^ -~]' LIMIT 10000

-- name: set_pinyin
UPDATE vendors v SET pinyin = string_to_array(given.pinyin, ' ')
FROM unnest(%(market_ids)s::text[], %(vendor_ids)s::text[], %(pinyins)s::text[]) AS given (market_id, vendor_id, pinyin)
WHERE v.market_id = given.market_id AND v.vendor_id = given.vendor_id
