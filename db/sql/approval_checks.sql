-- name: insert
INSERT INTO approval_checks (approval_id, version, opened_at, due_on, policy_version)
VALUES (%(approval_id)s, %(version)s, %(at)s, %(due_on)s, %(policy_version)s)
RETURNING check_id

-- name: by_id
SELECT * FROM approval_checks WHERE check_id = %(check_id)s

-- name: lock
SELECT check_id FROM approval_checks WHERE check_id = %(check_id)s FOR UPDATE

-- name: unfinished
SELECT * FROM approval_checks WHERE approval_id = %(approval_id)s AND state IN ('open', 'taken_up') FOR UPDATE

-- name: of_approval
SELECT * FROM approval_checks WHERE approval_id = ANY (%(approval_ids)s::bigint[]) ORDER BY approval_id, check_id DESC

-- name: latest_of
SELECT DISTINCT ON (approval_id) * FROM approval_checks WHERE approval_id = ANY (%(approval_ids)s::bigint[])
ORDER BY approval_id, check_id DESC

-- name: move
UPDATE approval_checks
SET version = %(version)s, state = %(state)s, due_on = %(due_on)s, assigned_to = %(assigned_to)s, result = %(result)s,
    note = %(note)s, checked_by = %(checked_by)s, checked_at = %(checked_at)s, export_no = %(export_no)s,
    inspection_id = %(inspection_id)s
WHERE check_id = %(check_id)s

-- name: append_step
INSERT INTO approval_check_steps (check_id, at, actor, action, from_state, to_state, result, note, origin)
VALUES (%(check_id)s, %(at)s, %(actor)s, %(action)s, %(from_state)s, %(to_state)s, %(result)s, %(note)s, %(origin)s)

-- name: steps
SELECT check_id, at, actor, action, from_state, to_state, result, note, origin
FROM approval_check_steps WHERE check_id = ANY (%(check_ids)s::bigint[]) ORDER BY step_id

-- name: awaited
-- What somebody has a step to take with, the first due first; `overdue_on`: only what was due before that day.
SELECT check_id, approval_id
FROM approval_checks
WHERE state IN ('open', 'taken_up')
  AND (%(overdue_on)s::date IS NULL OR due_on < %(overdue_on)s)
  AND (%(due_on)s::date IS NULL OR (due_on, check_id) > (%(due_on)s, %(after)s))
ORDER BY due_on, check_id LIMIT %(limit)s

-- name: awaited_in_market
-- A market's begin with its own approvals, of which each has one such check at most: those of a whole city are many more.
WITH own AS (SELECT DISTINCT approval_id FROM approval_matches WHERE market_id = %(market_id)s AND ended_at IS NULL)
SELECT c.check_id, c.approval_id
FROM own CROSS JOIN LATERAL (SELECT check_id, approval_id, due_on FROM approval_checks
                             WHERE approval_id = own.approval_id AND state IN ('open', 'taken_up') LIMIT 1) c
WHERE (%(overdue_on)s::date IS NULL OR c.due_on < %(overdue_on)s)
  AND (%(due_on)s::date IS NULL OR (c.due_on, c.check_id) > (%(due_on)s, %(after)s))
ORDER BY c.due_on, c.check_id LIMIT %(limit)s

-- name: finished
SELECT check_id, approval_id
FROM approval_checks
WHERE state IN ('checked', 'exported', 'withdrawn') AND (%(after)s::bigint IS NULL OR check_id < %(after)s)
ORDER BY check_id DESC LIMIT %(limit)s

-- name: finished_in_market
WITH own AS (SELECT DISTINCT approval_id FROM approval_matches WHERE market_id = %(market_id)s AND ended_at IS NULL)
SELECT c.check_id, c.approval_id
FROM own CROSS JOIN LATERAL (SELECT check_id, approval_id FROM approval_checks
                             WHERE approval_id = own.approval_id AND state IN ('checked', 'exported', 'withdrawn')
                               AND (%(after)s::bigint IS NULL OR check_id < %(after)s)
                             ORDER BY check_id DESC LIMIT %(limit)s) c
