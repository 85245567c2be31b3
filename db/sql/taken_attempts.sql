-- name: lock
-- Who is limited by the same key waits, so that two at once are counted one after the other.
SELECT pg_advisory_xact_lock(hashtextextended(%(what)s, 0))

-- name: in_the_way
-- When the `most`-th newest within the window was: there is no room before it leaves the window.
SELECT at FROM taken_attempts
WHERE purpose = %(purpose)s AND by_what = %(by_what)s AND key = %(key)s AND at > %(since)s
ORDER BY at DESC OFFSET %(most)s - 1 LIMIT 1

-- name: take
INSERT INTO taken_attempts (purpose, by_what, key, at) VALUES (%(purpose)s, %(by_what)s, %(key)s, %(at)s)

-- name: forget
DELETE FROM taken_attempts WHERE at < %(before)s
