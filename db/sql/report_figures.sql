-- name: lines
-- Ledger lines of the days from %(since)s to %(until)s by each market's calendar, those that undo them, and whether what they
-- rest on is final: decided until %(final_until)s, or upheld. What was recorded later than %(known_at)s is not seen.
WITH scope AS (
    SELECT m.market_id, m.timezone, %(since)s::date::timestamp AT TIME ZONE m.timezone AS since,
           (%(until)s::date + 1)::timestamp AT TIME ZONE m.timezone AS until
    FROM markets m WHERE %(market_id)s::text IS NULL OR m.market_id = %(market_id)s
), dated AS (
    SELECT e.*, s.timezone
    FROM scope s JOIN credit_events e ON e.market_id = s.market_id AND e.reverses IS NULL
     AND e.occurred_at >= s.since AND e.occurred_at < s.until
     AND (%(vendor_id)s::text IS NULL OR e.vendor_id = %(vendor_id)s)
    WHERE e.recorded_at <= %(known_at)s
), told AS (
    SELECT * FROM dated
    UNION ALL
    SELECT u.*, d.timezone FROM dated d JOIN credit_events u ON u.reverses = d.event_id AND u.reverses IS NOT NULL
    WHERE u.recorded_at <= %(known_at)s
)
SELECT t.event_id, t.market_id, t.vendor_id, t.occurred_at, t.recorded_at, t.recorded_by, t.reason, t.points, t.rule,
       t.rules_version, t.alert_id, t.reverses, t.promise_id, t.factor, t.source, t.evidence, t.is_veto, t.repairs,
       CASE WHEN t.reverses IS NOT NULL THEN 'final'
            WHEN t.alert_id IS NULL
            THEN CASE WHEN t.points >= 0 OR (t.recorded_at AT TIME ZONE t.timezone)::date <= %(final_until)s THEN 'final'
                      ELSE 'open' END
            WHEN a.state = 'appealed' THEN 'appealed'
            WHEN r.is_upheld OR (coalesce(r.decided_at, a.decided_at) AT TIME ZONE t.timezone)::date <= %(final_until)s
            THEN 'final' ELSE 'open' END AS finality
FROM told t
LEFT JOIN alerts a ON a.alert_id = t.alert_id AND t.reverses IS NULL
CROSS JOIN LATERAL alert_ruling(a.alert_id) r
ORDER BY t.event_id

-- name: alert_counts
-- Alerts of the days by vendor, kind and outcome, and how many of those that stand as breaches are not final.
SELECT a.market_id, a.vendor_id, a.kind, a.state, count(*) AS alerts, sum(a.occurrences) AS occurrences,
       sum(a.overcharge_fen)::bigint AS overcharge_fen, count(*) FILTER (WHERE f.pending) AS pending,
       coalesce(sum(a.overcharge_fen) FILTER (WHERE f.pending), 0)::bigint AS pending_fen
FROM markets m
JOIN alerts a ON a.market_id = m.market_id AND a.business_day BETWEEN %(since)s AND %(until)s
 AND (%(vendor_id)s::text IS NULL OR a.vendor_id = %(vendor_id)s)
-- Asked of nothing where no breach stands: an ON would be asked after it.
CROSS JOIN LATERAL alert_ruling(CASE WHEN a.state = ANY (%(standing)s::text[]) THEN a.alert_id END) r
CROSS JOIN LATERAL (
    SELECT a.state = ANY (%(standing)s::text[]) AND (a.state = 'appealed' OR NOT (r.is_upheld
           OR (coalesce(r.decided_at, a.decided_at) AT TIME ZONE m.timezone)::date <= %(final_until)s)) AS pending
) f
WHERE (%(market_id)s::text IS NULL OR m.market_id = %(market_id)s) AND a.opened_at <= %(known_at)s
GROUP BY a.market_id, a.vendor_id, a.kind, a.state
ORDER BY a.market_id, a.vendor_id, a.kind, a.state

-- name: appeals
-- Alerts under appeal of the days that a report goes back to, and the points that are at stake.
SELECT a.alert_id, a.market_id, a.vendor_id, coalesce(v.name, '') AS vendor_name, a.kind, a.business_day,
       coalesce((SELECT sum(e.points) FROM credit_events e
                 WHERE e.alert_id = a.alert_id AND e.reverses IS NULL
                   AND NOT EXISTS (SELECT FROM credit_events u WHERE u.reverses = e.event_id AND u.reverses IS NOT NULL)),
                0)::integer AS points
