-- name: begin_run
-- No row: the month was computed before.
INSERT INTO risk_runs (market_id, month, computed_at, policy_version, rules_version, vendors, by_class, inspected, warnings)
VALUES (%(market_id)s, %(month)s, %(now)s, %(policy_version)s, %(rules_version)s, %(vendors)s, %(by_class)s, %(inspected)s,
        %(warnings)s)
ON CONFLICT ON CONSTRAINT risk_runs_pkey DO NOTHING
RETURNING market_id

-- name: is_computed
SELECT EXISTS (SELECT FROM risk_runs WHERE market_id = %(market_id)s AND month = %(month)s)

-- name: copy_classes
COPY risk_classes (market_id, vendor_id, class, reason, set_by, set_at, for_month, computed_month, points, by_points, basis,
                   because, parts, policy_version)
FROM STDIN

-- name: warn
INSERT INTO risk_warnings (market_id, vendor_id, month, counted, weighings, counted_before, weighings_before, months_before,
                           dispersion_permille, p_value)
VALUES (%(market_id)s, %(vendor_id)s, %(month)s, %(counted)s, %(weighings)s, %(counted_before)s, %(weighings_before)s,
        %(months_before)s, %(dispersion_permille)s, %(p_value)s)

-- name: latest_month
SELECT max(month) FROM risk_runs WHERE %(market_id)s::text IS NULL OR market_id = %(market_id)s

-- name: months
-- The months that were computed, the newest first.
SELECT DISTINCT month FROM risk_runs WHERE %(market_id)s::text IS NULL OR market_id = %(market_id)s
ORDER BY month DESC LIMIT %(limit)s

-- name: runs
SELECT r.market_id, m.name AS market_name, r.month, r.computed_at, r.policy_version, r.rules_version, r.vendors, r.by_class,
       r.inspected, r.warnings
FROM risk_runs r JOIN markets m USING (market_id)
WHERE r.month = %(month)s AND (%(market_id)s::text IS NULL OR r.market_id = %(market_id)s)
ORDER BY m.name, r.market_id

-- name: listed
-- Computed classes of a month in all markets, the gravest first; beside them what a regulator set for that month.
SELECT r.risk_class_id, r.market_id, r.vendor_id, v.name AS vendor_name, m.name AS market_name, r.class AS risk_class,
       r.points, r.by_points, r.basis, r.because, hand.class AS by_hand
FROM risk_classes r
JOIN vendors v USING (market_id, vendor_id)
JOIN markets m USING (market_id)
LEFT JOIN LATERAL (
    SELECT h.class FROM risk_classes h
    WHERE h.market_id = r.market_id AND h.vendor_id = r.vendor_id AND h.for_month = r.for_month AND h.computed_month IS NULL
    ORDER BY h.set_at DESC, h.risk_class_id DESC LIMIT 1
) hand ON true
WHERE r.computed_month IS NOT NULL AND r.for_month = %(for_month)s
  AND (%(risk_class)s::text IS NULL OR r.class = %(risk_class)s)
  AND (r.class, r.points, r.risk_class_id) < (%(after_class)s, %(after_points)s, %(after_id)s)
ORDER BY r.class DESC, r.points DESC, r.risk_class_id DESC
LIMIT %(limit)s

-- name: listed_in_market
SELECT r.risk_class_id, r.market_id, r.vendor_id, v.name AS vendor_name, m.name AS market_name, r.class AS risk_class,
       r.points, r.by_points, r.basis, r.because, hand.class AS by_hand
FROM risk_classes r
JOIN vendors v USING (market_id, vendor_id)
JOIN markets m USING (market_id)
LEFT JOIN LATERAL (
    SELECT h.class FROM risk_classes h
    WHERE h.market_id = r.market_id AND h.vendor_id = r.vendor_id AND h.for_month = r.for_month AND h.computed_month IS NULL
    ORDER BY h.set_at DESC, h.risk_class_id DESC LIMIT 1
) hand ON true
WHERE r.computed_month IS NOT NULL AND r.market_id = %(market_id)s AND r.for_month = %(for_month)s
  AND (%(risk_class)s::text IS NULL OR r.class = %(risk_class)s)
  AND (r.class, r.points, r.risk_class_id) < (%(after_class)s, %(after_points)s, %(after_id)s)
ORDER BY r.class DESC, r.points DESC, r.risk_class_id DESC
LIMIT %(limit)s

-- name: computed_of_vendor
-- A vendor's computed months, the newest first.
SELECT r.market_id, r.vendor_id, v.name AS vendor_name, r.computed_month AS month, r.for_month, r.class AS risk_class, r.because,
       r.by_points, r.points, r.basis, r.parts, r.policy_version, r.set_at
FROM risk_classes r JOIN vendors v USING (market_id, vendor_id)
WHERE r.market_id = %(market_id)s AND r.vendor_id = %(vendor_id)s AND r.computed_month IS NOT NULL
ORDER BY r.for_month DESC LIMIT %(limit)s

-- name: by_hand_of_vendor
SELECT r.class AS risk_class, r.reason, r.set_by, r.set_at, r.for_month
FROM risk_classes r
WHERE r.market_id = %(market_id)s AND r.vendor_id = %(vendor_id)s AND r.computed_month IS NULL
ORDER BY r.for_month DESC, r.set_at DESC, r.risk_class_id DESC LIMIT %(limit)s

-- name: in_force
-- The class that holds for a vendor at a moment.
SELECT c.class
FROM markets m
CROSS JOIN LATERAL risk_class_at(m.market_id, %(vendor_id)s::text,
                                 date_trunc('month', %(at)s::timestamptz AT TIME ZONE m.timezone)::date, %(at)s::timestamptz) c
WHERE m.market_id = %(market_id)s

-- name: months_of_vendor
SELECT r.month, r.weighings, r.capped, r.near, r.over, r.last_day FROM risk_months r
WHERE r.market_id = %(market_id)s AND r.vendor_id = %(vendor_id)s
ORDER BY r.month DESC LIMIT %(limit)s

-- name: warnings
-- Of a month, the surest first.
SELECT w.warning_id, w.market_id, m.name AS market_name, w.vendor_id, coalesce(v.name, '') AS vendor_name, w.month, w.counted,
       w.weighings, w.counted_before, w.weighings_before, w.months_before, w.dispersion_permille, w.p_value,
       r.computed_at AS raised_at, r.policy_version
FROM risk_warnings w
JOIN risk_runs r ON r.market_id = w.market_id AND r.month = w.month
JOIN markets m ON m.market_id = w.market_id
LEFT JOIN vendors v ON v.market_id = w.market_id AND v.vendor_id = w.vendor_id
WHERE w.month = %(month)s AND (%(market_id)s::text IS NULL OR w.market_id = %(market_id)s)
ORDER BY w.vendor_id IS NOT NULL, w.p_value, w.warning_id
LIMIT %(limit)s

-- name: warnings_of_vendor
SELECT w.warning_id, w.market_id, m.name AS market_name, w.vendor_id, coalesce(v.name, '') AS vendor_name, w.month, w.counted,
       w.weighings, w.counted_before, w.weighings_before, w.months_before, w.dispersion_permille, w.p_value,
       r.computed_at AS raised_at, r.policy_version
FROM risk_warnings w
JOIN risk_runs r ON r.market_id = w.market_id AND r.month = w.month
JOIN markets m ON m.market_id = w.market_id
LEFT JOIN vendors v ON v.market_id = w.market_id AND v.vendor_id = w.vendor_id
WHERE w.market_id = %(market_id)s AND w.vendor_id = %(vendor_id)s
ORDER BY w.month DESC LIMIT %(limit)s
