-- name: raise_alerts
-- Open each lead, or add to the one that is open, in the order given: every worker takes the locks in the same one.
-- Counts are of weighings stored in this same transaction. Of what is as bad, the earlier is the worst, so that the order
-- of arrival says nothing.
INSERT INTO alerts (market_id, kind, vendor_id, stall_id, scale_id, species_code, business_day, occurrences,
                    first_at, last_at, worst_excess_fen, worst_excess_permille, worst_cap_fen, worst_cap_unit,
                    overcharge_fen, note, opened_at, updated_at, due_since, next_look_at)
SELECT market_id, kind, vendor_id, stall_id, scale_id, species_code, business_day, occurrences, first_at, last_at,
       worst_excess_fen, worst_excess_permille, worst_cap_fen, worst_cap_unit, overcharge_fen, note, %(now)s, %(now)s,
       %(now)s, %(now)s
FROM unnest(%(market_id)s::text[], %(kind)s::text[], %(vendor_id)s::text[], %(stall_id)s::text[],
            %(scale_id)s::text[], %(species_code)s::text[], %(business_day)s::date[], %(occurrences)s::integer[],
            %(first_at)s::timestamptz[], %(last_at)s::timestamptz[], %(worst_excess_fen)s::bigint[],
            %(worst_excess_permille)s::bigint[], %(worst_cap_fen)s::bigint[], %(worst_cap_unit)s::text[],
            %(overcharge_fen)s::bigint[], %(note)s::text[])
     WITH ORDINALITY AS new (market_id, kind, vendor_id, stall_id, scale_id, species_code, business_day, occurrences,
                             first_at, last_at, worst_excess_fen, worst_excess_permille, worst_cap_fen,
                             worst_cap_unit, overcharge_fen, note, n)
ORDER BY n
ON CONFLICT (market_id, subject, kind, species_code, business_day) WHERE is_counting
DO UPDATE SET
    occurrences = alerts.occurrences + excluded.occurrences,
    first_at = least(alerts.first_at, excluded.first_at),
    last_at = greatest(alerts.last_at, excluded.last_at),
    worst_cap_fen = CASE WHEN (excluded.worst_excess_permille, alerts.first_at)
                              > (alerts.worst_excess_permille, excluded.first_at)
                    THEN excluded.worst_cap_fen ELSE alerts.worst_cap_fen END,
    worst_cap_unit = CASE WHEN (excluded.worst_excess_permille, alerts.first_at)
                              > (alerts.worst_excess_permille, excluded.first_at)
                    THEN excluded.worst_cap_unit ELSE alerts.worst_cap_unit END,
    worst_excess_fen = CASE WHEN (excluded.worst_excess_permille, alerts.first_at)
                                 > (alerts.worst_excess_permille, excluded.first_at)
                            THEN excluded.worst_excess_fen ELSE alerts.worst_excess_fen END,
    worst_excess_permille = greatest(alerts.worst_excess_permille, excluded.worst_excess_permille),
    overcharge_fen = alerts.overcharge_fen + excluded.overcharge_fen,
    updated_at = excluded.updated_at,
    -- It may have grown graver, and then less time is left.
    next_look_at = least(alerts.next_look_at, excluded.next_look_at)
RETURNING market_id, subject, kind, species_code, business_day, alert_id

-- name: add_alert_weighings
-- A line of a journal that conflicts with itself more than once is listed once.
INSERT INTO alert_weighings (alert_id, market_id, scale_id, journal_id, seq, weighed_at, excess_fen, overcharge_fen,
                             excess_permille, cap_fen, cap_unit)
SELECT * FROM unnest(%(alert_id)s::bigint[], %(market_id)s::text[], %(scale_id)s::text[], %(journal_id)s::text[],
                     %(seq)s::bigint[], %(weighed_at)s::timestamptz[], %(excess_fen)s::bigint[],
                     %(overcharge_fen)s::bigint[], %(excess_permille)s::bigint[], %(cap_fen)s::bigint[],
                     %(cap_unit)s::text[])
