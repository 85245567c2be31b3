-- name: by_number
-- The sales of a journal with this number, made in the minute that the ticket's code names; from what was set aside
-- (0013_keeping) where the others of their day are gone.
SELECT w.market_id, w.scale_id, w.journal_id, w.seq, w.weighed_at, w.digest
FROM weighings w
WHERE w.market_id = %(market_id)s AND w.scale_id = %(scale_id)s AND w.journal_id = %(journal_id)s AND w.seq = %(seq)s
  AND w.weighed_at >= %(made_from)s::timestamptz AND w.weighed_at < %(made_until)s::timestamptz
UNION ALL
SELECT aside.market_id, aside.scale_id, aside.journal_id, aside.seq, aside.weighed_at, aside.digest
FROM kept_weighings kept, jsonb_populate_record(NULL::weighings, kept.weighing) aside
WHERE kept.market_id = %(market_id)s AND kept.scale_id = %(scale_id)s AND kept.journal_id = %(journal_id)s
  AND kept.seq = %(seq)s AND kept.weighed_at >= %(made_from)s::timestamptz
  AND kept.weighed_at < %(made_until)s::timestamptz
LIMIT 1

-- name: by_amount
-- Sales of a stall around a time that came to an amount, the nearest in time first.
SELECT w.market_id, w.scale_id, w.journal_id, w.seq, w.weighed_at, w.digest
FROM weighings w
WHERE w.market_id = %(market_id)s AND w.weighed_at >= %(made_from)s::timestamptz
  AND w.weighed_at <= %(made_until)s::timestamptz
  AND w.stall_id = %(stall_id)s AND %(amount_fen)s IN (w.paid_fen, w.amount_fen) AND w.verdict IS NOT NULL
ORDER BY abs(extract(epoch FROM w.weighed_at - %(sold_at)s::timestamptz)), w.scale_id, w.journal_id, w.seq
LIMIT 1

-- name: found_for_staff
-- Sales of a market in a span of time, by stall and amount where they are given, the newest first.
SELECT w.market_id, w.scale_id, w.journal_id, w.seq, w.weighed_at, w.digest
FROM weighings w
WHERE w.market_id = %(market_id)s AND w.weighed_at >= %(made_from)s::timestamptz
  AND w.weighed_at <= %(made_until)s::timestamptz AND w.verdict IS NOT NULL
  AND (%(stall_id)s::text IS NULL OR w.stall_id = %(stall_id)s)
  AND (%(amount_fen)s::bigint IS NULL OR %(amount_fen)s IN (w.paid_fen, w.amount_fen))
ORDER BY w.weighed_at DESC, w.scale_id, w.journal_id, w.seq DESC
LIMIT %(limit)s

-- name: sale
-- One sale as its ticket shows it. `voided_at`: when a later record of its journal took it back.
SELECT w.market_id, m.name AS market_name, m.timezone, w.scale_id, w.journal_id, w.seq, w.weighed_at, w.received_at,
       w.business_day, coalesce(w.judged_at_arrival, false) AS judged_at_arrival, w.stall_id, w.vendor_id,
       coalesce(v.name, '') AS vendor_name, w.species_code, coalesce(s.name_zh, '') AS species_name,
       coalesce(s.name_en, '') AS species_name_en, w.name, w.grade, w.net_g, w.gross_g, w.tare_g, w.pieces,
       w.unit_price_fen, w.price_unit, w.unit_price_fen_per_kg, w.amount_fen, w.discount_fen, w.paid_fen, w.fee_fen,
       w.ticket_no, w.voids_seq, w.verdict, w.paid_verdict, w.cap_list_id, w.cap_unit, w.cap_fen, w.excess_fen,
       w.overcharge_fen, w.digest, void.weighed_at AS voided_at, sc.verified_until, sc.seal_no
FROM (
    SELECT stored.* FROM weighings stored
    WHERE stored.market_id = %(market_id)s AND stored.scale_id = %(scale_id)s AND stored.journal_id = %(journal_id)s
      AND stored.seq = %(seq)s AND stored.weighed_at = %(weighed_at)s
    UNION ALL
    SELECT aside.* FROM kept_weighings kept, jsonb_populate_record(NULL::weighings, kept.weighing) aside
    WHERE kept.market_id = %(market_id)s AND kept.scale_id = %(scale_id)s AND kept.journal_id = %(journal_id)s
      AND kept.seq = %(seq)s AND kept.weighed_at = %(weighed_at)s
    LIMIT 1
) w
JOIN markets m ON m.market_id = w.market_id
LEFT JOIN vendors v ON v.market_id = w.market_id AND v.vendor_id = w.vendor_id
LEFT JOIN species s ON s.species_code = w.species_code
LEFT JOIN scales sc ON sc.market_id = w.market_id AND sc.scale_id = w.scale_id
LEFT JOIN LATERAL (
    SELECT later.weighed_at FROM weighings later
    WHERE later.market_id = w.market_id AND later.scale_id = w.scale_id AND later.journal_id = w.journal_id
      AND later.voids_seq = w.seq AND later.voids_seq IS NOT NULL AND later.verdict IS NULL
    ORDER BY later.seq LIMIT 1
) void ON true

-- name: reweighings
-- What fair scales showed of a sale, the last one first.
SELECT reweighing_id, settled_g, actual_g, tolerance_g, is_statutory, is_short, fair_scale, entered_at
FROM reweighings
WHERE market_id = %(market_id)s AND scale_id = %(scale_id)s AND journal_id = %(journal_id)s AND seq = %(seq)s
  AND weighed_at = %(weighed_at)s
ORDER BY reweighing_id DESC LIMIT 20
