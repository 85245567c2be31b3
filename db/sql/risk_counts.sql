-- name: due_markets
-- Where the month before is over for long enough, and was not computed; by each market's own calendar.
SELECT d.market_id, (d.this_month - interval '1 month')::date AS month
FROM (SELECT m.market_id, (%(now)s::timestamptz AT TIME ZONE m.timezone)::date AS today,
             date_trunc('month', %(now)s::timestamptz AT TIME ZONE m.timezone)::date AS this_month
      FROM markets m) d
WHERE extract(day FROM d.today) >= %(day_of_month)s
  AND NOT EXISTS (SELECT FROM risk_runs r
                  WHERE r.market_id = d.market_id AND r.month = (d.this_month - interval '1 month')::date)
ORDER BY d.market_id

-- name: lock_market
-- Whoever computes a market's month does so alone; the lock goes with the transaction.
SELECT pg_advisory_xact_lock(hashtextextended('steelyard/risk/' || %(market_id)s::text, 0))

-- name: uncounted
-- Months of the window whose weighings were not counted yet.
SELECT asked.day::date
FROM generate_series(%(first)s::date::timestamp, %(month)s::date::timestamp, interval '1 month') AS asked (day)
WHERE NOT EXISTS (SELECT FROM risk_counted c WHERE c.market_id = %(market_id)s AND c.month = asked.day::date)
ORDER BY asked.day

-- name: mark_counted
INSERT INTO risk_counted (market_id, month, near_permille, counted_at)
VALUES (%(market_id)s, %(month)s, %(near_permille)s, %(now)s)

-- name: count_month
-- A month's weighings, vendor by vendor; the bounds in time are wider than any zone, for the chunks. Records that void a
-- sale, and the sales they void, are no sales.
INSERT INTO risk_months (market_id, vendor_id, month, weighings, capped, near, over, last_day)
SELECT w.market_id, w.vendor_id, %(month)s::date, count(*),
       count(*) FILTER (WHERE w.cap_fen IS NOT NULL),
       count(*) FILTER (WHERE w.verdict = 'within' AND w.paid_verdict <> 'over'
                          AND (w.cap_unit = 'piece') = (w.price_unit = 'piece')
                          AND coalesce(w.unit_price_fen_per_kg, w.unit_price_fen) * 1000 >= w.cap_fen * %(near_permille)s),
       count(*) FILTER (WHERE w.verdict = 'over' OR w.paid_verdict = 'over'),
       max(w.business_day)
FROM weighings w
JOIN vendors known ON known.market_id = w.market_id AND known.vendor_id = w.vendor_id
WHERE w.market_id = %(market_id)s AND w.weighed_at >= %(month)s::date::timestamptz - interval '2 days'
  AND w.weighed_at < %(next_month)s::date::timestamptz + interval '2 days'
  AND w.business_day >= %(month)s::date AND w.business_day < %(next_month)s::date
  AND w.verdict IS NOT NULL
  AND NOT EXISTS (SELECT FROM weighings v
                  WHERE v.market_id = w.market_id AND v.scale_id = w.scale_id AND v.journal_id = w.journal_id
                    AND v.voids_seq = w.seq AND v.voids_seq IS NOT NULL AND v.verdict IS NULL
                    AND v.market_id = %(market_id)s
                    AND v.weighed_at >= %(month)s::date::timestamptz - interval '2 days'
                    AND v.weighed_at < %(next_month)s::date::timestamptz + interval '4 days')
GROUP BY w.market_id, w.vendor_id

-- name: subjects
-- Whoever held a stall or a scale at some time since the month began.
SELECT v.vendor_id FROM vendors v
WHERE v.market_id = %(market_id)s
  AND (EXISTS (SELECT FROM scale_bindings b
               WHERE b.market_id = v.market_id AND b.vendor_id = v.vendor_id
                 AND b.valid && tstzrange(%(month)s::date::timestamp AT TIME ZONE %(timezone)s, %(now)s, '[]'))
    OR EXISTS (SELECT FROM stall_occupancies o
               WHERE o.market_id = v.market_id AND o.vendor_id = v.vendor_id
                 AND o.valid && tstzrange(%(month)s::date::timestamp AT TIME ZONE %(timezone)s, %(now)s, '[]')))
ORDER BY v.vendor_id

-- name: confirmed
-- Alerts that stand, of the kinds that count, in the window. `age`: months before the month.
SELECT a.vendor_id, a.alert_id, a.kind, a.worst_excess_permille,
       ((extract(year FROM %(month)s::date) - extract(year FROM a.business_day)) * 12
        + extract(month FROM %(month)s::date) - extract(month FROM a.business_day))::integer AS age
FROM alerts a
WHERE a.market_id = %(market_id)s AND a.vendor_id IS NOT NULL AND a.state = ANY (%(states)s)
  AND a.kind = ANY (%(kinds)s) AND a.business_day >= %(first)s AND a.business_day < %(next_month)s

-- name: complaints
-- Answered complaints that were upheld or settled, by when they came, of the vendor of the sale they are linked to, else
-- of whose stall it was (as the view complaints_in_words has it).
SELECT coalesce(sold.vendor_id, held.vendor_id) AS vendor_id, c.complaint_id, c.outcome,
       ((extract(year FROM %(month)s::date) - extract(year FROM c.received_at AT TIME ZONE %(timezone)s)) * 12
        + extract(month FROM %(month)s::date) - extract(month FROM c.received_at AT TIME ZONE %(timezone)s))::integer AS age
