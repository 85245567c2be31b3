-- name: try_to_rejudge
-- One at a time, whichever worker: two would count an alert's occurrences twice.
SELECT pg_try_advisory_xact_lock(hashtext('steelyard rejudging'))

-- name: request
INSERT INTO rejudgements (cause, about, span, market_id, scale_id, vendor_id, requested_at, requested_by)
VALUES ('by_hand', %(about)s, tstzrange(%(since)s, %(until)s), %(market_id)s, %(scale_id)s, %(vendor_id)s, %(now)s, %(by)s)
RETURNING rejudgement_id

-- name: next
-- The oldest that is not done; who looks at it holds it until the slice is committed.
SELECT rejudgement_id, cause, about, lower(span)::text AS since, upper(span)::text AS until, area, channel, market_id,
       scale_id, vendor_id, species_codes, names, started_at, at_market, by_arrival, reached
FROM rejudgements
WHERE finished_at IS NULL
ORDER BY rejudgement_id
LIMIT 1
FOR UPDATE

-- name: markets
SELECT m.market_id FROM markets m
WHERE (%(market_id)s::text IS NULL OR m.market_id = %(market_id)s) AND (%(area)s::text IS NULL OR m.area = %(area)s)
  AND (%(channel)s::text IS NULL OR m.channel = %(channel)s)
ORDER BY m.market_id COLLATE "C"  -- as Python orders them

-- name: expected
-- How many it is about, at its start: for whoever watches.
SELECT count(*) FROM weighings w
WHERE w.market_id = ANY (%(markets)s)
  AND w.weighed_at >= %(since)s::timestamptz AND w.weighed_at < %(until)s::timestamptz
  AND (%(scale_id)s::text IS NULL OR w.scale_id = %(scale_id)s)
  AND (%(vendor_id)s::text IS NULL OR w.vendor_id = %(vendor_id)s)
  AND (%(species_codes)s::text[] IS NULL OR w.species_code = ANY (%(species_codes)s))
  AND (%(names)s::text[] IS NULL OR w.name = ANY (%(names)s))

-- name: slice_begin
-- Where the first of what is left was made, and so many days after it: who looks for a rare name looks through no more at once.
SELECT least(%(until)s::timestamptz, first_at + %(most)s::interval) AS horizon,
       first_at + %(most)s::interval < %(until)s::timestamptz AS is_more
FROM (SELECT min(CASE WHEN %(by_arrival)s THEN w.received_at ELSE w.weighed_at END) AS first_at
      FROM weighings w
      WHERE w.market_id = %(market_id)s
        AND CASE WHEN %(by_arrival)s
            THEN w.judged_at_arrival AND w.received_at >= %(since)s::timestamptz AND w.received_at < %(until)s::timestamptz
            ELSE NOT w.judged_at_arrival AND w.weighed_at >= %(since)s::timestamptz AND w.weighed_at < %(until)s::timestamptz END
     ) AS found
WHERE first_at IS NOT NULL

-- name: slice_end
-- Where the next so many end. Those judged by their arrival come in a turn of their own. The constants of the CASE are known
-- when it is planned, so of each of the two turns only what it needs is left of it.
SELECT CASE WHEN %(by_arrival)s THEN w.received_at ELSE w.weighed_at END
FROM weighings w
WHERE w.market_id = %(market_id)s
  AND CASE WHEN %(by_arrival)s
      THEN w.judged_at_arrival AND w.received_at >= %(since)s::timestamptz AND w.received_at < %(until)s::timestamptz
      ELSE NOT w.judged_at_arrival AND w.weighed_at >= %(since)s::timestamptz AND w.weighed_at < %(until)s::timestamptz END
  AND (%(scale_id)s::text IS NULL OR w.scale_id = %(scale_id)s)
  AND (%(vendor_id)s::text IS NULL OR w.vendor_id = %(vendor_id)s)
  AND (%(species_codes)s::text[] IS NULL OR w.species_code = ANY (%(species_codes)s))
  AND (%(names)s::text[] IS NULL OR w.name = ANY (%(names)s))
ORDER BY 1 OFFSET %(size)s LIMIT 1

