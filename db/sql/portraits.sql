-- name: stays
-- Which vendor held which scale at any time of a span.
SELECT vendor_id, scale_id, lower(valid), upper(valid) FROM scale_bindings
WHERE market_id = %(market_id)s AND valid && tstzrange(%(since)s, %(until)s)

-- name: stays_of_vendor
SELECT vendor_id, scale_id, lower(valid), upper(valid) FROM scale_bindings
WHERE market_id = %(market_id)s AND vendor_id = %(vendor_id)s AND valid && tstzrange(%(since)s, %(until)s)

-- name: verifications
SELECT scale_id, verified_on, valid_until FROM scale_verifications
WHERE market_id = %(market_id)s AND verified_on <= %(last)s
ORDER BY scale_id, verified_on, verification_id

-- name: registered_until
SELECT scale_id, verified_until, verified_on FROM scales WHERE market_id = %(market_id)s AND verified_until IS NOT NULL

-- name: complaints
-- What was received of a market's vendors in a span, and how far each is; those refused or withdrawn are none.
SELECT complaint_id, vendor_id, state, outcome FROM complaints_in_words
WHERE market_id = %(market_id)s AND received_at >= %(since)s AND received_at < %(until)s AND vendor_id IS NOT NULL
  AND state NOT IN ('refused', 'withdrawn')
ORDER BY complaint_id

-- name: rectifications
-- Those due in a span, and what ended the wait for each: the last step that left it. What does not stand, or is appealed, is
-- not asked for.
SELECT a.alert_id, a.vendor_id, a.rectify_by, CASE WHEN a.state <> 'rectifying' THEN (s.at AT TIME ZONE m.timezone)::date END,
       a.state <> 'rectifying' AND s.action = 'report_rectified'
FROM alerts a
JOIN markets m USING (market_id)
LEFT JOIN LATERAL (
    SELECT at, action FROM alert_steps
    WHERE alert_id = a.alert_id AND from_state = 'rectifying' AND to_state <> 'rectifying'
    ORDER BY alert_step_id DESC LIMIT 1
) s ON true
WHERE a.market_id = %(market_id)s AND a.rectify_by BETWEEN %(since)s AND %(until)s AND a.vendor_id IS NOT NULL
  AND a.state NOT IN ('overturned', 'withdrawn', 'appealed', 'dismissed', 'merged')
ORDER BY a.alert_id

-- name: made
SELECT since, day, trading_days, vendors, peers_at_least, near_permille, week_at_least, policy_version, made_at
FROM portraits_made WHERE market_id = %(market_id)s

-- name: forget
DELETE FROM vendor_portraits WHERE market_id = %(market_id)s

-- name: forget_quartiles
DELETE FROM portrait_quartiles WHERE market_id = %(market_id)s

-- name: copy_portraits
COPY vendor_portraits (market_id, vendor_id, goods, goods_g, over_cap, upheld_complaints, undecided_complaints,
                       other_complaints, in_time_alerts, late_alerts, scale_ids, scale_days, scale_verified_days)
FROM STDIN

-- name: copy_axes
COPY vendor_portrait_axes (market_id, vendor_id, axis, part, whole, value, rank_permille, peers, lack) FROM STDIN

-- name: copy_quartiles
COPY portrait_quartiles (market_id, goods, axis, week, vendors, lower, median, upper) FROM STDIN

-- name: note_made
INSERT INTO portraits_made (market_id, since, day, trading_days, vendors, peers_at_least, near_permille, week_at_least,
                            policy_version, made_at)
VALUES (%(market_id)s, %(since)s, %(day)s, %(trading_days)s, %(vendors)s, %(peers_at_least)s, %(near_permille)s,
        %(week_at_least)s, %(policy_version)s, %(made_at)s)
ON CONFLICT ON CONSTRAINT portraits_made_pkey DO UPDATE
SET since = excluded.since, day = excluded.day, trading_days = excluded.trading_days, vendors = excluded.vendors,
    peers_at_least = excluded.peers_at_least, near_permille = excluded.near_permille,
    week_at_least = excluded.week_at_least, policy_version = excluded.policy_version, made_at = excluded.made_at

-- name: of_vendor
SELECT goods, goods_g, over_cap, upheld_complaints, undecided_complaints, other_complaints, in_time_alerts, late_alerts,
       scale_ids, scale_days, scale_verified_days
FROM vendor_portraits WHERE market_id = %(market_id)s AND vendor_id = %(vendor_id)s

-- name: axes_of_vendor
SELECT axis, part, whole, value, rank_permille, peers, lack FROM vendor_portrait_axes
WHERE market_id = %(market_id)s AND vendor_id = %(vendor_id)s

-- name: quartiles
SELECT axis, week, vendors, lower, median, upper FROM portrait_quartiles
WHERE market_id = %(market_id)s AND goods = %(goods)s

-- name: complaints_named
SELECT complaint_id, reason, state, outcome, received_at FROM complaints
WHERE complaint_id = ANY (%(complaint_ids)s::bigint[])
ORDER BY complaint_id DESC

-- name: alerts_named
SELECT alert_id, kind, business_day, state, rectify_by FROM alerts
WHERE alert_id = ANY (%(alert_ids)s::bigint[])
ORDER BY alert_id DESC

-- name: price_alerts
-- A vendor's alerts about prices of the span, whatever became of them.
SELECT alert_id, kind, business_day, state, rectify_by FROM alerts
WHERE market_id = %(market_id)s AND vendor_id = %(vendor_id)s AND business_day BETWEEN %(since)s AND %(until)s
  AND kind = ANY (%(kinds)s::text[])
ORDER BY alert_id DESC LIMIT %(limit)s

-- name: vendors
SELECT vendor_id FROM vendors WHERE market_id = %(market_id)s