FROM complaints c
LEFT JOIN LATERAL (
    SELECT a.vendor_id FROM complaint_weighings w JOIN alerts a USING (alert_id)
    WHERE w.complaint_id = c.complaint_id ORDER BY w.linked_at, w.seq LIMIT 1
) sold ON true
LEFT JOIN LATERAL (
    SELECT b.vendor_id FROM scale_bindings b
    WHERE sold.vendor_id IS NULL AND b.market_id = c.market_id AND b.stall_id = c.stall_id
      AND b.valid @> coalesce(c.occurred_at, c.received_at) LIMIT 1
) held ON true
WHERE c.market_id = %(market_id)s AND c.state IN ('answered', 'closed') AND c.outcome IN ('upheld', 'settled')
  AND c.received_at >= %(first)s::date::timestamp AT TIME ZONE %(timezone)s
  AND c.received_at < %(next_month)s::date::timestamp AT TIME ZONE %(timezone)s
  AND coalesce(sold.vendor_id, held.vendor_id) IS NOT NULL

-- name: broken
-- Promises that are broken, by when they were.
SELECT b.vendor_id, b.promise_id,
       ((extract(year FROM %(month)s::date) - extract(year FROM b.at)) * 12
        + extract(month FROM %(month)s::date) - extract(month FROM b.at))::integer AS age
FROM (SELECT p.vendor_id, p.promise_id, max(s.at) AT TIME ZONE %(timezone)s AS at
      FROM promises p JOIN promise_steps s ON s.promise_id = p.promise_id AND s.to_state = 'broken'
      WHERE p.market_id = %(market_id)s AND p.state = 'broken'
      GROUP BY p.vendor_id, p.promise_id) b
WHERE b.at >= %(first)s::date AND b.at < %(next_month)s::date

-- name: weighed
-- What a vendor weighed in the months that statistics are of, and how many days ago it last did, within the window.
SELECT r.vendor_id,
       coalesce(sum(r.weighings) FILTER (WHERE r.month >= %(statistics_first)s), 0)::integer AS weighings,
       coalesce(sum(r.capped) FILTER (WHERE r.month >= %(statistics_first)s), 0)::integer AS capped,
       coalesce(sum(r.near) FILTER (WHERE r.month >= %(statistics_first)s), 0)::integer AS near,
       coalesce(sum(r.over) FILTER (WHERE r.month >= %(statistics_first)s), 0)::integer AS over,
       %(next_month)s::date - 1 - max(r.last_day) AS silent_days
FROM risk_months r
WHERE r.market_id = %(market_id)s AND r.month >= %(first)s AND r.month <= %(month)s
GROUP BY r.vendor_id

-- name: overdue
-- Of the scales that a vendor has at the end of the month, the one whose verification ended longest before.
SELECT b.vendor_id, max(%(next_month)s::date - 1 - s.verified_until) AS days
FROM scale_bindings b JOIN scales s ON s.market_id = b.market_id AND s.scale_id = b.scale_id
WHERE b.market_id = %(market_id)s AND s.verified_until < %(next_month)s::date - 1
  AND b.valid @> (%(next_month)s::date::timestamp AT TIME ZONE %(timezone)s - interval '1 second')
GROUP BY b.vendor_id

-- name: vendor_series
-- Month by month, of vendors with at least so many days with something confirmed in all these months: those days, and what
-- was weighed.
WITH confirmed AS (
    SELECT a.vendor_id, date_trunc('month', a.business_day)::date AS month, count(DISTINCT a.business_day) AS days
    FROM alerts a
    WHERE a.market_id = %(market_id)s AND a.vendor_id IS NOT NULL AND a.state = ANY (%(states)s)
      AND a.kind = ANY (%(kinds)s) AND a.business_day >= %(since)s AND a.business_day < %(next_month)s
    GROUP BY 1, 2
), often AS (
    SELECT vendor_id FROM confirmed GROUP BY vendor_id HAVING sum(days) >= %(least_counted)s
)
SELECT often.vendor_id, m.month::date, coalesce(c.days, 0)::integer AS counted, coalesce(r.weighings, 0) AS weighings
FROM often
CROSS JOIN generate_series(%(since)s::date::timestamp, %(month)s::date::timestamp, interval '1 month') AS m (month)
LEFT JOIN confirmed c ON c.vendor_id = often.vendor_id AND c.month = m.month::date
LEFT JOIN risk_months r ON r.market_id = %(market_id)s AND r.vendor_id = often.vendor_id AND r.month = m.month::date
ORDER BY often.vendor_id, m.month

-- name: market_series
-- Of a whole market: of how many vendors something was confirmed, and what was weighed.
SELECT m.month::date, coalesce(c.vendors, 0)::integer AS counted, coalesce(r.weighings, 0)::bigint AS weighings
FROM generate_series(%(since)s::date::timestamp, %(month)s::date::timestamp, interval '1 month') AS m (month)
LEFT JOIN (
    SELECT date_trunc('month', a.business_day)::date AS month, count(DISTINCT a.vendor_id) AS vendors
    FROM alerts a
    WHERE a.market_id = %(market_id)s AND a.vendor_id IS NOT NULL AND a.state = ANY (%(states)s)
      AND a.kind = ANY (%(kinds)s) AND a.business_day >= %(since)s AND a.business_day < %(next_month)s
    GROUP BY 1
) c ON c.month = m.month::date
LEFT JOIN (
    SELECT month, sum(weighings) AS weighings FROM risk_months
    WHERE market_id = %(market_id)s AND month >= %(since)s AND month <= %(month)s GROUP BY month
) r ON r.month = m.month::date
ORDER BY m.month

-- name: inspected
-- Who was visited since a day.
SELECT DISTINCT i.vendor_id FROM inspections i
WHERE i.market_id = %(market_id)s AND i.state NOT IN ('drawn', 'notified', 'cancelled', 'combined')
  AND i.last_day >= %(since)s AND i.first_day < %(next_month)s
