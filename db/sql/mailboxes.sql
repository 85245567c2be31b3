-- name: put
INSERT INTO mailboxes (channel, user_id, endpoint_id)
SELECT * FROM unnest(%(channels)s::text[], %(user_ids)s::bigint[], %(endpoint_ids)s::bigint[])
ON CONFLICT DO NOTHING

-- name: of_owners
SELECT m.mailbox_id, m.channel, m.user_id, m.endpoint_id
FROM unnest(%(channels)s::text[], %(user_ids)s::bigint[], %(endpoint_ids)s::bigint[]) AS o (channel, user_id, endpoint_id)
JOIN mailboxes m ON m.channel = o.channel AND (m.user_id = o.user_id OR m.endpoint_id = o.endpoint_id)

-- name: hold
-- In one order, so that two clerks never wait for each other.
SELECT mailbox_id FROM mailboxes WHERE mailbox_id = ANY (%(mailbox_ids)s::bigint[])
ORDER BY mailbox_id FOR NO KEY UPDATE

-- name: add_items
INSERT INTO mailbox_items (mailbox_id, happening_id, severity)
SELECT * FROM unnest(%(mailbox_ids)s::bigint[], %(happening_ids)s::bigint[], %(severities)s::text[])
ON CONFLICT ON CONSTRAINT mailbox_items_pkey DO NOTHING

-- name: look_soon
-- What waits already is looked at in time; only what cannot wait for that brings it forward.
UPDATE mailboxes SET look_at = %(now)s
WHERE mailbox_id = ANY (%(mailbox_ids)s::bigint[])
  AND (look_at IS NULL OR (look_at > %(now)s AND mailbox_id = ANY (%(urgent_ids)s::bigint[])))

-- name: look_again
-- What its owner wants has changed.
UPDATE mailboxes SET look_at = %(now)s
WHERE (user_id = %(user_id)s OR endpoint_id = %(endpoint_id)s)
  AND EXISTS (SELECT FROM mailbox_items i WHERE i.mailbox_id = mailboxes.mailbox_id AND i.letter_id IS NULL
              AND i.dropped_at IS NULL)

-- name: take_due
SELECT mailbox_id, channel, user_id, endpoint_id
FROM mailboxes
WHERE look_at <= %(now)s
ORDER BY look_at
LIMIT 1
FOR NO KEY UPDATE SKIP LOCKED

-- name: next_look
SELECT min(look_at) FROM mailboxes WHERE look_at IS NOT NULL

-- name: set_look
UPDATE mailboxes SET look_at = %(look_at)s WHERE mailbox_id = %(mailbox_id)s

-- name: waiting
SELECT i.happening_id, h.at, i.severity, h.kind, a.state AS alert_state, c.state AS check_state,
       p.state AS promise_state, q.state AS complaint_state
FROM mailbox_items i
JOIN happenings h USING (happening_id)
LEFT JOIN alerts a USING (alert_id)
LEFT JOIN approval_checks c ON c.check_id = h.approval_check_id
LEFT JOIN promises p ON p.promise_id = h.promise_id
LEFT JOIN complaints q ON q.complaint_id = h.complaint_id
WHERE i.mailbox_id = %(mailbox_id)s AND i.letter_id IS NULL AND i.dropped_at IS NULL
ORDER BY i.happening_id
LIMIT %(limit)s

-- name: drop_items
UPDATE mailbox_items SET dropped_at = %(now)s
WHERE mailbox_id = %(mailbox_id)s AND happening_id = ANY (%(happening_ids)s::bigint[])

-- name: put_into_letter
UPDATE mailbox_items SET letter_id = %(letter_id)s
WHERE mailbox_id = %(mailbox_id)s AND happening_id = ANY (%(happening_ids)s::bigint[])
