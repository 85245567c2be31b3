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
SELECT k.n, coalesce(upper(j.received) - 1, 0) AS highest
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
-- Account for seqs, and return up to where nothing is missing.
UPDATE journals j
SET received = j.received + k.added::int8multirange, last_seen_at = %(now)s
FROM unnest(string_to_array(%(market_ids)s, ' '), string_to_array(%(scale_ids)s, ' '),
            string_to_array(%(journal_ids)s, ' '),
            string_to_array(%(added)s, ' '))
     WITH ORDINALITY AS k (market_id, scale_id, journal_id, added, n)
WHERE j.market_id = k.market_id AND j.scale_id = k.scale_id AND j.journal_id = k.journal_id
RETURNING k.n, coalesce((SELECT upper(r) - 1 FROM unnest(j.received) AS r WHERE r @> 1::bigint), 0) AS committed_seq