ORDER BY c.check_id DESC LIMIT %(limit)s

-- name: counts
SELECT count(*), count(*) FILTER (WHERE due_on < %(today)s) FROM approval_checks WHERE state IN ('open', 'taken_up')

-- name: counts_in_market
WITH own AS (SELECT DISTINCT approval_id FROM approval_matches WHERE market_id = %(market_id)s AND ended_at IS NULL)
SELECT count(*), count(*) FILTER (WHERE c.due_on < %(today)s)
FROM own CROSS JOIN LATERAL (SELECT due_on FROM approval_checks
                             WHERE approval_id = own.approval_id AND state IN ('open', 'taken_up') LIMIT 1) c

-- name: to_tell
-- What is not done and due until a day, and was not told of as it stands today: `once` names it among what is told. Who has it
-- counts only while they may still do it.
SELECT c.check_id, c.due_on, c.due_on < %(today)s AS is_overdue, told.once,
       (SELECT u.username FROM users u WHERE u.username = c.assigned_to AND u.disabled_at IS NULL
        AND u.role IN ('regulator', 'admin')) AS assigned_to
FROM approval_checks c
CROSS JOIN LATERAL (SELECT CASE WHEN c.due_on < %(today)s THEN 'check_overdue:' ELSE 'check_near:' END
                           || c.check_id || ':' || to_char(c.due_on, 'YYYY-MM-DD') AS once) told
WHERE c.state IN ('open', 'taken_up') AND c.due_on <= %(until)s
  AND NOT EXISTS (SELECT FROM happenings h WHERE h.once = told.once)
ORDER BY c.due_on, c.check_id LIMIT %(limit)s

-- name: unmatched
SELECT approval_id FROM approvals WHERE NOT is_matched AND (%(after)s::bigint IS NULL OR approval_id < %(after)s)
ORDER BY approval_id DESC LIMIT %(limit)s

-- name: by_number
SELECT approval_id FROM approvals WHERE number LIKE %(pattern)s ORDER BY number, approval_id LIMIT %(limit)s

-- name: by_number_in_market
WITH own AS (SELECT DISTINCT approval_id FROM approval_matches WHERE market_id = %(market_id)s AND ended_at IS NULL)
SELECT a.approval_id FROM own JOIN approvals a USING (approval_id)
WHERE a.number LIKE %(pattern)s ORDER BY a.number, a.approval_id LIMIT %(limit)s

-- name: several
SELECT * FROM approvals WHERE approval_id = ANY (%(approval_ids)s::bigint[])

-- name: checks
SELECT * FROM approval_checks WHERE check_id = ANY (%(check_ids)s::bigint[])

-- name: hold_exports
SELECT pg_advisory_xact_lock(hashtext('steelyard approval exports'))

-- name: to_export
SELECT c.check_id, c.export_no AS corrects, v.authority, v.number, c.version, v.kind, v.act, v.subject_name, v.credit_code,
       c.result, c.note, c.due_on, c.checked_at
FROM approval_checks c JOIN approval_versions v ON v.approval_id = c.approval_id AND v.version = c.version
WHERE c.state = 'checked' ORDER BY c.check_id LIMIT %(limit)s FOR UPDATE OF c

-- name: last_export_no
SELECT coalesce(max(export_no), 0) FROM approval_exports

-- name: put_export
INSERT INTO approval_exports (export_no, made_by, made_at, results, csv, csv_digest, json, json_digest)
VALUES (%(export_no)s, %(by)s, %(at)s, %(results)s, %(csv)s, sha256(%(csv)s::bytea), %(json)s, sha256(%(json)s::bytea))

-- name: exports
SELECT export_no, made_by, made_at, results, encode(csv_digest, 'hex') AS csv_digest,
       encode(json_digest, 'hex') AS json_digest
FROM approval_exports ORDER BY export_no DESC LIMIT %(limit)s

-- name: exported
SELECT csv, json FROM approval_exports WHERE export_no = %(export_no)s

-- name: waiting_for_export
SELECT count(*) FROM approval_checks WHERE state = 'checked'
