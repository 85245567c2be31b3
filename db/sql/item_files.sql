-- name: put
INSERT INTO item_catalogue_files (name, content, asked, uploaded_by, uploaded_at)
VALUES (%(name)s, %(content)s, %(asked)s, %(by)s, %(at)s)
RETURNING file_id

-- name: looked_at
-- One that became a draft is not read a second time.
SELECT name, content, asked FROM item_catalogue_files
WHERE file_id = %(file_id)s AND uploaded_by = %(by)s AND catalogue_id IS NULL
FOR UPDATE

-- name: became
UPDATE item_catalogue_files SET catalogue_id = %(catalogue_id)s WHERE file_id = %(file_id)s

-- name: of_catalogue
SELECT name, content FROM item_catalogue_files WHERE catalogue_id = %(catalogue_id)s

-- name: name_of
SELECT name FROM item_catalogue_files WHERE catalogue_id = %(catalogue_id)s

-- name: forget_looked_at
-- One that is being kept just now, late as it is, is not waited for.
DELETE FROM item_catalogue_files
WHERE file_id IN (SELECT file_id FROM item_catalogue_files WHERE catalogue_id IS NULL AND uploaded_at < %(before)s
                  FOR UPDATE SKIP LOCKED)
