-- name: add
INSERT INTO case_findings (case_id, inspection_id, item_code, question_code, answer_id, added_at, added_by)
VALUES (%(case_id)s, %(inspection_id)s, %(item_code)s, %(question_code)s, %(answer_id)s, %(at)s, %(by)s)
ON CONFLICT ON CONSTRAINT case_findings_pkey DO NOTHING

-- name: of_case
SELECT f.inspection_id, f.item_code, f.question_code, f.answer_id, f.added_at, f.added_by, a.note, a.answered_by,
       a.answered_at
FROM case_findings f JOIN inspection_answers a USING (answer_id)
WHERE f.case_id = %(case_id)s ORDER BY f.inspection_id, f.item_code, f.question_code

-- name: cases_of_visit
-- The case that each finding of a visit is in: of several, the newest.
SELECT DISTINCT ON (f.item_code, f.question_code) f.item_code, f.question_code, f.case_id, c.state
FROM case_findings f JOIN cases c USING (case_id)
WHERE f.inspection_id = %(inspection_id)s
ORDER BY f.item_code, f.question_code, f.case_id DESC

-- name: opened_for_reason
-- An undecided case that was opened in these words: a button that was pressed twice.
SELECT c.case_id FROM cases c JOIN case_steps s USING (case_id)
WHERE c.market_id = %(market_id)s AND c.vendor_id = %(vendor_id)s AND c.cause = 'reason'
  AND c.state IN ('opened', 'investigating', 'notified', 'heard') AND s.action = 'open' AND s.note = %(reason)s
ORDER BY c.case_id DESC LIMIT 1
