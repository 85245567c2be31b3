-- name: one
SELECT market_id, name, area, channel, timezone, operator, address, phone, revision
FROM markets WHERE market_id = %(market_id)s

-- name: listed
-- With what is registered in each. `market_id` NULL: all of them.
SELECT m.market_id, m.name AS market_name, m.area, m.channel, m.timezone, m.operator,
       (SELECT count(*) FROM stalls s WHERE s.market_id = m.market_id) AS stalls,
       (SELECT count(*) FROM vendors v WHERE v.market_id = m.market_id) AS vendors,
       (SELECT count(*) FROM scales c WHERE c.market_id = m.market_id) AS scales
FROM markets m WHERE %(market_id)s::text IS NULL OR m.market_id = %(market_id)s
ORDER BY m.market_id

-- name: areas
SELECT DISTINCT area FROM markets ORDER BY area

-- name: insert
INSERT INTO markets (market_id, name, area, channel, timezone, operator, address, phone)
VALUES (%(market_id)s, %(market_name)s, %(area)s, %(channel)s, %(timezone)s, %(operator)s, %(address)s, %(phone)s)
ON CONFLICT (market_id) DO NOTHING
RETURNING market_id

-- name: change
UPDATE markets
SET name = %(market_name)s, area = %(area)s, channel = %(channel)s, timezone = %(timezone)s, operator = %(operator)s,
    address = %(address)s, phone = %(phone)s, revision = revision + 1
WHERE market_id = %(market_id)s AND revision = %(revision)s
RETURNING revision

-- name: was_weighed_in
SELECT EXISTS (SELECT FROM journals j WHERE j.market_id = %(market_id)s)
