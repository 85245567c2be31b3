-- name: stored_digests
-- The digests of those of the asked weighings that are stored.
SELECT asked.n, w.digest
FROM unnest(%(market_ids)s::text[], %(scale_ids)s::text[], %(journal_ids)s::text[], %(seqs)s::bigint[],
            %(moments)s::timestamptz[])
     WITH ORDINALITY AS asked (market_id, scale_id, journal_id, seq, weighed_at, n)
JOIN weighings w USING (market_id, scale_id, journal_id, seq, weighed_at)

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
-- Lines that records say they void, and who has voided them already.
SELECT asked.n, w.net_g, w.amount_fen, w.voids_seq IS NOT NULL AS is_void,
       (SELECT min(v.seq) FROM weighings v
        WHERE v.market_id = w.market_id AND v.scale_id = w.scale_id AND v.journal_id = w.journal_id
          AND v.voids_seq = w.seq AND v.verdict IS NULL) AS voided_by
FROM unnest(%(market_ids)s::text[], %(scale_ids)s::text[], %(journal_ids)s::text[], %(seqs)s::bigint[])
     WITH ORDINALITY AS asked (market_id, scale_id, journal_id, seq, n)
JOIN weighings w USING (market_id, scale_id, journal_id, seq)

-- name: of_alert
-- The weighings of an alert, newest first.
SELECT w.scale_id, w.journal_id, w.seq, w.weighed_at, w.received_at, w.judged_at_arrival, w.stall_id, w.species_code, w.grade,
       w.name, w.net_g, w.pieces, w.unit_price_fen, w.price_unit, w.unit_price_fen_per_kg, w.amount_fen, w.paid_fen,
       w.verdict, w.paid_verdict, w.cap_unit, w.cap_fen, w.cap_list_id, aw.excess_fen, aw.overcharge_fen
FROM alert_weighings aw
JOIN weighings w USING (market_id, scale_id, journal_id, seq, weighed_at)
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
-- When the newest weighing of each visible market was made: stale is not the same as quiet.
SELECT max(weighed_at) FROM weighings WHERE %(market_id)s::text IS NULL OR market_id = %(market_id)s
