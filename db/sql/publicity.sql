-- name: add
-- NULL where the document is on the list, or was.
INSERT INTO publicity_entries (market_id, vendor_id, case_id, alert_id, document_no, authority, decided_on, kind, decision,
                               basis, amount_fen, policy_version, published_from, published_to, repairable_from)
VALUES (%(market_id)s, %(vendor_id)s, %(case_id)s, %(alert_id)s, %(document_no)s, %(authority)s, %(decided_on)s, %(kind)s,
        %(decision)s, %(basis)s, %(amount_fen)s, %(policy_version)s, %(published_from)s, %(published_to)s,
        %(repairable_from)s)
ON CONFLICT ON CONSTRAINT publicity_entries_once DO NOTHING
RETURNING entry_id

-- name: changed_since
SELECT e.entry_id, e.market_id, m.name AS market_name, m.timezone, e.vendor_id, v.name AS vendor_name, v.credit_code,
       e.case_id, e.alert_id, e.document_no, e.authority, e.decided_on, e.kind, e.decision, e.basis, e.amount_fen,
       e.published_from, e.published_to, e.repairable_from, e.taken_off_at, e.taken_off_why, e.revision
FROM publicity_entries e JOIN markets m USING (market_id) JOIN vendors v USING (market_id, vendor_id)
WHERE e.revision > %(revision)s AND (%(market_id)s::text IS NULL OR e.market_id = %(market_id)s)
ORDER BY e.revision
LIMIT %(limit)s

-- name: by_id
SELECT e.entry_id, e.market_id, m.name AS market_name, m.timezone, e.vendor_id, v.name AS vendor_name, v.credit_code,
       e.case_id, e.alert_id, e.document_no, e.authority, e.decided_on, e.kind, e.decision, e.basis, e.amount_fen,
       e.published_from, e.published_to, e.repairable_from, e.taken_off_at, e.taken_off_why, e.revision
FROM publicity_entries e JOIN markets m USING (market_id) JOIN vendors v USING (market_id, vendor_id)
WHERE e.entry_id = %(entry_id)s

-- name: listed
-- The newest first; `is_on`: only what is public, or only what came off, or (NULL) both.
SELECT e.entry_id, e.market_id, m.name AS market_name, m.timezone, e.vendor_id, v.name AS vendor_name, v.credit_code,
       e.case_id, e.alert_id, e.document_no, e.authority, e.decided_on, e.kind, e.decision, e.basis, e.amount_fen,
       e.published_from, e.published_to, e.repairable_from, e.taken_off_at, e.taken_off_why, e.revision
FROM publicity_entries e JOIN markets m USING (market_id) JOIN vendors v USING (market_id, vendor_id)
WHERE (%(is_on)s::boolean IS NULL OR %(is_on)s = (
       e.taken_off_at IS NULL
       AND (%(now)s::timestamptz AT TIME ZONE m.timezone)::date BETWEEN e.published_from AND e.published_to))
  AND (%(before)s::bigint IS NULL OR e.entry_id < %(before)s)
ORDER BY e.entry_id DESC
LIMIT %(limit)s

-- name: listed_in_market
SELECT e.entry_id, e.market_id, m.name AS market_name, m.timezone, e.vendor_id, v.name AS vendor_name, v.credit_code,
       e.case_id, e.alert_id, e.document_no, e.authority, e.decided_on, e.kind, e.decision, e.basis, e.amount_fen,
       e.published_from, e.published_to, e.repairable_from, e.taken_off_at, e.taken_off_why, e.revision
FROM publicity_entries e JOIN markets m USING (market_id) JOIN vendors v USING (market_id, vendor_id)
WHERE e.market_id = %(market_id)s
  AND (%(vendor_id)s::text IS NULL OR e.vendor_id = %(vendor_id)s)
  AND (%(is_on)s::boolean IS NULL OR %(is_on)s = (
       e.taken_off_at IS NULL
       AND (%(now)s::timestamptz AT TIME ZONE m.timezone)::date BETWEEN e.published_from AND e.published_to))
  AND (%(before)s::bigint IS NULL OR e.entry_id < %(before)s)
