-- name: hold
-- Keep what could not be accepted; the same content again is counted, not kept twice.
INSERT INTO quarantine (identity, topic, payload, market_id, scale_id, journal_id, seq, reason, explanation,
                        received_at, last_received_at)
VALUES (%(identity)s, %(topic)s, %(payload)s, %(market_id)s, %(scale_id)s, %(journal_id)s, %(seq)s, %(reason)s,
        %(explanation)s, %(received_at)s, %(received_at)s)
ON CONFLICT (identity) DO UPDATE
SET times_received = quarantine.times_received + 1, last_received_at = excluded.last_received_at
RETURNING times_received = 1

-- name: hold_all
-- Keep many at once. `times` is how often each came in this batch: what is held now as often is new.
INSERT INTO quarantine AS q (identity, topic, payload, market_id, scale_id, journal_id, seq, reason, explanation,
                             received_at, last_received_at, times_received)
SELECT identity, topic, payload, market_id, scale_id, journal_id, seq, reason, explanation, received_at,
       last_received_at, times
FROM unnest(%(identities)b::bytea[], %(topics)s::text[], %(payloads)b::bytea[], %(market_ids)s::text[],
            %(scale_ids)s::text[], %(journal_ids)s::text[], %(seqs)s::bigint[], %(reasons)s::text[],
            %(explanations)s::text[], %(received_ats)s::timestamptz[], %(last_received_ats)s::timestamptz[],
            %(times)s::integer[])
     AS held (identity, topic, payload, market_id, scale_id, journal_id, seq, reason, explanation, received_at,
              last_received_at, times)
ON CONFLICT (identity) DO UPDATE
SET times_received = q.times_received + excluded.times_received, last_received_at = excluded.last_received_at
RETURNING identity, q.times_received

-- name: count_since
SELECT count(*) FROM quarantine WHERE last_received_at >= %(since)s