-- name: slice
-- A column each, in one row: an array is read at once. What may be left out is 0 where it was, and has a column that says
-- where it is there.
SELECT array_agg(w.scale_id) AS scale_id, array_agg(w.journal_id) AS journal_id, array_agg(w.seq) AS seq,
       array_agg(w.weighed_at) AS weighed_at, array_agg(w.received_at) AS received_at,
       array_agg(w.clock_synced) AS clock_synced, array_agg(w.plu) AS plu, array_agg(w.species_code) AS species_code,
       array_agg(w.grade) AS grade, array_agg(w.name) AS name, array_agg(w.net_g) AS net_g,
       array_agg(w.unit_price_fen) AS unit_price_fen, array_agg(w.price_unit) AS price_unit,
       array_agg(w.amount_fen) AS amount_fen, array_agg(w.discount_fen) AS discount_fen,
       array_agg(w.paid_fen) AS paid_fen, array_agg(w.fee_fen) AS fee_fen, array_agg(w.excess_fen) AS excess_fen,
       array_agg(w.overcharge_fen) AS overcharge_fen, array_agg(w.stall_id) AS stall_id,
       array_agg(w.vendor_id) AS vendor_id, array_agg(w.verdict) AS verdict, array_agg(w.paid_verdict) AS paid_verdict,
       array_agg(coalesce(w.cap_list_id, 0)) AS cap_list_id,
       array_agg(w.cap_list_id IS NOT NULL) AS has_cap_list_id, array_agg(w.cap_unit) AS cap_unit,
       array_agg(coalesce(w.cap_fen, 0)) AS cap_fen, array_agg(w.cap_fen IS NOT NULL) AS has_cap_fen,
       array_agg(coalesce(w.gross_g, 0)) AS gross_g,
       array_agg(w.gross_g IS NOT NULL) AS has_gross_g, array_agg(coalesce(w.tare_g, 0)) AS tare_g,
       array_agg(w.tare_g IS NOT NULL) AS has_tare_g, array_agg(coalesce(w.zero_offset_g, 0)) AS zero_offset_g,
       array_agg(w.zero_offset_g IS NOT NULL) AS has_zero_offset_g, array_agg(coalesce(w.pieces, 0)) AS pieces,
       array_agg(w.pieces IS NOT NULL) AS has_pieces,
       array_agg(coalesce(w.unit_price_fen_per_kg, 0)) AS unit_price_fen_per_kg,
       array_agg(w.unit_price_fen_per_kg IS NOT NULL) AS has_unit_price_fen_per_kg,
       array_agg(coalesce(w.voids_seq, 0)) AS voids_seq, array_agg(w.voids_seq IS NOT NULL) AS has_voids_seq,
       array_agg(coalesce(w.stable, false)) AS stable, array_agg(w.stable IS NOT NULL) AS has_stable,
       CASE WHEN %(with_body)s THEN array_agg(w.body) END AS body
FROM weighings w
WHERE w.market_id = %(market_id)s
  AND CASE WHEN %(by_arrival)s
      THEN w.judged_at_arrival AND w.received_at >= %(since)s::timestamptz AND w.received_at < %(until)s::timestamptz
      ELSE NOT w.judged_at_arrival AND w.weighed_at >= %(since)s::timestamptz AND w.weighed_at < %(until)s::timestamptz END
  AND (%(scale_id)s::text IS NULL OR w.scale_id = %(scale_id)s)
  AND (%(vendor_id)s::text IS NULL OR w.vendor_id = %(vendor_id)s)
  AND (%(species_codes)s::text[] IS NULL OR w.species_code = ANY (%(species_codes)s))
  AND (%(names)s::text[] IS NULL OR w.name = ANY (%(names)s))

-- name: make_changes
CREATE TEMPORARY TABLE IF NOT EXISTS rejudged (
    market_id text, scale_id text, journal_id text, stall_id text, vendor_id text, species_code text, verdict text,
    paid_verdict text, cap_list_id bigint, cap_unit text, cap_fen bigint, seq bigint, weighed_at timestamptz,
    excess_fen bigint, overcharge_fen bigint
) ON COMMIT DELETE ROWS

-- name: forget_changes
TRUNCATE rejudged

-- name: copy_changes
COPY rejudged FROM STDIN (FORMAT binary)

-- name: write_changes
-- The bounds let chunks be left out that cannot hold any of them.
UPDATE weighings w
SET stall_id = r.stall_id, vendor_id = r.vendor_id, species_code = r.species_code, verdict = r.verdict,
    paid_verdict = r.paid_verdict, cap_list_id = r.cap_list_id, cap_unit = r.cap_unit, cap_fen = r.cap_fen,
    excess_fen = r.excess_fen, overcharge_fen = r.overcharge_fen
FROM rejudged r
WHERE w.market_id = %(market_id)s AND w.market_id = r.market_id AND w.scale_id = r.scale_id
  AND w.journal_id = r.journal_id AND w.seq = r.seq AND w.weighed_at = r.weighed_at
  AND w.weighed_at BETWEEN %(earliest)s::timestamptz AND %(latest)s::timestamptz

-- name: standing
-- What alerts of some kinds say of weighings made in a span of time.
SELECT aw.alert_id, aw.scale_id, aw.journal_id, aw.seq, aw.weighed_at, aw.excess_fen, aw.overcharge_fen,
       aw.excess_permille, aw.cap_fen, aw.cap_unit, aw.withdrawn_by IS NULL AS stands,
       a.kind, a.subject, a.species_code, a.business_day, a.state
FROM alert_weighings aw
JOIN alerts a USING (alert_id)
WHERE aw.market_id = %(market_id)s
  AND aw.weighed_at BETWEEN %(earliest)s::timestamptz AND %(latest)s::timestamptz AND a.kind = ANY (%(kinds)s)

-- name: withdraw_occurrences
UPDATE alert_weighings aw SET withdrawn_by = %(rejudgement_id)s
FROM unnest(%(alert_id)s::bigint[], %(scale_id)s::text[], %(journal_id)s::text[], %(seq)s::bigint[],
            %(weighed_at)s::timestamptz[]) AS gone (alert_id, scale_id, journal_id, seq, weighed_at)
