-- name: one
SELECT market_id, scale_id, serial_number, maker, model, seal_state, certificate_no, verified_on, revision, division_g,
       max_g, accuracy_class, usual_tare_g, verified_until, production_code, repair_code, verification_code, seal_no
FROM scales WHERE market_id = %(market_id)s AND scale_id = %(scale_id)s

-- name: several
SELECT market_id, scale_id, serial_number, maker, model, seal_state, certificate_no, verified_on, revision, division_g,
       max_g, accuracy_class, usual_tare_g, verified_until, production_code, repair_code, verification_code, seal_no
FROM scales WHERE market_id = %(market_id)s AND scale_id = ANY (%(scale_ids)s::text[])

-- name: insert
INSERT INTO scales (market_id, scale_id, serial_number, maker, model, seal_state, division_g, max_g, accuracy_class,
                    usual_tare_g, verified_until, production_code, repair_code, verification_code, seal_no)
VALUES (%(market_id)s, %(scale_id)s, %(serial_number)s, %(maker)s, %(model)s, %(seal_state)s, %(division_g)s, %(max_g)s,
        %(accuracy_class)s, %(usual_tare_g)s, %(verified_until)s, %(production_code)s, %(repair_code)s,
        %(verification_code)s, %(seal_no)s)
ON CONFLICT (market_id, scale_id) DO NOTHING
RETURNING scale_id

-- name: change
UPDATE scales
SET serial_number = %(serial_number)s, maker = %(maker)s, model = %(model)s, seal_state = %(seal_state)s,
    division_g = %(division_g)s, max_g = %(max_g)s, accuracy_class = %(accuracy_class)s,
    usual_tare_g = %(usual_tare_g)s, verified_until = %(verified_until)s, production_code = %(production_code)s,
    repair_code = %(repair_code)s, verification_code = %(verification_code)s, seal_no = %(seal_no)s,
    revision = revision + 1
WHERE market_id = %(market_id)s AND scale_id = %(scale_id)s AND revision = %(revision)s
RETURNING revision

-- name: move_revision
UPDATE scales SET revision = revision + 1
WHERE market_id = %(market_id)s AND scale_id = %(scale_id)s AND (%(revision)s::bigint IS NULL OR revision = %(revision)s)
RETURNING revision

-- name: stays_of_vendor
SELECT b.market_id, b.scale_id, b.stall_id, b.vendor_id, v.name AS vendor_name, lower(b.valid) AS begins,
       upper(b.valid) AS ends
FROM scale_bindings b JOIN vendors v USING (market_id, vendor_id)
WHERE b.market_id = %(market_id)s AND b.vendor_id = %(vendor_id)s
ORDER BY lower(b.valid) DESC NULLS LAST, b.scale_id LIMIT %(limit)s

-- name: with_vendor
SELECT b.market_id, b.scale_id, b.stall_id, b.vendor_id, v.name AS vendor_name, lower(b.valid) AS begins,
       upper(b.valid) AS ends
FROM scale_bindings b JOIN vendors v USING (market_id, vendor_id)
WHERE b.market_id = %(market_id)s AND b.vendor_id = %(vendor_id)s AND b.valid @> %(moment)s::timestamptz
ORDER BY b.scale_id LIMIT %(limit)s

-- name: stays_of_scale
SELECT b.market_id, b.scale_id, b.stall_id, b.vendor_id, v.name AS vendor_name, lower(b.valid) AS begins,
       upper(b.valid) AS ends
FROM scale_bindings b JOIN vendors v USING (market_id, vendor_id)
WHERE b.market_id = %(market_id)s AND b.scale_id = %(scale_id)s
ORDER BY lower(b.valid) DESC NULLS LAST LIMIT %(limit)s

-- name: stays_of_stall
SELECT b.market_id, b.scale_id, b.stall_id, b.vendor_id, v.name AS vendor_name, lower(b.valid) AS begins,
       upper(b.valid) AS ends
