-- name: open_journals
-- Make sure each journal has its row; sorted, so that two workers never wait for each other in a circle.
INSERT INTO journals (market_id, scale_id, journal_id, first_seen_at, last_seen_at)
SELECT market_id, scale_id, journal_id, %(now)s, %(now)s
FROM unnest(string_to_array(%(market_ids)s, ' '), string_to_array(%(scale_ids)s, ' '),
            string_to_array(%(journal_ids)s, ' '))
     AS k (market_id, scale_id, journal_id)
ORDER BY 1, 2, 3
ON CONFLICT (market_id, scale_id, journal_id) DO NOTHING

-- name: lock_journals
-- One worker at a time decides what of a journal is new. Above `highest` everything is.
SELECT k.n, coalesce(upper(j.received) - 1, 0) AS highest, j.clock_told_on,
       j.clock_since, j.clock_until, j.clock_ahead_ms, j.clock_settled_ms
FROM journals j
JOIN (SELECT *
      FROM unnest(string_to_array(%(market_ids)s, ' '), string_to_array(%(scale_ids)s, ' '),
                  string_to_array(%(journal_ids)s, ' '))
           WITH ORDINALITY AS asked (market_id, scale_id, journal_id, n)) AS k
     USING (market_id, scale_id, journal_id)
ORDER BY j.market_id, j.scale_id, j.journal_id
FOR UPDATE OF j

-- name: already_received
-- Of the asked keys, the numbers of those whose seq is accounted for already.
SELECT asked.n
FROM unnest(string_to_array(%(market_ids)s, ' '), string_to_array(%(scale_ids)s, ' '),
            string_to_array(%(journal_ids)s, ' '),
            string_to_array(%(seqs)s, ' ')::bigint[])
     WITH ORDINALITY AS asked (market_id, scale_id, journal_id, seq, n)
JOIN journals j USING (market_id, scale_id, journal_id)
WHERE j.received @> asked.seq

-- name: add_received
-- Account for seqs, and return up to where nothing is missing. What messages do not say of a sender's clock stays.
UPDATE journals j
SET received = j.received + k.added::int8multirange, last_seen_at = %(now)s,
    clock_since = coalesce(k.since, j.clock_since),
    clock_until = coalesce(k.until, j.clock_until),
    clock_ahead_ms = coalesce(k.ahead_ms, j.clock_ahead_ms),
    clock_settled_ms = CASE WHEN k.since IS NULL THEN j.clock_settled_ms ELSE k.settled_ms END,
    clock_told_on = coalesce(k.told_on, j.clock_told_on)
FROM unnest(string_to_array(%(market_ids)s, ' '), string_to_array(%(scale_ids)s, ' '),
            string_to_array(%(journal_ids)s, ' '),
            string_to_array(%(added)s, ' '),
            %(since)s::timestamptz[], %(until)s::timestamptz[], %(ahead_ms)s::bigint[], %(settled_ms)s::bigint[],
            %(told_on)s::date[])
     WITH ORDINALITY AS k (market_id, scale_id, journal_id, added, since, until, ahead_ms, settled_ms, told_on, n)
WHERE j.market_id = k.market_id AND j.scale_id = k.scale_id AND j.journal_id = k.journal_id
RETURNING k.n, coalesce((SELECT upper(r) - 1 FROM unnest(j.received) AS r WHERE r @> 1::bigint), 0) AS committed_seq
