-- name: add
-- The same photo again is the photo that is there.
INSERT INTO alert_photos (alert_id, added_at, added_by, content, thumbnail, width, height, sha256)
VALUES (%(alert_id)s, %(added_at)s, %(added_by)s, %(content)s, %(thumbnail)s, %(width)s, %(height)s, %(sha256)s)
ON CONFLICT ON CONSTRAINT alert_photos_once DO NOTHING
RETURNING photo_id

-- name: of_alert
SELECT photo_id, added_at, added_by, width, height, octet_length(content) AS bytes
FROM alert_photos WHERE alert_id = %(alert_id)s ORDER BY photo_id

-- name: by_sha256
SELECT photo_id FROM alert_photos WHERE alert_id = %(alert_id)s AND sha256 = %(sha256)s

-- name: content
SELECT content FROM alert_photos WHERE alert_id = %(alert_id)s AND photo_id = %(photo_id)s

-- name: thumbnail
SELECT thumbnail FROM alert_photos WHERE alert_id = %(alert_id)s AND photo_id = %(photo_id)s