FROM scale_bindings b JOIN vendors v USING (market_id, vendor_id)
WHERE b.market_id = %(market_id)s AND b.stall_id = %(stall_id)s
ORDER BY lower(b.valid) DESC NULLS LAST, b.scale_id LIMIT %(limit)s

-- name: replace_stay
-- One that begins at that very moment is corrected; it ends where it did.
UPDATE scale_bindings SET stall_id = %(stall_id)s, vendor_id = %(vendor_id)s
WHERE market_id = %(market_id)s AND scale_id = %(scale_id)s AND lower(valid) = %(moment)s

-- name: end_stay
UPDATE scale_bindings SET valid = tstzrange(lower(valid), %(moment)s)
WHERE market_id = %(market_id)s AND scale_id = %(scale_id)s AND valid @> %(moment)s::timestamptz
  AND (lower_inf(valid) OR lower(valid) < %(moment)s)
RETURNING stall_id, vendor_id

-- name: drop_stay
-- One that begins at that very moment never held.
DELETE FROM scale_bindings
WHERE market_id = %(market_id)s AND scale_id = %(scale_id)s AND lower(valid) = %(moment)s
RETURNING stall_id, vendor_id

-- name: insert_stay
-- It ends where the next one begins, or earlier.
INSERT INTO scale_bindings (market_id, scale_id, stall_id, vendor_id, valid)
VALUES (%(market_id)s, %(scale_id)s, %(stall_id)s, %(vendor_id)s,
        tstzrange(%(moment)s, least(%(ends)s::timestamptz,
                                    (SELECT min(lower(later.valid)) FROM scale_bindings later
                                     WHERE later.market_id = %(market_id)s AND later.scale_id = %(scale_id)s
                                       AND lower(later.valid) > %(moment)s))))

-- name: planned_end
SELECT upper(valid) FROM scale_bindings
WHERE market_id = %(market_id)s AND scale_id = %(scale_id)s AND valid @> %(moment)s::timestamptz

-- name: stay_at
SELECT stall_id, vendor_id FROM scale_bindings
WHERE market_id = %(market_id)s AND scale_id = %(scale_id)s AND valid @> %(moment)s::timestamptz

-- name: verifications
SELECT verification_id, verified_on, valid_until, certificate_no, verifier, passed, verification_code, seal_no,
       seal_state, entered_by, entered_at
FROM scale_verifications WHERE market_id = %(market_id)s AND scale_id = %(scale_id)s
ORDER BY verified_on DESC, verification_id DESC LIMIT %(limit)s

-- name: add_verification
INSERT INTO scale_verifications (market_id, scale_id, verified_on, valid_until, certificate_no, verifier, passed,
                                 verification_code, seal_no, seal_state, entered_by, entered_at)
VALUES (%(market_id)s, %(scale_id)s, %(verified_on)s, %(valid_until)s, %(certificate_no)s, %(verifier)s, %(passed)s,
        %(verification_code)s, %(seal_no)s, %(seal_state)s, %(by)s, %(at)s)
ON CONFLICT (market_id, scale_id, certificate_no, verified_on) DO NOTHING
RETURNING verification_id

-- name: verify
-- The newest verification is the one in force. One that failed ends the verification of the scale on the day before.
UPDATE scales
SET verified_until = CASE WHEN %(passed)s THEN %(valid_until)s::date ELSE %(verified_on)s::date - 1 END,
    verified_on = %(verified_on)s, certificate_no = %(certificate_no)s,
    verification_code = coalesce(nullif(%(verification_code)s, ''), verification_code),
    seal_no = coalesce(nullif(%(seal_no)s, ''), seal_no), seal_state = coalesce(%(seal_state)s, seal_state),
    revision = revision + 1
WHERE market_id = %(market_id)s AND scale_id = %(scale_id)s AND (%(revision)s::bigint IS NULL OR revision = %(revision)s)
RETURNING revision
