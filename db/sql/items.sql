-- name: insert_catalogue
INSERT INTO item_catalogues (version, title, source, departments, drafted_by, drafted_at)
VALUES (%(version)s, %(title)s, %(source)s, %(departments)s, %(by)s, %(at)s)
RETURNING catalogue_id

-- name: insert_items
INSERT INTO supervision_items (catalogue_id, code, position, body)
SELECT %(catalogue_id)s, one.value ->> 'code', one.position, one.value
FROM jsonb_array_elements(%(items)s::jsonb) WITH ORDINALITY AS one (value, position)

-- name: insert_kinds
INSERT INTO item_alert_kinds (catalogue_id, kind, code)
SELECT %(catalogue_id)s, kind.value, one.value ->> 'code'
FROM jsonb_array_elements(%(items)s::jsonb) AS one (value)
CROSS JOIN LATERAL jsonb_array_elements_text(one.value -> 'alert_kinds') AS kind (value)

-- name: insert_merge
INSERT INTO item_merges (catalogue_id, old_code, into_code, old_item, reason, merged_by, merged_at)
VALUES (%(catalogue_id)s, %(old_code)s, %(into_code)s, %(old_item)s, %(reason)s, %(by)s, %(at)s)

-- name: delete_kinds_of
DELETE FROM item_alert_kinds WHERE catalogue_id = %(catalogue_id)s AND code = ANY (%(codes)s)

-- name: delete_item
DELETE FROM supervision_items WHERE catalogue_id = %(catalogue_id)s AND code = %(code)s

-- name: replace_item
UPDATE supervision_items SET body = %(body)s WHERE catalogue_id = %(catalogue_id)s AND code = %(code)s

-- name: lock_catalogue
SELECT catalogue_id FROM item_catalogues WHERE catalogue_id = %(catalogue_id)s FOR UPDATE

-- name: decide
UPDATE item_catalogues SET state = %(state)s, decided_by = %(by)s, decided_at = %(at)s
WHERE catalogue_id = %(catalogue_id)s

-- name: catalogues
-- The newest first. `in_force`: only the version published last; `state`, `catalogue_id`: only such.
SELECT c.catalogue_id, c.version, c.title, c.source, c.state, c.departments, c.drafted_by, c.drafted_at, c.decided_by,
       c.decided_at, counted.items, counted.sub_items,
       (SELECT count(*) FROM item_merges m WHERE m.catalogue_id = c.catalogue_id) AS merged
FROM item_catalogues c
CROSS JOIN LATERAL (
    SELECT count(*) AS items, coalesce(sum(jsonb_array_length(i.body -> 'sub_items')), 0)::bigint AS sub_items
    FROM supervision_items i WHERE i.catalogue_id = c.catalogue_id
) counted
WHERE (%(catalogue_id)s::bigint IS NULL OR c.catalogue_id = %(catalogue_id)s)
  AND (%(state)s::text IS NULL OR c.state = %(state)s)
  AND (NOT %(in_force)s OR c.catalogue_id = (
      SELECT catalogue_id FROM item_catalogues WHERE state = 'published' ORDER BY decided_at DESC, catalogue_id DESC
      LIMIT 1))
ORDER BY c.catalogue_id DESC

-- name: items_of
SELECT body FROM supervision_items
WHERE catalogue_id = %(catalogue_id)s AND (%(code)s::text IS NULL OR code = %(code)s)
ORDER BY position

-- name: versions_of
-- The published versions that hold an item, the newest first.
SELECT i.catalogue_id, c.version, c.decided_at
FROM supervision_items i JOIN item_catalogues c USING (catalogue_id)
WHERE i.code = %(code)s AND c.state = 'published'
ORDER BY c.decided_at DESC, c.catalogue_id DESC

-- name: merges
-- All that hold: those of published versions, and those of one draft beside them.
SELECT m.old_code, m.into_code, m.old_item ->> 'name' AS old_name, m.reason, m.merged_by, m.merged_at
FROM item_merges m JOIN item_catalogues c USING (catalogue_id)
WHERE c.state = 'published' OR c.catalogue_id = %(with_draft)s::bigint
ORDER BY m.merged_at, m.catalogue_id, m.old_code

-- name: merges_in
SELECT m.old_code, m.into_code, m.old_item ->> 'name' AS old_name, m.reason, m.merged_by, m.merged_at
FROM item_merges m WHERE m.catalogue_id = %(catalogue_id)s ORDER BY m.merged_at, m.old_code

-- name: merged_item
-- An item as it was when it became part of another.
SELECT m.old_item FROM item_merges m JOIN item_catalogues c USING (catalogue_id)
WHERE m.old_code = %(code)s AND c.state = 'published'

-- name: code_for_kind
SELECT k.catalogue_id, k.code FROM item_alert_kinds k
WHERE k.kind = %(kind)s AND k.catalogue_id = (
    SELECT catalogue_id FROM item_catalogues WHERE state = 'published' ORDER BY decided_at DESC, catalogue_id DESC LIMIT 1)