ORDER BY e.entry_id DESC
LIMIT %(limit)s

-- name: lock
SELECT entry_id FROM publicity_entries WHERE entry_id = %(entry_id)s FOR UPDATE

-- name: take_off
UPDATE publicity_entries SET taken_off_at = %(at)s, taken_off_why = %(why)s
WHERE entry_id = %(entry_id)s AND taken_off_at IS NULL

-- name: expired
SELECT e.entry_id FROM publicity_entries e JOIN markets m USING (market_id)
WHERE e.taken_off_at IS NULL AND e.published_to < (%(now)s::timestamptz AT TIME ZONE m.timezone)::date
  -- Wherever the market is: no day begins more than one before it does in Greenwich. This is what the index is for.
  AND e.published_to <= (%(now)s::timestamptz AT TIME ZONE 'UTC')::date
ORDER BY e.entry_id
FOR UPDATE OF e SKIP LOCKED

-- name: revoked_with
-- Entries of a document that an alert carries, where no alert that carries it stands any more.
SELECT e.entry_id
FROM alert_steps s
JOIN alerts a USING (alert_id)
JOIN publicity_entries e ON e.market_id = a.market_id AND e.vendor_id = a.vendor_id
     AND e.authority = s.penalty_authority AND e.document_no = s.penalty_document_no
WHERE s.alert_id = %(alert_id)s AND s.action = 'record_penalty' AND e.taken_off_at IS NULL
  AND NOT EXISTS (
      SELECT FROM alert_steps o JOIN alerts b USING (alert_id)
      WHERE o.action = 'record_penalty' AND o.penalty_document_no = s.penalty_document_no
        AND o.penalty_authority = s.penalty_authority AND b.market_id = a.market_id AND b.vendor_id = a.vendor_id
        AND b.state <> 'overturned')
  -- A document that rests on more than alerts stands until its case is revoked.
  AND NOT EXISTS (
      SELECT FROM case_decisions d JOIN cases_beyond_alerts USING (case_id)
      WHERE d.market_id = a.market_id AND d.vendor_id = a.vendor_id AND d.authority = s.penalty_authority
        AND d.document_no = s.penalty_document_no)
FOR UPDATE OF e

-- name: of_document
SELECT entry_id FROM publicity_entries
WHERE market_id = %(market_id)s AND vendor_id = %(vendor_id)s AND authority = %(authority)s
  AND document_no = %(document_no)s AND taken_off_at IS NULL
FOR UPDATE

-- name: waiting
-- Penalties that may be told in public, are not on the list and were not revoked: to be looked at whether they are final.
-- `kinds`: those that are told. `after`: those after this step.
SELECT s.alert_step_id, a.alert_id, a.market_id, m.timezone, a.vendor_id, s.penalty_document_no, s.penalty_authority,
       s.penalty_decided_on, s.penalty_decision, d.case_id, d.kind, d.field, d.is_simple, d.basis, d.amount_fen
FROM penalties_awaited w
JOIN alert_steps s USING (alert_step_id)
JOIN alerts a USING (alert_id)
JOIN markets m ON m.market_id = a.market_id
LEFT JOIN case_decisions d ON d.market_id = a.market_id AND d.vendor_id = a.vendor_id
     AND d.authority = s.penalty_authority AND d.document_no = s.penalty_document_no
WHERE w.kind = ANY (%(kinds)s::text[]) AND w.alert_step_id > %(after)s
  AND a.vendor_id IS NOT NULL AND a.state <> 'overturned'
  AND NOT EXISTS (SELECT FROM cases_beyond_alerts b WHERE b.case_id = d.case_id)
  AND d.is_simple IS NOT TRUE
  AND NOT EXISTS (SELECT FROM case_steps r
                  WHERE r.case_id = d.case_id AND r.action = 'revoke' AND r.at >= d.recorded_at)
  AND NOT EXISTS (SELECT FROM publicity_entries e
                  WHERE e.market_id = a.market_id AND e.vendor_id = a.vendor_id
                    AND e.authority = s.penalty_authority AND e.document_no = s.penalty_document_no)
ORDER BY w.alert_step_id
LIMIT %(limit)s

