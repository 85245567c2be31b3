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
-- Keep many at once. `times` is how often each came in this batch: what is held now as often is new. Bytes are one after
-- the other, words have a blank between them and are nothing where there is NULL.
INSERT INTO quarantine AS q (identity, topic, payload, market_id, scale_id, journal_id, seq, reason, explanation,
                             received_at, last_received_at, times_received)
SELECT substring(%(identities)b::bytea FROM 32 * n::integer - 31 FOR 32), topic,
       substring(%(payloads)b::bytea FROM (sum(size) OVER (ORDER BY n) - size)::integer + 1 FOR size),
       market_id, scale_id, journal_id, seq, reason, explanation, received_at, last_received_at, times
FROM unnest(ARRAY(SELECT json_array_elements_text(%(topics)s::json)),
            ARRAY(SELECT json_array_elements_text(%(explanations)s::json)),
            string_to_array(%(sizes)s, ' ')::integer[],
            string_to_array(%(market_ids)s, ' ', ''), string_to_array(%(scale_ids)s, ' ', ''),
            string_to_array(%(journal_ids)s, ' ', ''), string_to_array(%(seqs)s, ' ', '')::bigint[],
            string_to_array(%(reasons)s, ' '), string_to_array(%(received_ats)s, ' ')::timestamptz[],
            string_to_array(%(last_received_ats)s, ' ')::timestamptz[], string_to_array(%(times)s, ' ')::integer[])
     WITH ORDINALITY
     AS held (topic, explanation, size, market_id, scale_id, journal_id, seq, reason, received_at, last_received_at,
              times, n)
ORDER BY n
ON CONFLICT (identity) DO UPDATE
SET times_received = q.times_received + excluded.times_received, last_received_at = excluded.last_received_at
RETURNING identity, q.times_received

-- name: count_since
SELECT count(*) FROM quarantine WHERE last_received_at >= %(since)s
