-- name: append
INSERT INTO personal_data_views (market_id, vendor_id, fields, how, because, by, at)
VALUES (%(market_id)s, %(vendor_id)s, %(fields)s, %(how)s, %(because)s, %(by)s, %(at)s)

-- name: newest
SELECT one.view_id, one.market_id, one.vendor_id,
       (SELECT v.name FROM vendors v WHERE v.market_id = one.market_id AND v.vendor_id = one.vendor_id) AS vendor_name,
       one.fields, one.how, one.because, one.by, one.at
FROM personal_data_views one
ORDER BY one.at DESC, one.view_id DESC LIMIT %(limit)s OFFSET %(offset)s

-- name: of_vendor
SELECT one.view_id, one.market_id, one.vendor_id, v.name AS vendor_name, one.fields, one.how, one.because, one.by, one.at
FROM personal_data_views one JOIN vendors v USING (market_id, vendor_id)
WHERE one.market_id = %(market_id)s AND one.vendor_id = %(vendor_id)s
ORDER BY one.at DESC, one.view_id DESC LIMIT %(limit)s