FROM alerts a LEFT JOIN vendors v USING (market_id, vendor_id)
WHERE a.state = 'appealed' AND a.business_day BETWEEN %(since)s AND %(until)s
  AND (%(market_id)s::text IS NULL OR a.market_id = %(market_id)s)
  AND (%(vendor_id)s::text IS NULL OR a.vendor_id = %(vendor_id)s)
ORDER BY a.alert_id

-- name: promises
-- Promises of a vendor that were offered in the days, or ran in them.
SELECT p.promise_id, p.alert_id, p.waived_kind AS kind, p.state, (p.made_at AT TIME ZONE m.timezone)::date AS made_on,
       (p.until AT TIME ZONE m.timezone)::date AS until, p.waived_points,
       a.state = ANY (%(standing)s::text[]) AND a.state <> 'appealed'
       AND (r.is_upheld OR (coalesce(r.decided_at, a.decided_at) AT TIME ZONE m.timezone)::date <= %(final_until)s) AS is_final
FROM promises p JOIN markets m USING (market_id) JOIN alerts a USING (alert_id)
CROSS JOIN LATERAL alert_ruling(a.alert_id) r
WHERE p.market_id = %(market_id)s AND p.vendor_id = %(vendor_id)s AND p.offered_at <= %(known_at)s
  AND (p.offered_at AT TIME ZONE m.timezone)::date <= %(until)s
  AND (coalesce(p.until, p.offered_at) AT TIME ZONE m.timezone)::date >= %(since)s
ORDER BY p.promise_id

-- name: penalties
-- Penalties of the days in their documents' words: of cases, those recorded with an alert alone, and what became of them.
WITH recorded AS (
    SELECT d.market_id, d.vendor_id, d.document_no, d.authority, d.decided_on, d.kind, d.decision, d.basis, d.amount_fen,
           EXISTS (SELECT FROM case_steps s WHERE s.case_id = d.case_id AND s.action = 'revoke' AND s.at >= d.recorded_at)
               AS is_revoked
    FROM case_decisions d
    WHERE d.outcome = 'penalised' AND d.decided_on BETWEEN %(since)s AND %(until)s AND d.recorded_at <= %(known_at)s
    UNION ALL
    SELECT a.market_id, a.vendor_id, s.penalty_document_no, s.penalty_authority, min(s.penalty_decided_on), 'unstated',
           min(s.penalty_decision), '', NULL, bool_and(a.state = 'overturned')
    FROM alert_steps s JOIN alerts a USING (alert_id)
    WHERE s.action = 'record_penalty' AND s.penalty_decided_on BETWEEN %(since)s AND %(until)s
      AND s.at <= %(known_at)s AND a.vendor_id IS NOT NULL
      AND NOT EXISTS (SELECT FROM case_decisions d
                      WHERE d.market_id = a.market_id AND d.vendor_id = a.vendor_id
                        AND d.authority = s.penalty_authority AND d.document_no = s.penalty_document_no)
    GROUP BY a.market_id, a.vendor_id, s.penalty_document_no, s.penalty_authority
)
SELECT p.market_id, p.vendor_id, v.name AS vendor_name, p.document_no, p.authority, p.decided_on, p.kind, p.decision,
       p.basis, p.amount_fen,
       CASE WHEN p.is_revoked THEN 'revoked' WHEN e.entry_id IS NULL THEN 'not_published'
            WHEN e.taken_off_at IS NOT NULL
              OR NOT (%(known_at)s AT TIME ZONE m.timezone)::date BETWEEN e.published_from AND e.published_to THEN 'taken_off'
            ELSE 'published' END AS standing
FROM recorded p
JOIN markets m USING (market_id)
JOIN vendors v USING (market_id, vendor_id)
LEFT JOIN publicity_entries e USING (market_id, vendor_id, authority, document_no)
WHERE (%(market_id)s::text IS NULL OR p.market_id = %(market_id)s)
  AND (%(vendor_id)s::text IS NULL OR p.vendor_id = %(vendor_id)s)
ORDER BY p.decided_on, p.market_id, p.vendor_id, p.document_no

