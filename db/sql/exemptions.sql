-- name: insert
INSERT INTO vendor_exemptions (market_id, vendor_id, valid, granted, reason, document_no, granted_by, granted_at)
VALUES (%(market_id)s, %(vendor_id)s, tstzrange(%(since)s, %(until)s), tstzrange(%(since)s, %(until)s), %(reason)s,
        %(document_no)s, %(by)s, %(at)s)
RETURNING exemption_id

-- name: revoke
-- It ends at a moment; one that has not begun by then never holds.
UPDATE vendor_exemptions
SET valid = valid * tstzrange(NULL, %(ends)s), revoked_by = %(by)s, revoked_at = %(at)s, revoked_because = %(because)s
WHERE exemption_id = %(exemption_id)s AND revoked_by IS NULL AND (upper_inf(valid) OR upper(valid) > %(ends)s)
RETURNING exemption_id

-- name: listed
SELECT e.exemption_id, e.market_id, e.vendor_id, v.name AS vendor_name, lower(e.granted) AS since,
       upper(e.granted) AS granted_until,
       CASE WHEN isempty(e.valid) THEN lower(e.granted) ELSE upper(e.valid) END AS until,
       e.reason, e.document_no, e.granted_by, e.granted_at, e.revoked_by, e.revoked_at, e.revoked_because
FROM vendor_exemptions e
JOIN vendors v USING (market_id, vendor_id)
WHERE (%(exemption_id)s::bigint IS NULL OR e.exemption_id = %(exemption_id)s)
  AND (%(market_id)s::text IS NULL OR e.market_id = %(market_id)s)
  AND (%(vendor_id)s::text IS NULL OR e.vendor_id = %(vendor_id)s)
ORDER BY e.granted_at DESC, e.exemption_id DESC LIMIT %(limit)s
