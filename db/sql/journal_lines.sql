-- name: stored_lines
-- Lines of journals that are stored as weighings, among those made in a span of time: a hypertable then opens no more
-- chunks than it must. OFFSET 0: one look into an index for each that is asked; a plan that is kept for any number of
-- them would rather read the whole table, where one journal is most of it.
SELECT asked.n, w.seq, w.digest, w.body
FROM unnest(%(market_ids)s::text[], %(scale_ids)s::text[], %(journal_ids)s::text[], %(first_seqs)s::bigint[],
            %(last_seqs)s::bigint[])
     WITH ORDINALITY AS asked (market_id, scale_id, journal_id, first_seq, last_seq, n)
CROSS JOIN LATERAL (
    SELECT seq, digest, body
    FROM weighings
    WHERE market_id = asked.market_id AND scale_id = asked.scale_id AND journal_id = asked.journal_id
      AND seq BETWEEN asked.first_seq AND asked.last_seq
      AND weighed_at >= %(made_from)s::timestamptz AND weighed_at < %(made_until)s::timestamptz
    OFFSET 0
) AS w

-- name: held_lines
-- Lines of journals that are held in quarantine; what was held first is the line, whatever came with its seq later.
SELECT DISTINCT ON (asked.n, q.seq) asked.n, q.seq, q.payload
FROM unnest(%(market_ids)s::text[], %(scale_ids)s::text[], %(journal_ids)s::text[], %(first_seqs)s::bigint[],
            %(last_seqs)s::bigint[])
     WITH ORDINALITY AS asked (market_id, scale_id, journal_id, first_seq, last_seq, n)
CROSS JOIN LATERAL (
    SELECT seq, payload, quarantine_id
    FROM quarantine
    WHERE market_id = asked.market_id AND scale_id = asked.scale_id AND journal_id = asked.journal_id
      AND seq BETWEEN asked.first_seq AND asked.last_seq
    OFFSET 0  -- see stored_lines
) AS q
ORDER BY asked.n, q.seq, q.quarantine_id

-- name: witnesses
-- For each asked line: when it was made and whose the scale was then, if it is stored as a weighing made in a span of
-- time; else whose the scale was at the given moment.
SELECT asked.n, w.seq IS NOT NULL AS is_stored, coalesce(w.weighed_at, asked.moment), coalesce(w.business_day, at_moment.business_day),
       CASE WHEN w.seq IS NULL THEN at_moment.stall_id ELSE w.stall_id END,
       CASE WHEN w.seq IS NULL THEN at_moment.vendor_id ELSE w.vendor_id END
FROM unnest(%(market_ids)s::text[], %(scale_ids)s::text[], %(journal_ids)s::text[], %(first_seqs)s::bigint[],
            %(moments)s::timestamptz[])
     WITH ORDINALITY AS asked (market_id, scale_id, journal_id, seq, moment, n)
LEFT JOIN weighings w
       ON w.market_id = asked.market_id AND w.scale_id = asked.scale_id AND w.journal_id = asked.journal_id
      AND w.seq = asked.seq
      AND w.weighed_at >= %(made_from)s::timestamptz AND w.weighed_at < %(made_until)s::timestamptz
LEFT JOIN LATERAL (
    SELECT b.stall_id, b.vendor_id, (asked.moment AT TIME ZONE m.timezone)::date AS business_day
    FROM markets m
    LEFT JOIN scale_bindings b
           ON b.market_id = m.market_id AND b.scale_id = asked.scale_id AND b.valid @> asked.moment
    WHERE m.market_id = asked.market_id
) at_moment ON true
ORDER BY asked.n
