-- name: open
INSERT INTO cases (market_id, vendor_id, cause, opened_at, opened_by, updated_at)
VALUES (%(market_id)s, %(vendor_id)s, %(cause)s, %(at)s, %(by)s, %(at)s)
RETURNING case_id

-- name: lock
SELECT case_id FROM cases WHERE case_id = %(case_id)s FOR UPDATE

-- name: by_id
SELECT c.case_id, c.market_id, m.name AS market_name, m.timezone, c.vendor_id, v.name AS vendor_name, c.cause, c.state,
       c.opened_at, c.opened_by, c.updated_at, c.officer, c.revision
FROM cases c JOIN markets m USING (market_id) JOIN vendors v USING (market_id, vendor_id)
WHERE c.case_id = %(case_id)s

-- name: move
UPDATE cases SET state = %(state)s, updated_at = %(at)s, officer = %(officer)s, revision = revision + 1
WHERE case_id = %(case_id)s

-- name: undecided_of_vendor
-- The newest case of a vendor that more alerts may join.
SELECT case_id FROM cases
WHERE market_id = %(market_id)s AND vendor_id = %(vendor_id)s AND state IN ('opened', 'investigating')
ORDER BY case_id DESC LIMIT 1

-- name: add_alert
INSERT INTO case_alerts (case_id, alert_id, added_at, added_by)
VALUES (%(case_id)s, %(alert_id)s, %(at)s, %(by)s)

-- name: cases_of_alerts
-- The case that each alert is in: of several, the one it came to last.
SELECT DISTINCT ON (ca.alert_id) ca.alert_id, ca.case_id, c.state
FROM case_alerts ca JOIN cases c USING (case_id)
WHERE ca.alert_id = ANY (%(alert_ids)s)
ORDER BY ca.alert_id, ca.case_alert_id DESC

-- name: case_of_alert
SELECT case_id FROM case_alerts WHERE alert_id = %(alert_id)s ORDER BY case_alert_id DESC LIMIT 1

-- name: all_of_alert
SELECT case_id FROM case_alerts WHERE alert_id = %(alert_id)s ORDER BY case_id

-- name: alerts_of
SELECT alert_id FROM case_alerts WHERE case_id = %(case_id)s ORDER BY alert_id

-- name: concerned
-- The alerts of a case, and those of its vendor that carry a document it was decided with.
SELECT alert_id FROM case_alerts WHERE case_id = %(case_id)s
UNION
SELECT s.alert_id
FROM case_decisions d
JOIN alert_steps s ON s.penalty_authority = d.authority AND s.penalty_document_no = d.document_no
JOIN alerts a ON a.alert_id = s.alert_id AND a.market_id = d.market_id AND a.vendor_id = d.vendor_id
WHERE d.case_id = %(case_id)s AND s.action = 'record_penalty'
ORDER BY alert_id

-- name: confirmers
-- Who had a part in what the case rests on.
SELECT s.actor FROM case_alerts ca JOIN alert_steps s USING (alert_id)
WHERE ca.case_id = %(case_id)s AND s.action = 'confirm'
UNION
SELECT a.answered_by FROM case_findings f JOIN inspection_answers a USING (answer_id) WHERE f.case_id = %(case_id)s
UNION
SELECT c.opened_by FROM cases c WHERE c.case_id = %(case_id)s AND c.cause = 'reason'

-- name: rests_on_more
SELECT EXISTS (SELECT FROM cases_beyond_alerts WHERE case_id = %(case_id)s)

-- name: append
INSERT INTO case_steps (case_id, at, actor, action, from_state, to_state, note, origin, officer, alert_id,
                        inspection_id)
VALUES (%(case_id)s, %(at)s, %(actor)s, %(action)s, %(from_state)s, %(to_state)s, %(note)s, %(origin)s, %(officer)s,
        %(alert_id)s, %(inspection_id)s)

-- name: steps_of
SELECT at, actor, action, from_state, to_state, note, origin, officer, alert_id, inspection_id
FROM case_steps WHERE case_id = %(case_id)s ORDER BY case_step_id

-- name: record
INSERT INTO case_decisions (case_id, market_id, vendor_id, outcome, document_no, authority, decided_on, delivered_on,
                            decision, basis_code, basis, basis_reason, kind, field, is_simple, amount_fen, recorded_at,
                            recorded_by, together_with)
VALUES (%(case_id)s, %(market_id)s, %(vendor_id)s, %(outcome)s, %(document_no)s, %(authority)s, %(decided_on)s,
        %(delivered_on)s, %(decision)s, %(basis_code)s, %(basis)s, %(basis_reason)s, %(kind)s, %(field)s, %(is_simple)s,
        %(amount_fen)s, %(recorded_at)s, %(recorded_by)s, %(together_with)s)
ON CONFLICT ON CONSTRAINT case_decisions_document_once DO NOTHING
RETURNING decision_id

-- name: decisions_of
SELECT outcome, document_no, authority, decided_on, delivered_on, decision, basis_code, basis, basis_reason, kind, field,
       is_simple, amount_fen, together_with
FROM case_decisions WHERE case_id = %(case_id)s ORDER BY decision_id

-- name: decided_by
-- Who decided together on what a document says.
SELECT who FROM case_decisions d, unnest(ARRAY[d.recorded_by, d.together_with]) AS who
WHERE d.market_id = %(market_id)s AND d.vendor_id = %(vendor_id)s AND d.authority = %(authority)s
  AND d.document_no = %(document_no)s AND who IS NOT NULL

-- name: is_regulator
SELECT EXISTS (SELECT FROM users WHERE username = %(username)s AND disabled_at IS NULL AND role IN ('regulator', 'admin'))

-- name: regulators
SELECT username, display_name FROM users WHERE disabled_at IS NULL AND role IN ('regulator', 'admin')
ORDER BY display_name, username

-- name: keep_bundle
INSERT INTO case_bundles (case_id, frozen_at, frozen_by, origin, sha256, files, content)
VALUES (%(case_id)s, %(at)s, %(by)s, %(origin)s, %(sha256)s, %(files)s, %(content)s)
RETURNING bundle_id

-- name: bundles_of
SELECT bundle_id, frozen_at, frozen_by, encode(sha256, 'hex') AS sha256, files, octet_length(content) AS size
FROM case_bundles WHERE case_id = %(case_id)s ORDER BY bundle_id

-- name: bundle
SELECT content FROM case_bundles WHERE bundle_id = %(bundle_id)s AND case_id = %(case_id)s

-- name: log_download
INSERT INTO case_bundle_downloads (bundle_id, at, by, origin) VALUES (%(bundle_id)s, %(at)s, %(by)s, %(origin)s)

-- name: downloads_of
SELECT d.bundle_id, d.at, d.by, d.origin FROM case_bundle_downloads d JOIN case_bundles b USING (bundle_id)
WHERE b.case_id = %(case_id)s ORDER BY d.download_id
