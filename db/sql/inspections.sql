-- name: insert
INSERT INTO inspections (market_id, vendor_id, first_day, last_day, opened_at, updated_at)
VALUES (%(market_id)s, %(vendor_id)s, %(first_day)s, %(last_day)s, %(at)s, %(at)s)
RETURNING inspection_id

-- name: insert_inspectors
INSERT INTO inspection_inspectors (inspection_id, user_id)
SELECT %(inspection_id)s, one FROM unnest(%(user_ids)s::bigint[]) AS one
ON CONFLICT DO NOTHING

-- name: delete_inspector
DELETE FROM inspection_inspectors WHERE inspection_id = %(inspection_id)s AND user_id = %(user_id)s

-- name: insert_task
INSERT INTO inspection_tasks (inspection_id, made_for, plan_id, alert_id, approval_check_id, revisit_of, department,
                              catalogue_id, items)
VALUES (%(inspection_id)s, %(inspection_id)s, %(plan_id)s, %(alert_id)s, %(approval_check_id)s, %(revisit_of)s,
        %(department)s, %(catalogue_id)s, %(items)s)

-- name: insert_event
INSERT INTO inspection_events (inspection_id, at, actor, action, from_state, to_state, note)
VALUES (%(inspection_id)s, %(at)s, %(actor)s, %(action)s, %(from_state)s, %(to_state)s, %(note)s)

-- name: lock
SELECT inspection_id FROM inspections WHERE inspection_id = ANY (%(inspection_ids)s) ORDER BY inspection_id FOR UPDATE

-- name: move
UPDATE inspections
SET state = %(state)s, updated_at = %(at)s, rectify_by = coalesce(%(rectify_by)s, rectify_by),
    revisit_by = coalesce(%(revisit_by)s, revisit_by)
WHERE inspection_id = %(inspection_id)s

-- name: plan_day
UPDATE inspections SET planned_on = %(day)s, updated_at = %(at)s WHERE inspection_id = %(inspection_id)s

-- name: narrow
UPDATE inspections
SET first_day = %(first_day)s, last_day = %(last_day)s, updated_at = %(at)s,
    planned_on = CASE WHEN planned_on BETWEEN %(first_day)s AND %(last_day)s THEN planned_on END
WHERE inspection_id = %(inspection_id)s

-- name: combine_into
UPDATE inspections SET state = 'combined', combined_into = %(kept)s, updated_at = %(at)s
WHERE inspection_id = ANY (%(others)s)

-- name: move_tasks
UPDATE inspection_tasks SET inspection_id = %(kept)s WHERE inspection_id = ANY (%(others)s)

-- name: move_inspectors
INSERT INTO inspection_inspectors (inspection_id, user_id)
SELECT DISTINCT %(kept)s::bigint, user_id FROM inspection_inspectors WHERE inspection_id = ANY (%(others)s)
ON CONFLICT DO NOTHING

-- name: of_alert
SELECT inspection_id FROM inspection_tasks WHERE alert_id = %(alert_id)s

-- name: of_approval_check
-- Where visits were combined its task went along.
SELECT i.inspection_id FROM inspection_tasks t JOIN inspections i USING (inspection_id)
WHERE t.approval_check_id = %(check_id)s AND i.state IN ('drawn', 'notified', 'visiting')
ORDER BY i.inspection_id DESC LIMIT 1

-- name: revisits_of
-- The visits that look again at what a visit found, the first one first; one that was combined is told by the other.
SELECT i.inspection_id FROM inspections i
WHERE i.inspection_id IN (SELECT t.inspection_id FROM inspection_tasks t WHERE t.revisit_of = %(inspection_id)s)
ORDER BY i.inspection_id

-- name: listed
-- Visits whose window touches some days, or that are open whatever their days; by their last day.
SELECT i.inspection_id, i.market_id, m.name AS market_name, i.vendor_id, v.name AS vendor_name, i.first_day, i.last_day,
       i.planned_on, i.state, i.rectify_by, i.revisit_by, i.combined_into, i.opened_at, i.updated_at, m.timezone,
       coalesce(who.names, '{}') AS inspectors, coalesce(who.ids, '{}') AS inspector_ids,
       coalesce(asked.departments, '{}') AS departments, coalesce(asked.revisit_of, '{}') AS revisit_of, coalesce(held.stalls, '') AS stalls
FROM inspections i
JOIN markets m USING (market_id)
JOIN vendors v USING (market_id, vendor_id)
LEFT JOIN LATERAL (
    SELECT array_agg(u.display_name ORDER BY u.user_id) AS names, array_agg(u.user_id ORDER BY u.user_id) AS ids
    FROM inspection_inspectors ii JOIN users u USING (user_id) WHERE ii.inspection_id = i.inspection_id
) who ON true
LEFT JOIN LATERAL (
    SELECT array_agg(DISTINCT t.department) AS departments,
           array_agg(DISTINCT t.revisit_of) FILTER (WHERE t.revisit_of IS NOT NULL) AS revisit_of
    FROM inspection_tasks t
    WHERE t.inspection_id = i.inspection_id
) asked ON true
LEFT JOIN LATERAL (
    SELECT string_agg(DISTINCT h.stall_id, ', ' ORDER BY h.stall_id) AS stalls
    FROM (SELECT b.stall_id FROM scale_bindings b
          WHERE b.market_id = i.market_id AND b.vendor_id = i.vendor_id AND b.valid @> i.updated_at
          UNION ALL
          SELECT o.stall_id FROM stall_occupancies o
          WHERE o.market_id = i.market_id AND o.vendor_id = i.vendor_id AND o.valid @> i.updated_at) h
) held ON true
WHERE (%(inspection_id)s::bigint IS NULL OR i.inspection_id = %(inspection_id)s)
  AND (%(market_id)s::text IS NULL OR i.market_id = %(market_id)s)
  AND (%(vendor_id)s::text IS NULL OR i.vendor_id = %(vendor_id)s)
  AND (%(states)s::text[] IS NULL OR i.state = ANY (%(states)s))
  AND (%(since)s::date IS NULL OR i.last_day >= %(since)s)
  AND (%(until)s::date IS NULL OR i.first_day <= %(until)s)
  AND (%(plan_id)s::bigint IS NULL OR EXISTS (
      SELECT FROM inspection_tasks t WHERE t.plan_id = %(plan_id)s AND i.inspection_id IN (t.inspection_id, t.made_for)))
  AND (%(user_id)s::bigint IS NULL OR EXISTS (
      SELECT FROM inspection_inspectors ii WHERE ii.inspection_id = i.inspection_id AND ii.user_id = %(user_id)s))
ORDER BY i.last_day, i.inspection_id LIMIT %(limit)s

-- name: tasks_of
SELECT task_id, inspection_id, made_for, plan_id, alert_id, approval_check_id, revisit_of, department, catalogue_id, items
FROM inspection_tasks WHERE inspection_id = %(inspection_id)s ORDER BY task_id

-- name: events_of
SELECT at, actor, action, from_state, to_state, note FROM inspection_events
WHERE inspection_id = %(inspection_id)s ORDER BY event_id
