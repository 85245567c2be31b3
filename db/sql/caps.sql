-- name: revision
-- Moves whenever a judgement could come out differently.
SELECT revision FROM price_book_revision

-- name: published_lists
SELECT cap_list_id, area, channel, lower(effective), upper(effective)
FROM cap_lists
WHERE status = 'published'
ORDER BY area, channel, lower(effective)

-- name: published_items
SELECT i.cap_list_id, i.species_code, i.grade, i.status, i.cap_unit, i.cap_fen
FROM cap_items i
JOIN cap_lists l USING (cap_list_id)
WHERE l.status = 'published'
ORDER BY i.cap_list_id, i.species_code, i.grade

-- name: market_scopes
SELECT market_id, area, channel, timezone FROM markets

-- name: species_codes
SELECT species_code FROM species

-- name: species_names
SELECT name, species_code FROM species_names

-- name: hold_price_book
-- Publications wait for each other here; nobody who only reads waits.
SELECT revision FROM price_book_revision FOR UPDATE

-- name: withdraw_same_beginning
-- A list that begins at the very moment of a new one never is in force beside it: the new one is its correction.
UPDATE cap_lists SET status = 'withdrawn'
WHERE status = 'published' AND area = %(area)s AND channel = %(channel)s AND lower(effective) = %(effective_from)s

-- name: end_lists_in_force
-- A new list takes over from its effective moment: what was in force then ends there.
UPDATE cap_lists
SET effective = tstzrange(lower(effective), %(effective_from)s)
WHERE status = 'published' AND area = %(area)s AND channel = %(channel)s
  AND effective @> %(effective_from)s::timestamptz AND lower(effective) < %(effective_from)s

-- name: insert_list
-- It ends where the next published one begins, or before, where it says so itself (LEAST ignores NULL).
INSERT INTO cap_lists (area, channel, authority, document_no, legal_basis, source, is_demonstration, status, effective,
                       loaded_at)
VALUES (%(area)s, %(channel)s, %(authority)s, %(document_no)s, %(legal_basis)s, %(source)s, %(is_demonstration)s, 'published',
        tstzrange(%(effective_from)s, LEAST(%(effective_to)s::timestamptz,
            (SELECT min(lower(later.effective)) FROM cap_lists later
             WHERE later.status = 'published' AND later.area = %(area)s AND later.channel = %(channel)s
               AND lower(later.effective) > %(effective_from)s))), %(loaded_at)s)
RETURNING cap_list_id

-- name: insert_item
INSERT INTO cap_items (cap_list_id, species_code, grade, status, cap_unit, cap_fen, published_as)
VALUES (%(cap_list_id)s, %(species_code)s, %(grade)s, %(status)s, %(cap_unit)s, %(cap_fen)s, %(published_as)s)

-- name: lists_in_force
-- What binds each market now, for the pages that say so.
SELECT m.market_id, l.cap_list_id, l.authority, l.document_no, l.legal_basis, l.source, l.is_demonstration,
       lower(l.effective) AS effective_from, upper(l.effective) AS effective_to,
       (SELECT count(*) FROM cap_items i WHERE i.cap_list_id = l.cap_list_id) AS items
FROM markets m
JOIN cap_lists l ON l.area = m.area AND l.channel = m.channel
WHERE l.status = 'published' AND l.effective @> %(now)s::timestamptz

-- name: list_by_id
SELECT cap_list_id, authority, document_no, legal_basis, source, is_demonstration,
       lower(effective) AS effective_from, upper(effective) AS effective_to
FROM cap_lists WHERE cap_list_id = %(cap_list_id)s

-- name: items_of
-- The items of a list with the names people know them by, in the order lists are printed.
SELECT i.species_code, coalesce(s.name_zh, '') AS name_zh, coalesce(s.name_en, '') AS name_en,
       coalesce(s.category, '') AS category, i.grade, i.status, i.cap_unit, i.cap_fen, i.published_as
FROM cap_items i
LEFT JOIN species s USING (species_code)
WHERE i.cap_list_id = %(cap_list_id)s
ORDER BY array_position(ARRAY['fish', 'shrimp', 'crab', 'shellfish'], s.category), s.category, i.species_code,
         i.cap_fen DESC NULLS LAST, i.grade

-- name: lists_to_announce
-- What is in force at a moment or comes later, as agents are told of it.
SELECT cap_list_id, area, channel, authority, document_no, source, is_demonstration,
       lower(effective), upper(effective), loaded_at
FROM cap_lists
WHERE status = 'published' AND (upper_inf(effective) OR upper(effective) > %(now)s)
ORDER BY area, channel, lower(effective)

-- name: items_to_announce
-- Like the lists, only what is published: a draft is nobody's business yet.
SELECT cap_list_id, species_code, grade, status, cap_unit, cap_fen
FROM cap_items
WHERE cap_list_id = ANY(%(cap_list_ids)s)
ORDER BY cap_list_id, species_code, grade
