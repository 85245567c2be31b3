-- name: insert
INSERT INTO inspection_plans (title, department, catalogue_id, items, market_ids, first_day, last_day, visits, most,
                              planned_by, planned_at)
VALUES (%(title)s, %(department)s, %(catalogue_id)s, %(items)s, %(market_ids)s, %(first_day)s, %(last_day)s, %(visits)s,
        %(most)s, %(by)s, %(at)s)
RETURNING plan_id

-- name: lock
SELECT plan_id FROM inspection_plans WHERE plan_id = %(plan_id)s FOR UPDATE

-- name: freeze
UPDATE inspection_plans
SET state = 'frozen', frozen = %(frozen)s, frozen_sha256 = %(frozen_sha256)s, secret = %(secret)s, salt = %(salt)s,
    public_source = %(public_source)s, public_from = %(public_from)s, frozen_by = %(by)s, frozen_at = %(at)s
WHERE plan_id = %(plan_id)s

-- name: insert_subjects
INSERT INTO draw_subjects (plan_id, key, market_id, vendor_id)
SELECT %(plan_id)s, s.key, s.market_id, s.vendor_id
FROM unnest(%(keys)s::text[], %(market_ids)s::text[], %(vendor_ids)s::text[]) AS s (key, market_id, vendor_id)

-- name: insert_inspectors
INSERT INTO draw_inspectors (plan_id, key, user_id)
SELECT %(plan_id)s, s.key, s.user_id
FROM unnest(%(keys)s::text[], %(user_ids)s::bigint[]) AS s (key, user_id)

-- name: draw
UPDATE inspection_plans
SET state = 'drawn', public_value = %(public_value)s, seed = %(seed)s, drawn_by = %(by)s, drawn_at = %(at)s
WHERE plan_id = %(plan_id)s

-- name: abandon
UPDATE inspection_plans
SET state = 'abandoned', abandoned_by = %(by)s, abandoned_at = %(at)s, abandoned_because = %(because)s
WHERE plan_id = %(plan_id)s

-- name: frozen
SELECT frozen FROM inspection_plans WHERE plan_id = %(plan_id)s

-- name: listed
-- Without what was frozen: of a city that is megabytes.
SELECT plan_id, title, department, catalogue_id, items, market_ids, first_day, last_day, visits, most, planned_by,
       planned_at, state, frozen_sha256, frozen_by, frozen_at, secret, public_source, public_from, public_value,
       seed, drawn_by, drawn_at, abandoned_by, abandoned_at, abandoned_because
FROM inspection_plans
WHERE (%(plan_id)s::bigint IS NULL OR plan_id = %(plan_id)s)
  AND (NOT %(only_public)s OR frozen_sha256 IS NOT NULL)
ORDER BY plan_id DESC LIMIT %(limit)s

-- name: subjects_of
SELECT d.key, d.market_id, d.vendor_id, v.name
FROM draw_subjects d JOIN vendors v USING (market_id, vendor_id)
WHERE d.plan_id = %(plan_id)s AND d.key = ANY (%(keys)s)

-- name: inspectors_of
SELECT key, user_id FROM draw_inspectors WHERE plan_id = %(plan_id)s

-- name: salt
SELECT salt FROM inspection_plans WHERE plan_id = %(plan_id)s
