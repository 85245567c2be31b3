-- name: revision
-- Moves whenever a judgement could come out differently.
SELECT revision FROM price_book_revision

-- name: share_what_judges
-- Whoever judges holds it until the commit; whoever changes what judges waits for them, and they for the change. So what is
-- judged again after a change finds everything that was judged before it (migration 0016).
SELECT pg_advisory_xact_lock_shared(hashtext('steelyard what judges'))

-- name: published_lists
-- Those that are in force at some moment: what others took over wholly judges nothing.
SELECT cap_list_id, area, channel, market_id, is_advisory, lower(effective), upper(effective)
FROM cap_lists
WHERE status = 'published' AND NOT isempty(effective)
ORDER BY area, channel, lower(effective)

-- name: published_items
SELECT i.cap_list_id, i.species_code, i.grade, i.status, i.cap_unit, i.cap_fen, i.cap_kind, i.markup_permille, i.plus_fen,
       i.least_pieces_per_500g, i.most_pieces_per_500g, i.least_piece_g, i.most_piece_g, i.grade_note
FROM cap_items i
JOIN cap_lists l USING (cap_list_id)
WHERE l.status = 'published' AND NOT isempty(l.effective)
ORDER BY i.cap_list_id, i.species_code, i.grade

-- name: exemptions
-- One that was revoked before it began is empty.
SELECT market_id, vendor_id, lower(valid), upper(valid) FROM vendor_exemptions WHERE NOT isempty(valid)
ORDER BY market_id, vendor_id, lower(valid)

-- name: market_scopes
SELECT market_id, area, channel, timezone FROM markets

-- name: species_codes
SELECT species_code FROM species

-- name: species_names
SELECT name, species_code FROM species_names

-- name: lists_in_force
-- What binds each market now, for the pages that say so.
SELECT DISTINCT ON (m.market_id) m.market_id, l.cap_list_id, l.authority, l.document_no, l.legal_basis, l.source, l.is_demonstration,
       lower(l.effective) AS effective_from, upper(l.effective) AS effective_to,
       (SELECT count(*) FROM cap_items i WHERE i.cap_list_id = l.cap_list_id) AS items
FROM markets m
JOIN cap_lists l ON l.area = m.area AND l.channel = m.channel
WHERE l.status = 'published' AND NOT l.is_advisory AND l.effective @> %(now)s::timestamptz
  AND coalesce(l.market_id, m.market_id) = m.market_id
ORDER BY m.market_id, l.market_id NULLS LAST

-- name: list_by_id
SELECT cap_list_id, authority, document_no, legal_basis, source, is_demonstration,
       lower(declared) AS effective_from, coalesce(upper(effective), upper(declared)) AS effective_to
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
SELECT cap_list_id, area, channel, market_id, authority, document_no, source, is_demonstration,
       lower(effective), upper(effective), loaded_at
FROM cap_lists
WHERE status = 'published' AND NOT is_advisory AND NOT isempty(effective) AND (upper_inf(effective) OR upper(effective) > %(now)s)
ORDER BY area, channel, lower(effective)

-- name: items_to_announce
-- Like the lists, only what is published: a draft is nobody's business yet.
SELECT cap_list_id, species_code, grade, status, cap_unit, cap_fen, cap_kind, markup_permille, plus_fen,
       least_pieces_per_500g, most_pieces_per_500g, least_piece_g, most_piece_g, grade_note
FROM cap_items
WHERE cap_list_id = ANY(%(cap_list_ids)s)
ORDER BY cap_list_id, species_code, grade