ON CONFLICT ON CONSTRAINT alert_weighings_pkey DO NOTHING

-- name: visible
-- `market_id` NULL sees every market, each along its index; `states` are those asked for.
SELECT w.*
FROM (
    SELECT one.*
    FROM markets m
    CROSS JOIN LATERAL (
        SELECT a.alert_id, a.state, a.worst_excess_permille, a.overcharge_fen FROM alerts a
        WHERE a.market_id = m.market_id AND a.state = ANY (%(states)s::text[])
          AND (%(vendor_id)s::text IS NULL OR a.vendor_id = %(vendor_id)s)
        OFFSET 0
    ) one
    WHERE %(market_id)s::text IS NULL OR m.market_id = %(market_id)s
    ORDER BY array_position(ARRAY['open', 'acknowledged', 'confirmed', 'rectifying', 'rectified', 'escalated', 'penalised',
                                  'appealed', 'upheld', 'closed', 'dismissed', 'overturned', 'merged', 'withdrawn'],
                            one.state),
             one.worst_excess_permille DESC, one.overcharge_fen DESC, one.alert_id DESC
    LIMIT %(limit)s OFFSET %(offset)s
) page JOIN alerts_in_words w USING (alert_id)
ORDER BY array_position(ARRAY['open', 'acknowledged', 'confirmed', 'rectifying', 'rectified', 'escalated', 'penalised',
                              'appealed', 'upheld', 'closed', 'dismissed', 'overturned', 'merged', 'withdrawn'],
                        page.state),
         page.worst_excess_permille DESC, page.overcharge_fen DESC, page.alert_id DESC

-- name: count_up_to
-- How many there are, counted no further than `most` in all. The order costs nothing along the index, and keeps the planner
-- on it.
SELECT count(*) FROM (
    SELECT 1
    FROM markets m
    CROSS JOIN unnest(%(states)s::text[]) AS asked (state)
    CROSS JOIN LATERAL (
        SELECT 1 FROM alerts a WHERE a.market_id = m.market_id AND a.state = asked.state
        ORDER BY a.updated_at DESC LIMIT %(most)s
    ) one
    WHERE %(market_id)s::text IS NULL OR m.market_id = %(market_id)s
    LIMIT %(most)s
) AS counted

-- name: count_of_vendor
SELECT count(*) FROM (
    SELECT 1
    FROM markets m
    CROSS JOIN LATERAL (
        SELECT 1 FROM alerts a
        WHERE a.market_id = m.market_id AND a.vendor_id = %(vendor_id)s AND a.state = ANY (%(states)s::text[])
        ORDER BY a.opened_at DESC LIMIT %(most)s
    ) one
    WHERE %(market_id)s::text IS NULL OR m.market_id = %(market_id)s
    LIMIT %(most)s
) AS counted

-- name: by_id
SELECT a.* FROM alerts_in_words a
WHERE a.alert_id = %(alert_id)s

-- name: hold
-- Whoever acts on alerts holds them for the length of the transaction, in the order in which ingest takes them (db/alerts.py):
-- by their identity, as Python orders text. NO KEY: rows that only name the alert are inserted meanwhile.
SELECT alert_id FROM alerts
WHERE alert_id = ANY (%(alert_ids)s)
ORDER BY market_id COLLATE "C", subject COLLATE "C", kind COLLATE "C", species_code COLLATE "C", business_day, alert_id
FOR NO KEY UPDATE

-- name: hold_together
-- The same with all that are merged into one of them.
SELECT alert_id FROM alerts
WHERE alert_id = ANY (%(alert_ids)s) OR merged_into = ANY (%(alert_ids)s)
ORDER BY market_id COLLATE "C", subject COLLATE "C", kind COLLATE "C", species_code COLLATE "C", business_day, alert_id
FOR NO KEY UPDATE

-- name: counting
SELECT a.alert_id
FROM unnest(%(market_ids)s::text[], %(subjects)s::text[], %(kinds)s::text[], %(species_codes)s::text[], %(days)s::date[])
     AS asked (market_id, subject, kind, species_code, business_day)
