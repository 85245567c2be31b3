-- name: insert
INSERT INTO inspection_answers (answer_id, inspection_id, item_code, question_code, value, note, answered_by,
                                answered_at, received_at, conflicts_with)
VALUES (%(answer_id)s, %(inspection_id)s, %(item_code)s, %(question_code)s, %(value)s, %(note)s, %(answered_by)s,
        %(answered_at)s, %(received_at)s, %(conflicts_with)s)

-- name: of_inspection
SELECT answer_id, inspection_id, item_code, question_code, value, note, answered_by, answered_at, received_at,
       conflicts_with
FROM inspection_answers WHERE inspection_id = %(inspection_id)s ORDER BY number

-- name: one
SELECT answer_id, inspection_id, item_code, question_code, value, note, answered_by, answered_at, received_at,
       conflicts_with
FROM inspection_answers WHERE answer_id = %(answer_id)s