-- name: forget_awaited
-- Of those that `waiting` reads, what can never come on the list: it is there, or the penalty does not stand, or is of
-- another kind of document.
DELETE FROM penalties_awaited WHERE alert_step_id IN (
    SELECT w.alert_step_id
    FROM penalties_awaited w
    JOIN alert_steps s USING (alert_step_id)
    JOIN alerts a USING (alert_id)
    LEFT JOIN case_decisions d ON d.market_id = a.market_id AND d.vendor_id = a.vendor_id
         AND d.authority = s.penalty_authority AND d.document_no = s.penalty_document_no
    WHERE w.kind = ANY (%(kinds)s::text[])
      AND (a.state = 'overturned' OR d.is_simple
           OR EXISTS (SELECT FROM cases_beyond_alerts b WHERE b.case_id = d.case_id)
           OR EXISTS (SELECT FROM case_steps r
                      WHERE r.case_id = d.case_id AND r.action = 'revoke' AND r.at >= d.recorded_at)
           OR EXISTS (SELECT FROM publicity_entries e
                      WHERE e.market_id = a.market_id AND e.vendor_id = a.vendor_id
                        AND e.authority = s.penalty_authority AND e.document_no = s.penalty_document_no))
    FOR UPDATE OF w SKIP LOCKED)

-- name: waiting_decisions
-- Penalties of cases that rest on more than alerts, as above; of one case, or those after a decision.
SELECT d.decision_id, d.case_id, d.market_id, m.timezone, d.vendor_id, d.document_no, d.authority, d.decided_on,
       d.decision, d.kind, d.field, d.basis, d.amount_fen, d.recorded_at
FROM decisions_awaited w JOIN case_decisions d USING (decision_id) JOIN markets m USING (market_id)
WHERE w.kind = ANY (%(kinds)s::text[]) AND w.decision_id > %(after)s
  AND (%(decision_id)s::bigint IS NULL OR w.decision_id = %(decision_id)s)
  AND NOT EXISTS (SELECT FROM case_steps r
                  WHERE r.case_id = d.case_id AND r.action = 'revoke' AND r.at >= d.recorded_at)
  AND NOT EXISTS (SELECT FROM publicity_entries e
                  WHERE e.market_id = d.market_id AND e.vendor_id = d.vendor_id
                    AND e.authority = d.authority AND e.document_no = d.document_no)
ORDER BY w.decision_id
LIMIT %(limit)s

-- name: forget_awaited_decisions
DELETE FROM decisions_awaited WHERE decision_id IN (
    SELECT w.decision_id
    FROM decisions_awaited w JOIN case_decisions d USING (decision_id)
    WHERE w.kind = ANY (%(kinds)s::text[])
      AND (EXISTS (SELECT FROM case_steps r
                   WHERE r.case_id = d.case_id AND r.action = 'revoke' AND r.at >= d.recorded_at)
           OR EXISTS (SELECT FROM publicity_entries e
                      WHERE e.market_id = d.market_id AND e.vendor_id = d.vendor_id
                        AND e.authority = d.authority AND e.document_no = d.document_no))
    FOR UPDATE OF w SKIP LOCKED)

-- name: ask_for_repair
INSERT INTO publicity_repairs (entry_id, asked_at, asked_by, corrected, duties, promise, origin)
VALUES (%(entry_id)s, %(asked_at)s, %(asked_by)s, %(corrected)s, %(duties)s, %(promise)s, %(origin)s)
ON CONFLICT (entry_id) WHERE decided_at IS NULL DO NOTHING
RETURNING repair_id

-- name: decide_repair
UPDATE publicity_repairs
SET decided_at = %(at)s, decided_by = %(by)s, is_granted = %(is_granted)s, reason = %(reason)s, decided_from = %(origin)s
WHERE repair_id = %(repair_id)s AND decided_at IS NULL
RETURNING entry_id

-- name: repairs_of
-- Of several entries, each in its order.
SELECT repair_id, entry_id, asked_at, asked_by, corrected, duties, promise, origin, decided_at, decided_by, is_granted,
       reason
FROM publicity_repairs WHERE entry_id = ANY (%(entry_ids)s::bigint[]) ORDER BY repair_id
