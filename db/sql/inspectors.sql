-- name: add
INSERT INTO inspectors (user_id, badge_no, department, qualifications, added_by, added_at)
SELECT u.user_id, %(badge_no)s, %(department)s, %(qualifications)s, %(by)s, %(at)s FROM users u
WHERE u.username = %(username)s AND u.disabled_at IS NULL
ON CONFLICT (user_id) DO UPDATE
SET badge_no = excluded.badge_no, department = excluded.department, qualifications = excluded.qualifications,
    added_by = excluded.added_by, added_at = excluded.added_at, retired_by = NULL, retired_at = NULL
RETURNING user_id

-- name: retire
UPDATE inspectors SET retired_by = %(by)s, retired_at = %(at)s WHERE user_id = %(user_id)s AND retired_at IS NULL
RETURNING user_id

-- name: listed
SELECT i.user_id, u.username, u.display_name, i.badge_no, i.department, i.qualifications, i.added_by, i.added_at,
       i.retired_by, i.retired_at
FROM inspectors i JOIN users u USING (user_id)
WHERE (%(username)s::text IS NULL OR u.username = %(username)s)
ORDER BY i.retired_at IS NOT NULL, i.department, i.badge_no

-- name: declare
INSERT INTO inspector_conflicts (user_id, market_id, vendor_id, reason, declared_by, declared_at)
SELECT i.user_id, %(market_id)s, %(vendor_id)s, %(reason)s, %(by)s, %(at)s
FROM inspectors i WHERE i.user_id = %(user_id)s
RETURNING conflict_id

-- name: end_conflict
UPDATE inspector_conflicts SET ended_by = %(by)s, ended_at = %(at)s
WHERE conflict_id = %(conflict_id)s AND ended_at IS NULL
RETURNING conflict_id

-- name: conflicts
SELECT c.conflict_id, c.user_id, u.display_name, c.market_id, c.vendor_id, v.name AS vendor_name, c.reason,
       c.declared_by, c.declared_at, c.ended_by, c.ended_at
FROM inspector_conflicts c
JOIN users u USING (user_id)
LEFT JOIN vendors v ON v.market_id = c.market_id AND v.vendor_id = c.vendor_id
WHERE NOT %(only_now)s OR c.ended_at IS NULL
ORDER BY c.ended_at IS NOT NULL, c.conflict_id DESC

-- name: set_class
-- It stands for the month, by the market's calendar, in which it is set.
INSERT INTO risk_classes (market_id, vendor_id, class, reason, set_by, set_at, for_month)
SELECT %(market_id)s, %(vendor_id)s, %(class)s, %(reason)s, %(by)s, %(at)s,
       date_trunc('month', %(at)s::timestamptz AT TIME ZONE coalesce(
           (SELECT timezone FROM markets WHERE market_id = %(market_id)s), 'UTC'))::date

-- name: classes_set
-- Those set by hand, the newest first, of all or of one vendor; beside each the computed one of its month.
SELECT r.market_id, r.vendor_id, v.name AS vendor_name, r.class AS risk_class, r.reason, r.set_by, r.set_at, r.for_month,
       c.class AS computed
FROM risk_classes r JOIN vendors v USING (market_id, vendor_id)
LEFT JOIN risk_classes c ON c.market_id = r.market_id AND c.vendor_id = r.vendor_id AND c.computed_month IS NOT NULL
     AND c.computed_month = r.for_month - interval '1 month'
WHERE r.computed_month IS NULL
  AND (%(market_id)s::text IS NULL OR r.market_id = %(market_id)s)
  AND (%(vendor_id)s::text IS NULL OR r.vendor_id = %(vendor_id)s)
ORDER BY r.risk_class_id DESC LIMIT %(limit)s

-- name: subjects
-- Every vendor that holds a stall at a moment, with a scale or without one, with the class that holds then; NULL: none was set.
SELECT v.market_id, v.vendor_id,
       (SELECT r.class FROM risk_class_at(v.market_id, v.vendor_id,
            date_trunc('month', %(at)s::timestamptz AT TIME ZONE m.timezone)::date, %(at)s::timestamptz) r) AS class
FROM vendors v JOIN markets m USING (market_id)
WHERE v.market_id = ANY (%(market_ids)s)
  AND (EXISTS (SELECT FROM scale_bindings b
               WHERE b.market_id = v.market_id AND b.vendor_id = v.vendor_id AND b.valid @> %(at)s::timestamptz)
    OR EXISTS (SELECT FROM stall_occupancies o
               WHERE o.market_id = v.market_id AND o.vendor_id = v.vendor_id AND o.valid @> %(at)s::timestamptz))
ORDER BY v.market_id, v.vendor_id

-- name: last_visitors
-- Who visited each subject the last time a visit took place.
SELECT last.market_id, last.vendor_id, ii.user_id
FROM (SELECT DISTINCT ON (i.market_id, i.vendor_id) i.market_id, i.vendor_id, i.inspection_id
      FROM inspections i
      WHERE i.market_id = ANY (%(market_ids)s) AND i.state NOT IN ('drawn', 'notified', 'cancelled', 'combined')
      ORDER BY i.market_id, i.vendor_id, i.inspection_id DESC) last
JOIN inspection_inspectors ii USING (inspection_id)