WHERE aw.alert_id = gone.alert_id AND aw.scale_id = gone.scale_id AND aw.journal_id = gone.journal_id
  AND aw.seq = gone.seq AND aw.weighed_at = gone.weighed_at AND aw.withdrawn_by IS NULL

-- name: correct_occurrences
UPDATE alert_weighings aw
SET excess_fen = c.excess_fen, overcharge_fen = c.overcharge_fen, excess_permille = c.excess_permille,
    cap_fen = c.cap_fen, cap_unit = c.cap_unit, withdrawn_by = NULL
FROM unnest(%(alert_id)s::bigint[], %(scale_id)s::text[], %(journal_id)s::text[], %(seq)s::bigint[],
            %(weighed_at)s::timestamptz[], %(excess_fen)s::bigint[], %(overcharge_fen)s::bigint[],
            %(excess_permille)s::bigint[], %(cap_fen)s::bigint[], %(cap_unit)s::text[])
     AS c (alert_id, scale_id, journal_id, seq, weighed_at, excess_fen, overcharge_fen, excess_permille, cap_fen, cap_unit)
WHERE aw.alert_id = c.alert_id AND aw.scale_id = c.scale_id AND aw.journal_id = c.journal_id AND aw.seq = c.seq
  AND aw.weighed_at = c.weighed_at

-- name: recount
-- An alert that nobody decided on says what those of its occurrences say that stand.
UPDATE alerts a
SET occurrences = c.occurrences, first_at = c.first_at, last_at = c.last_at, overcharge_fen = c.overcharge_fen,
    worst_excess_fen = c.worst_excess_fen, worst_excess_permille = c.worst_excess_permille,
    worst_cap_fen = c.worst_cap_fen, worst_cap_unit = c.worst_cap_unit, updated_at = %(now)s
FROM (SELECT aw.alert_id, count(*) AS occurrences, min(aw.weighed_at) AS first_at, max(aw.weighed_at) AS last_at,
             sum(aw.overcharge_fen) AS overcharge_fen,
             (array_agg(aw.excess_fen ORDER BY aw.excess_permille DESC, aw.excess_fen DESC, aw.weighed_at))[1] AS worst_excess_fen,
             max(aw.excess_permille) AS worst_excess_permille,
             (array_agg(aw.cap_fen ORDER BY aw.excess_permille DESC, aw.excess_fen DESC, aw.weighed_at))[1] AS worst_cap_fen,
             (array_agg(aw.cap_unit ORDER BY aw.excess_permille DESC, aw.excess_fen DESC, aw.weighed_at))[1] AS worst_cap_unit
      FROM alert_weighings aw
      WHERE aw.alert_id = ANY (%(alert_ids)s) AND aw.withdrawn_by IS NULL
      GROUP BY aw.alert_id) AS c
WHERE a.alert_id = c.alert_id AND a.is_counting

-- name: without_occurrences
-- Those of which nothing stands any more.
SELECT a.alert_id, a.state FROM alerts a
WHERE a.alert_id = ANY (%(alert_ids)s)
  AND NOT EXISTS (SELECT FROM alert_weighings aw WHERE aw.alert_id = a.alert_id AND aw.withdrawn_by IS NULL)
ORDER BY a.alert_id

-- name: begin
UPDATE rejudgements SET started_at = %(now)s, expected = %(expected)s WHERE rejudgement_id = %(rejudgement_id)s

-- name: note_progress
UPDATE rejudgements
SET at_market = %(at_market)s, by_arrival = %(by_arrival)s, reached = %(reached)s, looked_at = looked_at + %(looked_at)s,
    changed = changed + %(changed)s, raised = raised + %(raised)s, withdrawn = withdrawn + %(withdrawn)s,
    finished_at = %(finished_at)s
WHERE rejudgement_id = %(rejudgement_id)s

-- name: recent
SELECT r.rejudgement_id, r.cause, r.about, lower(r.span) AS since, upper(r.span) AS until, r.area, r.channel, r.market_id,
       r.scale_id, r.vendor_id, r.species_codes, r.names, r.requested_at, r.requested_by, r.started_at, r.finished_at,
       r.expected, r.looked_at, r.changed, r.raised, r.withdrawn
FROM rejudgements r
WHERE (%(market_id)s::text IS NULL
       OR EXISTS (SELECT FROM markets m
                  WHERE m.market_id = %(market_id)s AND (r.market_id IS NULL OR r.market_id = m.market_id)
                    AND (r.area IS NULL OR r.area = m.area) AND (r.channel IS NULL OR r.channel = m.channel)))
  AND (%(cause)s::text IS NULL OR r.cause = %(cause)s) AND (%(about)s::text IS NULL OR r.about = %(about)s)
ORDER BY r.rejudgement_id DESC
LIMIT %(limit)s

-- name: count_waiting
SELECT count(*) FROM rejudgements WHERE finished_at IS NULL

-- name: after
-- The next moment there is.
SELECT %(moment)s::timestamptz + interval '1 microsecond'
