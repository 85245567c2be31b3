-- name: append
INSERT INTO alert_steps (alert_id, at, actor, action, from_state, to_state, reason, note, origin, assignee, due_on,
                         merged_into, photo_id, penalty_document_no, penalty_authority, penalty_decided_on,
                         penalty_decision)
VALUES (%(alert_id)s, %(at)s, %(actor)s, %(action)s, %(from_state)s, %(to_state)s, %(reason)s, %(note)s, %(origin)s,
        %(assignee)s, %(due_on)s, %(merged_into)s, %(photo_id)s, %(document_no)s, %(authority)s, %(decided_on)s,
        %(decision)s)

-- name: of_alert
SELECT at, actor, action, from_state, to_state, reason, note, origin, assignee, due_on, merged_into, photo_id,
       penalty_document_no, penalty_authority, penalty_decided_on, penalty_decision
FROM alert_steps WHERE alert_id = %(alert_id)s ORDER BY alert_step_id

-- name: carrying
-- The alerts of a vendor that carry a document, in the order in which they are held.
SELECT DISTINCT s.alert_id
FROM alert_steps s JOIN alerts a USING (alert_id)
WHERE s.action = 'record_penalty' AND s.penalty_authority = %(authority)s AND s.penalty_document_no = %(document_no)s
  AND a.market_id = %(market_id)s AND a.vendor_id = %(vendor_id)s
ORDER BY s.alert_id

-- name: has_photo_since_ordered
-- Whether a photo was added after the rectification was ordered, or sent back, for the last time.
SELECT EXISTS (
    SELECT FROM alert_steps s
    WHERE s.alert_id = %(alert_id)s AND s.photo_id IS NOT NULL
      AND s.alert_step_id > coalesce((SELECT max(o.alert_step_id) FROM alert_steps o
                                      WHERE o.alert_id = s.alert_id
                                        AND o.action IN ('order_rectification', 'send_back')), 0))

-- name: may_be_assigned
SELECT EXISTS (
    SELECT FROM users
    WHERE username = %(username)s AND disabled_at IS NULL AND (market_id IS NULL OR market_id = %(market_id)s))

-- name: assignable
SELECT username, display_name FROM users
WHERE disabled_at IS NULL AND (market_id IS NULL OR market_id = %(market_id)s)
ORDER BY market_id IS NULL, display_name, username

-- name: confirmations
-- Who confirmed alerts last, in which words.
SELECT DISTINCT ON (alert_id) alert_id, actor, at, note
FROM alert_steps WHERE alert_id = ANY (%(alert_ids)s::bigint[]) AND action = 'confirm'
ORDER BY alert_id, alert_step_id DESC
