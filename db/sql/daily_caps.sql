-- name: insert_reference
INSERT INTO wholesale_references (area, species_code, grade, day, price_fen, price_unit, published_as, source, entered_by,
                                  entered_at)
VALUES (%(area)s, %(species_code)s, %(grade)s, %(day)s, %(price_fen)s, %(price_unit)s, %(published_as)s, %(source)s,
        %(entered_by)s, %(entered_at)s)

-- name: delete_references
-- A day's references are replaced as a whole; what was calculated from them keeps its working in the cap list.
DELETE FROM wholesale_references WHERE area = %(area)s AND day = %(day)s

-- name: references_of
SELECT r.species_code, r.grade, r.day, r.price_fen, r.price_unit, r.published_as, r.source
FROM wholesale_references r
JOIN species s USING (species_code)
WHERE r.area = %(area)s AND r.day = %(day)s
ORDER BY array_position(ARRAY['fish', 'shrimp', 'crab', 'shellfish', 'other'], s.category), s.category, r.species_code,
         r.grade

-- name: newest_reference_days
-- The newest day of each species and grade up to a day.
SELECT DISTINCT ON (species_code, grade) species_code, grade, day
FROM wholesale_references
WHERE area = %(area)s AND day <= %(day)s
ORDER BY species_code, grade, day DESC

-- name: reference_days
SELECT day, count(*) FROM wholesale_references WHERE area = %(area)s GROUP BY day ORDER BY day DESC LIMIT %(limit)s

-- name: insert_rate
INSERT INTO markup_rates (area, category, valid, markup_permille, allowance_permille, ceiling_fen_per_kg, source,
                          entered_by, entered_at)
VALUES (%(area)s, %(category)s, daterange(%(valid_from)s, %(valid_until)s), %(markup_permille)s, %(allowance_permille)s,
        %(ceiling_fen_per_kg)s, %(source)s, %(entered_by)s, %(entered_at)s)

-- name: rates
SELECT category, lower(valid) AS valid_from, upper(valid) AS valid_until, markup_permille, allowance_permille,
       ceiling_fen_per_kg, source
FROM markup_rates
WHERE area = %(area)s
ORDER BY array_position(ARRAY['fish', 'shrimp', 'crab', 'shellfish', 'other'], category), category, lower(valid) DESC

-- name: end_rate
-- From `ends` on it holds no more; what holds on none of the days before cannot be ended so.
UPDATE markup_rates SET valid = daterange(lower(valid), %(ends)s)
WHERE area = %(area)s AND category = %(category)s AND lower(valid) < %(ends)s
  AND (upper_inf(valid) OR upper(valid) > %(ends)s)
RETURNING lower(valid)

-- name: species
SELECT species_code, name_zh, name_en, category FROM species ORDER BY species_code

-- name: newest_list_before
-- The list that a new one of a scope takes over from: in force when it begins, else the last one before it.
SELECT cap_list_id FROM cap_lists
WHERE status = 'published' AND NOT is_advisory AND NOT isempty(effective) AND area = %(area)s AND channel = %(channel)s
  AND market_id IS NULL AND lower(effective) <= %(moment)s
ORDER BY lower(effective) DESC LIMIT 1

-- name: items_with_working
SELECT i.species_code, coalesce(s.name_zh, '') AS name_zh, coalesce(s.name_en, '') AS name_en,
       coalesce(s.category, '') AS category, i.grade, i.status, i.cap_unit, i.cap_fen, i.cap_kind, i.markup_permille,
       i.working
FROM cap_items i
LEFT JOIN species s USING (species_code)
WHERE i.cap_list_id = %(cap_list_id)s
ORDER BY array_position(ARRAY['fish', 'shrimp', 'crab', 'shellfish', 'other'], s.category), s.category, i.species_code,
         i.grade

-- name: drafts
-- The calculated drafts of a scope that wait for a second person, the newest first.
SELECT l.cap_list_id, lower(l.declared) AS begins, l.drafted_by, l.loaded_at AS drafted_at, count(i.*) AS items
FROM cap_lists l
JOIN cap_items i USING (cap_list_id)
WHERE l.status = 'draft' AND l.area = %(area)s AND l.channel = %(channel)s
  AND EXISTS (SELECT FROM cap_items w WHERE w.cap_list_id = l.cap_list_id AND w.working IS NOT NULL)
GROUP BY l.cap_list_id
ORDER BY l.cap_list_id DESC LIMIT 20

-- name: calculated_list
SELECT cap_list_id, area, channel, status, authority, source, lower(declared) AS begins, upper(declared) AS ends, drafted_by,
       published_by, published_at
FROM cap_lists WHERE cap_list_id = %(cap_list_id)s