-- name: vendors
-- Every vendor of the scope, and the stalls it held at the end of the day or now.
SELECT v.market_id, v.vendor_id, v.name, coalesce(held.stalls, '') AS stalls
FROM vendors v
LEFT JOIN (
    SELECT b.market_id, b.vendor_id, string_agg(DISTINCT b.stall_id, ', ' ORDER BY b.stall_id) AS stalls
    FROM scale_bindings b JOIN markets m USING (market_id)
    WHERE b.valid @> least(%(known_at)s, (%(until)s::date + 1)::timestamp AT TIME ZONE m.timezone - interval '1 second')
      AND (%(market_id)s::text IS NULL OR b.market_id = %(market_id)s)
      AND (%(vendor_id)s::text IS NULL OR b.vendor_id = %(vendor_id)s)
    GROUP BY b.market_id, b.vendor_id
) held USING (market_id, vendor_id)
WHERE (%(market_id)s::text IS NULL OR v.market_id = %(market_id)s)
  AND (%(vendor_id)s::text IS NULL OR v.vendor_id = %(vendor_id)s)
ORDER BY v.market_id, v.vendor_id

-- name: limits
-- Of each market: days, of how many anything can be told, those without a weighing and those without a list, and its scales.
WITH days AS (
    SELECT m.market_id, d::date AS day, d AT TIME ZONE m.timezone AS since,
           (d + interval '1 day') AT TIME ZONE m.timezone AS until, m.area, m.channel, m.timezone
    FROM markets m, generate_series(%(since)s::date::timestamp, %(until)s::date::timestamp, interval '1 day') AS d
    WHERE %(market_id)s::text IS NULL OR m.market_id = %(market_id)s
), told AS (
    SELECT d.market_id, k.keep_days IS NULL OR d.day > (%(known_at)s AT TIME ZONE d.timezone)::date - k.keep_days AS is_told,
           EXISTS (SELECT FROM weighings w
                   WHERE w.market_id = d.market_id AND w.weighed_at >= d.since AND w.weighed_at < d.until) AS has_weighings,
           EXISTS (SELECT FROM cap_lists l
                   WHERE l.area = d.area AND l.channel = d.channel AND NOT l.is_advisory AND l.status = 'published'
                     AND coalesce(l.market_id, d.market_id) = d.market_id
                     AND l.effective && tstzrange(d.since, d.until)) AS has_list
    FROM days d CROSS JOIN keeping k
), counted AS (
    SELECT market_id, count(*) AS days, count(*) FILTER (WHERE is_told) AS days_told,
           count(*) FILTER (WHERE is_told AND NOT has_weighings) AS days_without_weighings,
           count(*) FILTER (WHERE NOT has_list) AS days_without_list
    FROM told GROUP BY market_id
), held AS (
    SELECT b.market_id, count(*) AS scales,
           count(*) FILTER (WHERE s.verified_until IS NULL OR s.verified_until < %(until)s) AS scales_unverified
    FROM scale_bindings b JOIN scales s USING (market_id, scale_id) JOIN markets m USING (market_id)
    WHERE b.valid @> least(%(known_at)s, (%(until)s::date + 1)::timestamp AT TIME ZONE m.timezone - interval '1 second')
    GROUP BY b.market_id
)
SELECT m.market_id, m.name, c.days, c.days_told, c.days_without_weighings, c.days_without_list,
       coalesce(h.scales, 0) AS scales, coalesce(h.scales_unverified, 0) AS scales_unverified
FROM counted c JOIN markets m USING (market_id) LEFT JOIN held h USING (market_id)
ORDER BY m.market_id

-- name: limits_of_vendor
-- On how many of the days the vendor weighed anything, and its scales.
SELECT (SELECT count(*) FROM generate_series(%(since)s::date::timestamp, %(until)s::date::timestamp, interval '1 day') AS d
        WHERE EXISTS (SELECT FROM weighings w
                      WHERE w.market_id = m.market_id AND w.vendor_id = %(vendor_id)s
                        AND w.weighed_at >= d AT TIME ZONE m.timezone
                        AND w.weighed_at < (d + interval '1 day') AT TIME ZONE m.timezone)) AS vendor_days_weighed,
       count(s.scale_id) AS vendor_scales,
       count(s.scale_id) FILTER (WHERE s.verified_until IS NULL OR s.verified_until < %(until)s) AS vendor_scales_unverified
