-- name: tell
-- Within the transaction in which it happened. Nobody by that name: told to nobody else either.
INSERT INTO happenings (kind, market_id, alert_id, to_user, to_role, at, permille, due_at, note, once,
                        approval_check_id, promise_id, complaint_id, case_id, risk_month)
SELECT %(kind)s, %(market_id)s, %(alert_id)s, u.user_id, %(to_role)s, %(at)s,
       coalesce((SELECT worst_excess_permille FROM alerts WHERE alert_id = %(alert_id)s), 0), %(due_at)s, %(note)s,
       %(once)s, %(check_id)s, %(promise_id)s, %(complaint_id)s, %(case_id)s, %(risk_month)s
FROM (SELECT 1) one
LEFT JOIN users u ON u.username = %(to_user)s
WHERE %(to_user)s::text IS NULL OR u.user_id IS NOT NULL
ON CONFLICT ON CONSTRAINT happenings_said_once DO NOTHING
RETURNING happening_id

-- name: untold
-- Whoever holds them hands them on; another clerk takes others meanwhile.
SELECT h.happening_id, h.kind, h.market_id, h.alert_id, h.to_user, h.to_role, h.at, h.permille, h.was_permille,
       a.kind AS alert_kind
FROM happenings h LEFT JOIN alerts a USING (alert_id)
WHERE h.told_at IS NULL
ORDER BY h.happening_id
LIMIT %(limit)s
FOR UPDATE OF h SKIP LOCKED

-- name: mark_told
UPDATE happenings SET told_at = %(now)s WHERE happening_id = ANY (%(happening_ids)s::bigint[])
