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

-- name: by_id
SELECT w.* FROM inspections_in_words w WHERE w.inspection_id = %(inspection_id)s

-- name: several
SELECT w.* FROM inspections_in_words w WHERE w.inspection_id = ANY (%(inspection_ids)s::bigint[])

-- name: tasks_of
SELECT task_id, inspection_id, made_for, plan_id, alert_id, approval_check_id, revisit_of, department, catalogue_id, items
FROM inspection_tasks WHERE inspection_id = ANY (%(inspection_ids)s) ORDER BY task_id

-- name: events_of
SELECT at, actor, action, from_state, to_state, note FROM inspection_events
WHERE inspection_id = %(inspection_id)s ORDER BY event_id
