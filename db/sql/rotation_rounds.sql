-- name: insert
INSERT INTO rotation_rounds (market_id, title, takes_effect_on, created_by, created_at)
VALUES (%(market_id)s, %(title)s, %(takes_effect_on)s, %(by)s, %(at)s)
RETURNING round_id

-- name: lock
SELECT round_id FROM rotation_rounds WHERE round_id = %(round_id)s FOR UPDATE

-- name: freeze
UPDATE rotation_rounds
SET state = 'frozen', frozen = %(frozen)s, frozen_sha256 = %(frozen_sha256)s, secret = %(secret)s,
    public_source = %(public_source)s, public_from = %(public_from)s, frozen_by = %(by)s, frozen_at = %(at)s
WHERE round_id = %(round_id)s

-- name: insert_claims
INSERT INTO rotation_claims (round_id, number, market_id, vendor_id, score, tier, held)
SELECT %(round_id)s, c.number, %(market_id)s, c.vendor_id, c.score, c.tier, c.held
FROM unnest(%(numbers)s::integer[], %(vendor_ids)s::text[], %(scores)s::integer[], %(tiers)s::text[], %(held)s::text[])
     AS c (number, vendor_id, score, tier, held)

-- name: propose
UPDATE rotation_rounds
SET state = 'proposed', public_value = %(public_value)s, seed = %(seed)s, by_seed = %(by_seed)s, proposed_by = %(by)s,
    proposed_at = %(at)s
WHERE round_id = %(round_id)s

-- name: insert_proposal
INSERT INTO rotation_proposals (round_id, version, pins, objective, bound, restricted, not_apart, because, made_by, made_at)
VALUES (%(round_id)s, %(version)s, %(pins)s, %(objective)s, %(bound)s, %(restricted)s, %(not_apart)s, %(because)s, %(by)s,
        %(at)s)

-- name: insert_places
INSERT INTO rotation_places (round_id, version, number, stall_id, price)
SELECT %(round_id)s, %(version)s, p.number, p.stall_id, p.price
FROM unnest(%(numbers)s::integer[], %(stall_ids)s::text[], %(prices)s::bigint[]) AS p (number, stall_id, price)

-- name: insert_stall_prices
INSERT INTO rotation_stall_prices (round_id, version, stall_id, price)
SELECT %(round_id)s, %(version)s, p.stall_id, p.price
FROM unnest(%(stall_ids)s::text[], %(prices)s::bigint[]) AS p (stall_id, price)

-- name: confirm
UPDATE rotation_rounds
SET state = 'confirmed', confirmed_version = %(version)s, confirmed_by = %(by)s, confirmed_at = %(at)s
WHERE round_id = %(round_id)s

-- name: apply
UPDATE rotation_rounds SET state = 'in_force', applied_by = %(by)s, applied_at = %(at)s WHERE round_id = %(round_id)s

-- name: abandon
UPDATE rotation_rounds
SET state = 'abandoned', abandoned_by = %(by)s, abandoned_at = %(at)s, abandoned_because = %(because)s
WHERE round_id = %(round_id)s

-- name: frozen
SELECT frozen FROM rotation_rounds WHERE round_id = %(round_id)s

-- name: listed
-- Without what was frozen: of a large market that is half a megabyte.
SELECT r.round_id, r.market_id, m.name AS market_name, m.timezone, r.title, r.takes_effect_on, r.created_by, r.created_at,
       r.state, r.frozen_sha256, r.frozen_by, r.frozen_at, r.secret, r.public_source, r.public_from, r.public_value, r.seed,
       r.proposed_by, r.proposed_at, r.by_seed, r.confirmed_version, r.confirmed_by, r.confirmed_at, r.applied_by,
       r.applied_at, r.abandoned_by, r.abandoned_at, r.abandoned_because,
       (SELECT max(p.version) FROM rotation_proposals p WHERE p.round_id = r.round_id) AS version
FROM rotation_rounds r JOIN markets m USING (market_id)
WHERE (%(round_id)s::bigint IS NULL OR r.round_id = %(round_id)s)
  AND (%(market_id)s::text IS NULL OR r.market_id = %(market_id)s)
  AND (NOT %(only_public)s OR r.frozen_sha256 IS NOT NULL)
ORDER BY r.round_id DESC LIMIT %(limit)s

-- name: last_before
-- The newest round of the market that came into force before this one.
SELECT round_id, confirmed_version FROM rotation_rounds
WHERE market_id = %(market_id)s AND round_id < %(round_id)s AND state = 'in_force'
ORDER BY round_id DESC LIMIT 1

-- name: proposals
SELECT version, pins, objective, bound, restricted, not_apart, because, made_by, made_at
FROM rotation_proposals WHERE round_id = %(round_id)s ORDER BY version

-- name: places
SELECT c.number, c.vendor_id, v.name AS vendor_name, c.score, c.tier, c.held, p.stall_id, p.price
FROM rotation_places p
JOIN rotation_claims c USING (round_id, number)
JOIN vendors v USING (market_id, vendor_id)
WHERE p.round_id = %(round_id)s AND p.version = %(version)s
ORDER BY c.number

-- name: claims
SELECT c.number, c.vendor_id, v.name AS vendor_name, c.score, c.tier, c.held, NULL AS stall_id, 0::bigint AS price
FROM rotation_claims c
JOIN vendors v USING (market_id, vendor_id)
WHERE c.round_id = %(round_id)s
ORDER BY c.number

-- name: stall_prices
SELECT stall_id, price FROM rotation_stall_prices WHERE round_id = %(round_id)s AND version = %(version)s

-- name: of_vendor
-- The claims of a vendor in the newest round of its market that has a proposal, and is not given up.
SELECT r.round_id, c.number
FROM rotation_rounds r JOIN rotation_claims c USING (round_id)
WHERE r.round_id = (SELECT max(o.round_id) FROM rotation_rounds o
                    WHERE o.market_id = %(market_id)s AND o.state IN ('proposed', 'confirmed', 'in_force'))
  AND c.market_id = %(market_id)s AND c.vendor_id = %(vendor_id)s
ORDER BY c.number
