-- name: wait_for_who_judges
-- Before anything else: a draft, an exemption, a name wait for them first, too, and change the revision then.
SELECT pg_advisory_xact_lock(hashtext('steelyard what judges'))

-- name: hold_price_book
-- Publications wait for each other here; nobody who only reads waits.
SELECT revision FROM price_book_revision FOR UPDATE

-- name: insert_draft
-- A draft is in force at no moment.
INSERT INTO cap_lists (area, channel, market_id, is_advisory, authority, document_no, legal_basis, source, published_unit,
                       is_demonstration, status, effective, declared, drafted_by, loaded_at)
VALUES (%(area)s, %(channel)s, %(market_id)s, %(is_advisory)s, %(authority)s, %(document_no)s, %(legal_basis)s, %(source)s,
        %(published_unit)s, %(is_demonstration)s, 'draft', 'empty', tstzrange(%(effective_from)s, %(effective_to)s),
        %(drafted_by)s, %(drafted_at)s)
RETURNING cap_list_id

-- name: insert_item
INSERT INTO cap_items (cap_list_id, species_code, grade, status, cap_unit, cap_fen, published_as, cap_kind, markup_permille,
                       plus_fen, least_pieces_per_500g, most_pieces_per_500g, least_piece_g, most_piece_g, grade_note,
                       working)
VALUES (%(cap_list_id)s, %(species_code)s, %(grade)s, %(status)s, %(cap_unit)s, %(cap_fen)s, %(published_as)s, %(cap_kind)s,
        %(markup_permille)s, %(plus_fen)s, %(least_pieces_per_500g)s, %(most_pieces_per_500g)s, %(least_piece_g)s,
        %(most_piece_g)s, %(grade_note)s, %(working)s)

-- name: lock_list
SELECT cap_list_id, area, channel, market_id, is_advisory, is_demonstration, status, version, corrects,
       lower(declared) AS declared_from, upper(declared) AS declared_to, drafted_by, published_by
FROM cap_lists WHERE cap_list_id = %(cap_list_id)s FOR UPDATE

-- name: same_beginning
-- A list that begins at the very moment of a new one is never in force beside it: the new one is its correction.
SELECT l.cap_list_id, l.version
FROM cap_lists l, cap_lists new
WHERE new.cap_list_id = %(cap_list_id)s AND l.status = 'published' AND l.area = new.area AND l.channel = new.channel
  AND l.market_id IS NOT DISTINCT FROM new.market_id AND l.is_advisory = new.is_advisory
  AND lower(l.declared) = lower(new.declared)

-- name: correct
UPDATE cap_lists SET status = 'corrected' WHERE cap_list_id = %(cap_list_id)s

-- name: publish_draft
UPDATE cap_lists
SET status = 'published', published_by = %(by)s, published_at = %(at)s, loaded_at = %(at)s, version = %(version)s,
    corrects = %(corrects)s
WHERE cap_list_id = %(cap_list_id)s

-- name: withdraw
UPDATE cap_lists
SET status = 'withdrawn', withdrawn_by = %(by)s, withdrawn_at = %(at)s, withdrawn_because = %(because)s
WHERE cap_list_id = %(cap_list_id)s

-- name: lay_scope
-- Of the published lists of a scope each is in force from its beginning until its own end or the next one's beginning.
UPDATE cap_lists l SET effective = laid.effective
FROM (SELECT cap_list_id,
             tstzrange(lower(declared),
                       least(upper(declared), lead(lower(declared)) OVER (ORDER BY lower(declared)))) AS effective
      FROM cap_lists
      WHERE status = 'published' AND area = %(area)s AND channel = %(channel)s
        AND market_id IS NOT DISTINCT FROM %(market_id)s AND is_advisory = %(is_advisory)s) AS laid
WHERE l.cap_list_id = laid.cap_list_id AND l.effective <> laid.effective
