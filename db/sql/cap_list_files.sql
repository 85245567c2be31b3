-- name: forget_old_files
DELETE FROM cap_list_files WHERE cap_list_id IS NULL AND uploaded_at < %(before)s

-- name: insert_file
INSERT INTO cap_list_files (name, content, unit, asked, uploaded_by, uploaded_at, cap_list_id)
VALUES (%(name)s, %(content)s, %(unit)s, %(asked)s, %(by)s, %(at)s, %(cap_list_id)s)
RETURNING file_id

-- name: file_by_id
-- One that became a draft is not read a second time.
SELECT name, content, unit, asked FROM cap_list_files
WHERE file_id = %(file_id)s AND uploaded_by = %(by)s AND cap_list_id IS NULL
FOR UPDATE

-- name: file_became
UPDATE cap_list_files SET cap_list_id = %(cap_list_id)s WHERE file_id = %(file_id)s

-- name: file_of_list
SELECT name, content FROM cap_list_files WHERE cap_list_id = %(cap_list_id)s

-- name: add_species_name
-- Nothing comes back where the name means a species already.
INSERT INTO species_names (name, species_code, added_by, added_at)
VALUES (%(name)s, %(species_code)s, %(by)s, %(at)s)
ON CONFLICT (name) DO NOTHING
RETURNING name
