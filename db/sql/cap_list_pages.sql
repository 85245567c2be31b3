-- name: lists
-- The newest beginning first. Whoever sees one market sees the published lists that bind or bound it, and no draft.
SELECT l.cap_list_id, l.area, l.channel, l.market_id, l.is_advisory, l.is_demonstration, l.authority, l.document_no,
       l.legal_basis, l.source, l.published_unit, l.status, l.version, l.corrects,
       lower(l.declared) AS declared_from, upper(l.declared) AS declared_to,
       lower(l.effective) AS effective_from, upper(l.effective) AS effective_to, isempty(l.effective) AS is_never,
       l.drafted_by, l.published_by, l.published_at, l.withdrawn_by, l.withdrawn_at, l.withdrawn_because,
       (SELECT count(*) FROM cap_items i WHERE i.cap_list_id = l.cap_list_id) AS items,
       (SELECT n.cap_list_id FROM cap_lists n WHERE n.corrects = l.cap_list_id) AS corrected_by,
       (SELECT f.name FROM cap_list_files f WHERE f.cap_list_id = l.cap_list_id) AS file_name
FROM cap_lists l
WHERE (%(cap_list_id)s::bigint IS NULL OR l.cap_list_id = %(cap_list_id)s)
  AND (%(status)s::text IS NULL OR l.status = %(status)s)
  AND (%(scope)s::text IS NULL
       OR (l.status <> 'draft' AND coalesce(l.market_id, %(scope)s) = %(scope)s
           AND EXISTS (SELECT 1 FROM markets m
                       WHERE m.market_id = %(scope)s AND m.area = l.area AND m.channel = l.channel)))
ORDER BY lower(l.declared) DESC, l.cap_list_id DESC
LIMIT %(limit)s OFFSET %(offset)s

-- name: count_by_status
SELECT l.status, count(*)
FROM cap_lists l
WHERE %(scope)s::text IS NULL
   OR (l.status <> 'draft' AND coalesce(l.market_id, %(scope)s) = %(scope)s
       AND EXISTS (SELECT 1 FROM markets m WHERE m.market_id = %(scope)s AND m.area = l.area AND m.channel = l.channel))
GROUP BY l.status

-- name: list_before
-- What a list takes over from: what it corrects, else the list of its scope that began last before it.
SELECT coalesce(l.corrects,
                (SELECT b.cap_list_id FROM cap_lists b
                 WHERE b.cap_list_id <> l.cap_list_id AND b.status = 'published' AND b.area = l.area
                   AND b.channel = l.channel AND b.market_id IS NOT DISTINCT FROM l.market_id
                   AND b.is_advisory = l.is_advisory AND lower(b.declared) <= lower(l.declared)
                   AND coalesce(upper(b.declared), 'infinity') > lower(l.declared)
                 ORDER BY lower(b.declared) DESC LIMIT 1))
FROM cap_lists l WHERE l.cap_list_id = %(cap_list_id)s

-- name: items_in_full
SELECT i.species_code, i.grade, i.status, i.cap_unit, i.cap_fen, i.published_as, i.cap_kind, i.markup_permille, i.plus_fen,
       i.least_pieces_per_500g, i.most_pieces_per_500g, i.least_piece_g, i.most_piece_g, i.grade_note, i.working
FROM cap_items i
LEFT JOIN species s USING (species_code)
WHERE i.cap_list_id = %(cap_list_id)s
ORDER BY array_position(ARRAY['fish', 'shrimp', 'crab', 'shellfish'], s.category), s.category, i.species_code,
         i.cap_fen DESC NULLS LAST, i.grade

-- name: species_titles
SELECT species_code, name_zh, name_en, category FROM species ORDER BY species_code
