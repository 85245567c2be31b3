-- name: stored_digests
-- The digests of those of the asked weighings that are stored. All were made in a span of time: a hypertable then opens
-- no more chunks than it must.
SELECT asked.n, w.digest
FROM unnest(%(market_ids)s::text[], %(scale_ids)s::text[], %(journal_ids)s::text[], %(seqs)s::bigint[],
            %(moments)s::timestamptz[])
     WITH ORDINALITY AS asked (market_id, scale_id, journal_id, seq, weighed_at, n)
JOIN weighings w USING (market_id, scale_id, journal_id, seq, weighed_at)
WHERE w.weighed_at BETWEEN %(made_from)s::timestamptz AND %(made_to)s::timestamptz

-- name: create_staging
-- One a connection: COPY has no ON CONFLICT, so a batch that is not all new lands here first.
CREATE TEMP TABLE IF NOT EXISTS staged_weighings (LIKE weighings INCLUDING DEFAULTS) ON COMMIT DELETE ROWS

-- name: copy_weighings
-- The journals say that all of them are new, so nothing stands in their way.
COPY weighings (
    market_id, scale_id, journal_id, stall_id, vendor_id, species_code, grade, plu, name,
    price_unit, verdict, paid_verdict, cap_list_id, cap_unit, cap_fen,
    seq, weighed_at, received_at, business_day, net_g, clock_synced, judged_at_arrival, unit_price_fen, amount_fen,
    discount_fen, paid_fen, fee_fen, excess_fen, overcharge_fen,
    gross_g, tare_g, zero_offset_g, pieces, stable, unit_price_fen_per_kg, voids_seq,
    ticket_no, digest, body
) FROM STDIN (FORMAT BINARY)

-- name: copy_to_staging
COPY staged_weighings (
    market_id, scale_id, journal_id, stall_id, vendor_id, species_code, grade, plu, name,
    price_unit, verdict, paid_verdict, cap_list_id, cap_unit, cap_fen,
    seq, weighed_at, received_at, business_day, net_g, clock_synced, judged_at_arrival, unit_price_fen, amount_fen,
    discount_fen, paid_fen, fee_fen, excess_fen, overcharge_fen,
    gross_g, tare_g, zero_offset_g, pieces, stable, unit_price_fen_per_kg, voids_seq,
    ticket_no, digest, body
) FROM STDIN (FORMAT BINARY)

-- name: store_staged
-- Returns the weighings that were new, and only those.
INSERT INTO weighings
SELECT * FROM staged_weighings
ON CONFLICT (market_id, scale_id, journal_id, seq, weighed_at) DO NOTHING
RETURNING market_id, scale_id, journal_id, seq, weighed_at

-- name: void_targets
-- Lines that records say they void, among those made in a span of time.
SELECT asked.n, w.net_g, w.amount_fen, w.voids_seq IS NOT NULL AS is_void
FROM unnest(%(market_ids)s::text[], %(scale_ids)s::text[], %(journal_ids)s::text[], %(seqs)s::bigint[])
     WITH ORDINALITY AS asked (market_id, scale_id, journal_id, seq, n)
JOIN weighings w USING (market_id, scale_id, journal_id, seq)
WHERE w.weighed_at >= %(made_from)s::timestamptz AND w.weighed_at < %(made_until)s::timestamptz

-- name: voided_already
-- Who has voided lines before, whenever that was: the index of voids is small.
SELECT asked.n, min(v.seq) AS voided_by
FROM unnest(%(market_ids)s::text[], %(scale_ids)s::text[], %(journal_ids)s::text[], %(seqs)s::bigint[])
     WITH ORDINALITY AS asked (market_id, scale_id, journal_id, seq, n)
JOIN weighings v ON v.market_id = asked.market_id AND v.scale_id = asked.scale_id AND v.journal_id = asked.journal_id
                AND v.voids_seq = asked.seq AND v.voids_seq IS NOT NULL AND v.verdict IS NULL
GROUP BY asked.n

-- name: span_of_alert
-- When the first and the last weighing of an alert were made.
SELECT min(weighed_at), max(weighed_at) FROM alert_weighings WHERE alert_id = %(alert_id)s

-- name: of_alert
-- The weighings of an alert, newest first, all of them made in a span of time; from what was set aside (0013_keeping)
-- where the others of their day are gone. What was set aside before a column was there has none of it.
SELECT w.scale_id, w.journal_id, w.seq, w.weighed_at, w.received_at,
       coalesce(w.judged_at_arrival, false) AS judged_at_arrival, w.stall_id, w.species_code, w.grade, w.name,
       w.net_g, w.pieces, w.unit_price_fen, w.price_unit, w.unit_price_fen_per_kg, w.amount_fen, w.paid_fen,
       w.verdict, w.paid_verdict, w.cap_unit, w.cap_fen, w.cap_list_id, aw.excess_fen, aw.overcharge_fen
FROM alert_weighings aw
CROSS JOIN LATERAL (
    SELECT stored.* FROM weighings stored
    WHERE stored.market_id = aw.market_id AND stored.scale_id = aw.scale_id AND stored.journal_id = aw.journal_id
      AND stored.seq = aw.seq AND stored.weighed_at = aw.weighed_at
      AND stored.weighed_at BETWEEN %(made_from)s::timestamptz AND %(made_to)s::timestamptz
    UNION ALL
    SELECT aside.* FROM kept_weighings kept, jsonb_populate_record(NULL::weighings, kept.weighing) aside
    WHERE kept.market_id = aw.market_id AND kept.scale_id = aw.scale_id AND kept.journal_id = aw.journal_id
      AND kept.seq = aw.seq AND kept.weighed_at = aw.weighed_at
    LIMIT 1
) w
WHERE aw.alert_id = %(alert_id)s
ORDER BY w.weighed_at DESC
LIMIT %(limit)s

-- name: sales_since
-- What was stored of a market since a moment, in each journal's order: for checking a run against its truth.
SELECT w.scale_id, w.seq, w.weighed_at, w.species_code, w.grade, w.plu, w.net_g, w.unit_price_fen, w.price_unit,
       w.amount_fen, w.verdict, w.paid_verdict
FROM weighings w
WHERE w.market_id = %(market_id)s AND w.weighed_at >= %(since)s
ORDER BY w.scale_id, w.journal_id, w.seq, w.weighed_at

-- name: count_since
SELECT count(*) FROM weighings WHERE market_id = %(market_id)s AND weighed_at >= %(since)s

-- name: newest
-- When the newest weighing of each visible market was made: stale is not the same as quiet. One look a market and chunk.
-- A clock that is ahead would hide for hours that nothing comes any more: what is not yet does not count.
SELECT max(one.weighed_at)
FROM markets m
CROSS JOIN LATERAL (
    SELECT w.weighed_at FROM weighings w WHERE w.market_id = m.market_id AND w.weighed_at <= %(now)s::timestamptz
    ORDER BY w.weighed_at DESC LIMIT 1
) one
WHERE %(market_id)s::text IS NULL OR m.market_id = %(market_id)s
