-- name: fix
INSERT INTO inspection_checklists (inspection_id, asked, fixed_at) VALUES (%(inspection_id)s, %(asked)s, %(at)s)
ON CONFLICT (inspection_id) DO NOTHING

-- name: several
SELECT inspection_id, asked FROM inspection_checklists WHERE inspection_id = ANY (%(inspection_ids)s)