JOIN alerts a USING (market_id, subject, kind, species_code, business_day)
WHERE a.is_counting

-- name: with_merged
-- Alerts, and those that are handled with one of them.
SELECT alert_id FROM alerts WHERE alert_id = ANY (%(alert_ids)s)
UNION
SELECT alert_id FROM alerts WHERE merged_into = ANY (%(alert_ids)s)

-- name: with_twins
-- An alert, those that are handled with it, and of each of these the one that counts on in its place.
WITH merged AS (
    SELECT alert_id, market_id, subject, kind, species_code, business_day FROM alerts WHERE merged_into = %(alert_id)s
)
SELECT alert_id FROM alerts WHERE alert_id = %(alert_id)s
UNION
SELECT alert_id FROM merged
UNION
SELECT twin.alert_id FROM merged m
JOIN alerts twin ON twin.market_id = m.market_id AND twin.subject = m.subject AND twin.kind = m.kind
                AND twin.species_code = m.species_code AND twin.business_day = m.business_day AND twin.is_counting

-- name: store
-- What steps change of an alert; what happened stays what it was.
UPDATE alerts
SET state = %(state)s::text, updated_at = %(updated_at)s::timestamptz, decided_at = %(decided_at)s, decided_by = %(decided_by)s,
    dismiss_reason = %(dismiss_reason)s, assignee = %(assignee)s, rectify_by = %(rectify_by)s,
    merged_into = %(merged_into)s, revision = %(revision)s, due_since = %(due_since)s::timestamptz,
    next_look_at = CASE WHEN %(state)s::text IN ('closed', 'dismissed', 'overturned', 'merged', 'withdrawn') THEN NULL
                        ELSE %(updated_at)s::timestamptz END,
    is_overdue = is_overdue AND state = %(state)s::text AND due_since = %(due_since)s::timestamptz,
    is_counting = CASE %(state)s::text WHEN 'open' THEN true WHEN 'acknowledged' THEN true
                                 WHEN 'merged' THEN is_counting ELSE false END
WHERE alert_id = %(alert_id)s

-- name: handled_with
SELECT a.* FROM alerts_in_words a
WHERE a.merged_into = %(alert_id)s
ORDER BY a.alert_id

-- name: mergeable
-- The other undecided alerts about the same vendor, or the same scale where there is no vendor: the newest first.
SELECT other.*
FROM alerts a
JOIN alerts o ON o.market_id = a.market_id AND o.subject = a.subject AND o.is_counting
             AND o.state IN ('open', 'acknowledged') AND o.alert_id <> a.alert_id
JOIN alerts_in_words other ON other.alert_id = o.alert_id
WHERE a.alert_id = %(alert_id)s
ORDER BY o.last_at DESC, o.alert_id DESC
LIMIT 50

-- name: stop_counting
UPDATE alerts SET is_counting = false WHERE merged_into = %(alert_id)s AND is_counting

-- name: counting_twin
-- The other alert of the same vendor, kind, species and day that new occurrences join.
SELECT twin.alert_id
FROM alerts a
JOIN alerts twin ON twin.market_id = a.market_id AND twin.subject = a.subject AND twin.kind = a.kind
                AND twin.species_code = a.species_code AND twin.business_day = a.business_day AND twin.is_counting
WHERE a.alert_id = %(alert_id)s AND twin.alert_id <> a.alert_id

-- name: count_open
SELECT count(*) FROM alerts WHERE market_id = %(market_id)s AND state IN ('open', 'acknowledged')

-- name: occurrences_after
-- What alerts were raised for, in the order it was stored: for measuring and checking a run.
SELECT aw.occurrence_id, aw.weighed_at
FROM alert_weighings aw JOIN alerts a USING (alert_id)
WHERE a.market_id = %(market_id)s AND aw.occurrence_id > %(occurrence_id)s
  AND a.kind IN ('price_over_cap', 'effective_price_over_cap')
ORDER BY aw.occurrence_id

-- name: last_occurrence
SELECT coalesce(max(occurrence_id), 0) FROM alert_weighings
