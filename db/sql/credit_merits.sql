-- name: counted
-- Which months of a market are counted, since one.
SELECT month FROM credit_months WHERE market_id = %(market_id)s AND month >= %(since)s ORDER BY month

-- name: count_month
-- One look at an index for each vendor and day: it does not matter how much was weighed. A day is traded when anybody's scale
-- weighed; a vendor held a scale on it where one was its from the day's beginning to its end, or was used.
WITH day AS (
    SELECT d::date AS day, d AT TIME ZONE m.timezone AS since, (d + interval '1 day') AT TIME ZONE m.timezone AS until
    FROM markets m, generate_series(%(first)s::date::timestamp, %(last)s::date::timestamp, interval '1 day') AS d
    WHERE m.market_id = %(market_id)s
), used AS MATERIALIZED (
    SELECT v.vendor_id, day.day
    FROM vendors v CROSS JOIN day
    CROSS JOIN LATERAL (
        SELECT 1 FROM weighings w
        WHERE w.market_id = %(market_id)s AND w.vendor_id = v.vendor_id AND w.verdict IS NOT NULL
          AND w.weighed_at >= day.since AND w.weighed_at < day.until
          AND w.weighed_at >= %(since)s AND w.weighed_at < %(until)s
        LIMIT 1
    ) one
    WHERE v.market_id = %(market_id)s
), traded AS (
    SELECT DISTINCT day.* FROM day JOIN used USING (day)
), held AS (
    SELECT b.vendor_id, t.day FROM scale_bindings b JOIN traded t ON b.valid @> tstzrange(t.since, t.until)
    WHERE b.market_id = %(market_id)s
    UNION
    SELECT vendor_id, day FROM used
), month AS (
    INSERT INTO credit_months (market_id, month, days_traded, counted_at)
    SELECT %(market_id)s, %(first)s, count(*), %(now)s FROM traded
    ON CONFLICT ON CONSTRAINT credit_months_pkey DO NOTHING
    RETURNING market_id, month
)
INSERT INTO credit_month_vendors (market_id, month, vendor_id, days_held, days_used)
SELECT month.market_id, month.month, h.vendor_id, count(*), count(u.day)
FROM month CROSS JOIN held h LEFT JOIN used u ON u.vendor_id = h.vendor_id AND u.day = h.day
GROUP BY month.market_id, month.month, h.vendor_id

-- name: vendors_to_settle
SELECT DISTINCT s.vendor_id
FROM merits_to_settle(%(market_id)s, %(month)s, %(since)s, %(until)s, %(last_noon)s, %(rules)s::text[], %(worth)s::integer[],
                      %(permille)s::integer[], %(least_days)s::integer[], NULL) s
ORDER BY s.vendor_id LIMIT %(limit)s

-- name: hold_vendors
-- In the order in which everybody holds more than one.
SELECT vendor_id FROM vendors WHERE market_id = %(market_id)s AND vendor_id = ANY(%(vendors)s::text[])
ORDER BY vendor_id FOR NO KEY UPDATE

-- name: settle
-- What is earned is added, what is not earned any more is given back; asked anew now that the vendors are held.
INSERT INTO credit_events (market_id, vendor_id, occurred_at, recorded_at, recorded_by, reason, points, rule,
                           rules_version, reverses, promise_id, source, evidence)
SELECT %(market_id)s, s.vendor_id, s.occurred_at, %(now)s, %(by)s,
       CASE WHEN s.stands IS NULL THEN s.reason ELSE 'merit_withdrawn' END,
       coalesce(s.points, -(SELECT e.points FROM credit_events e WHERE e.event_id = s.stands)),
       CASE WHEN s.stands IS NOT NULL THEN 'merit_withdrawn'
            WHEN s.promise_id IS NOT NULL THEN format('bonus.%%s promise %%s', s.reason, s.promise_id)
            ELSE format('bonus.%%s %%s', s.reason, to_char(%(month)s::date, 'YYYY-MM')) END,
       %(rules_version)s, s.stands, s.promise_id, 'bonus', s.evidence
FROM merits_to_settle(%(market_id)s, %(month)s, %(since)s, %(until)s, %(last_noon)s, %(rules)s::text[], %(worth)s::integer[],
                      %(permille)s::integer[], %(least_days)s::integer[], %(vendors)s::text[]) s
ORDER BY s.vendor_id, s.reason, s.promise_id

-- name: figures_of
-- A vendor's counted months, the newest first.
SELECT f.month, f.days_held, f.days_used, m.days_traded
FROM credit_month_vendors f JOIN credit_months m USING (market_id, month)
WHERE f.market_id = %(market_id)s AND f.vendor_id = %(vendor_id)s AND f.month >= %(since)s
ORDER BY f.month DESC
