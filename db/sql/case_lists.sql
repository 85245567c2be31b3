-- name: listed
-- The newest first, those before a number. `vendor`: the number, or the beginning of the name; `kind`: of an alert in the
-- case. The page is chosen before anything is looked up for it.
WITH page AS MATERIALIZED (
    SELECT c.* FROM cases c
    WHERE (%(market_id)s::text IS NULL OR c.market_id = %(market_id)s)
      AND (%(vendor_id)s::text IS NULL OR c.vendor_id = %(vendor_id)s)
      AND (%(vendor)s::text IS NULL OR c.vendor_id = %(vendor)s
           OR EXISTS (SELECT FROM vendors v WHERE v.market_id = c.market_id AND v.vendor_id = c.vendor_id
                      AND v.name LIKE %(vendor_name)s))
      AND (%(states)s::text[] IS NULL OR c.state = ANY (%(states)s))
      AND (%(cause)s::text IS NULL OR c.cause = %(cause)s)
      AND (%(officer)s::text IS NULL OR c.officer = %(officer)s)
      AND (%(kind)s::text IS NULL OR %(kind)s = ANY (ARRAY(SELECT a.kind FROM case_alerts ca JOIN alerts a USING (alert_id)
                                                           WHERE ca.case_id = c.case_id)))
      AND (%(before)s::bigint IS NULL OR c.case_id < %(before)s)
    ORDER BY c.case_id DESC
    LIMIT %(limit)s
)
SELECT c.case_id, c.market_id, m.name AS market_name, m.timezone, c.vendor_id, v.name AS vendor_name, c.cause, c.state,
       c.opened_at, c.opened_by, c.updated_at, c.officer, c.revision,
       coalesce(about.kinds, '{}') AS kinds, coalesce(about.alerts, 0) AS alerts,
       (SELECT count(*) FROM case_findings f WHERE f.case_id = c.case_id) AS findings,
       d.outcome, d.document_no, d.authority, d.decided_on, d.kind AS penalty, d.amount_fen,
       d.decision_id IS NOT NULL AND EXISTS (SELECT FROM case_steps r WHERE r.case_id = c.case_id AND r.action = 'revoke'
                                             AND r.at >= d.recorded_at) AS is_revoked
FROM page c JOIN markets m USING (market_id)
CROSS JOIN LATERAL (
    SELECT v.name FROM vendors v WHERE v.market_id = c.market_id AND v.vendor_id = c.vendor_id LIMIT 1
) v
LEFT JOIN LATERAL (
    SELECT array_agg(DISTINCT a.kind ORDER BY a.kind) AS kinds, count(*) AS alerts
    FROM case_alerts ca JOIN alerts a USING (alert_id) WHERE ca.case_id = c.case_id
) about ON true
LEFT JOIN LATERAL (
    SELECT * FROM case_decisions d WHERE d.case_id = c.case_id ORDER BY d.decision_id DESC LIMIT 1
) d ON true
ORDER BY c.case_id DESC