FROM markets m
LEFT JOIN scale_bindings b ON b.market_id = m.market_id AND b.vendor_id = %(vendor_id)s
 AND b.valid @> least(%(known_at)s, (%(until)s::date + 1)::timestamp AT TIME ZONE m.timezone - interval '1 second')
LEFT JOIN scales s ON s.market_id = b.market_id AND s.scale_id = b.scale_id
WHERE m.market_id = %(market_id)s
GROUP BY m.market_id, m.timezone

-- name: marks
-- What the figures of a report rest on, counted and hashed whatever the order: of what is final and stands, and of everything.
WITH scope AS (
    SELECT m.market_id, m.timezone, %(since)s::date::timestamp AT TIME ZONE m.timezone AS since,
           (%(until)s::date + 1)::timestamp AT TIME ZONE m.timezone AS until
    FROM markets m WHERE %(market_id)s::text IS NULL OR m.market_id = %(market_id)s
), lines AS (
    SELECT e.event_id, e.points,
           EXISTS (SELECT FROM credit_events u WHERE u.reverses = e.event_id AND u.reverses IS NOT NULL) AS is_undone,
           CASE WHEN e.alert_id IS NULL
                THEN e.points >= 0 OR (e.recorded_at AT TIME ZONE s.timezone)::date <= %(final_until)s
                ELSE a.state <> 'appealed' AND (r.is_upheld
                     OR (coalesce(r.decided_at, a.decided_at) AT TIME ZONE s.timezone)::date <= %(final_until)s) END AS is_final
    FROM scope s JOIN credit_events e ON e.market_id = s.market_id AND e.reverses IS NULL
     AND e.occurred_at >= s.since AND e.occurred_at < s.until
     AND (%(vendor_id)s::text IS NULL OR e.vendor_id = %(vendor_id)s)
    LEFT JOIN alerts a ON a.alert_id = e.alert_id
    CROSS JOIN LATERAL alert_ruling(a.alert_id) r
), breaches AS (
    SELECT a.alert_id, a.state, a.overcharge_fen,
           a.state = ANY (%(standing)s::text[]) AND a.state <> 'appealed' AND (r.is_upheld
           OR (coalesce(r.decided_at, a.decided_at) AT TIME ZONE s.timezone)::date <= %(final_until)s) AS is_final
    FROM scope s JOIN alerts a ON a.market_id = s.market_id AND a.business_day BETWEEN %(since)s AND %(until)s
     AND (%(vendor_id)s::text IS NULL OR a.vendor_id = %(vendor_id)s)
    -- Asked of nothing where no breach stands: an ON would be asked after it.
    CROSS JOIN LATERAL alert_ruling(CASE WHEN a.state = ANY (%(standing)s::text[]) THEN a.alert_id END) r
), penalties AS (
    SELECT e.entry_id FROM scope s JOIN publicity_entries e ON e.market_id = s.market_id
     AND (%(vendor_id)s::text IS NULL OR e.vendor_id = %(vendor_id)s)
     AND e.decided_on BETWEEN %(since)s AND %(until)s AND e.taken_off_at IS NULL
)
SELECT concat_ws('|', l.finals, l.final_hash, b.finals, b.final_hash, p.penalties, p.hash) AS public_mark,
       concat_ws('|', l.lines, l.hash, b.breaches, b.hash, p.penalties, p.hash) AS inner_mark
FROM (SELECT count(*) AS lines, coalesce(bit_xor(hashtextextended(event_id || ':' || points || is_undone || is_final, 0)), 0) AS hash,
             count(*) FILTER (WHERE is_final AND NOT is_undone) AS finals,
             coalesce(bit_xor(hashtextextended(event_id || ':' || points, 0)) FILTER (WHERE is_final AND NOT is_undone), 0)
                 AS final_hash
      FROM lines) l,
     (SELECT count(*) AS breaches, coalesce(bit_xor(hashtextextended(alert_id || ':' || overcharge_fen || state, 0)), 0) AS hash,
             count(*) FILTER (WHERE is_final) AS finals,
             coalesce(bit_xor(hashtextextended(alert_id || ':' || overcharge_fen, 0)) FILTER (WHERE is_final), 0) AS final_hash
      FROM breaches) b,
     (SELECT count(*) AS penalties, coalesce(bit_xor(hashint8extended(entry_id, 0)), 0) AS hash FROM penalties) p
