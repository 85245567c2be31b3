-- name: try_to_watch
-- One worker looks; when its connection ends, however it ends, another one gets the lock.
SELECT pg_try_advisory_lock(hashtextextended('steelyard/continuity', 0))

-- name: changed
-- Journals of which something came that was not looked at yet, after one of them. `since` NULL: whenever it came.
SELECT j.market_id, j.scale_id, j.journal_id, j.received, coalesce(c.seen, '{}') AS seen
FROM journals j
LEFT JOIN continuity c USING (market_id, scale_id, journal_id)
WHERE (j.market_id, j.scale_id, j.journal_id)
      > (%(market_id)s::text, %(scale_id)s::text, %(journal_id)s::text)
  AND (%(since)s::timestamptz IS NULL OR j.last_seen_at >= %(since)s)
  AND j.received IS DISTINCT FROM coalesce(c.seen, '{}')
ORDER BY j.market_id, j.scale_id, j.journal_id
LIMIT %(limit)s

-- name: set_seen
-- Added to what another look may have seen meanwhile; sorted, so that two never wait for each other in a circle.
INSERT INTO continuity AS c (market_id, scale_id, journal_id, seen)
SELECT k.market_id, k.scale_id, k.journal_id, k.seen::int8multirange
FROM unnest(%(market_ids)s::text[], %(scale_ids)s::text[], %(journal_ids)s::text[], %(ranges)s::text[])
     AS k (market_id, scale_id, journal_id, seen)
ORDER BY 1, 2, 3
ON CONFLICT (market_id, scale_id, journal_id) DO UPDATE SET seen = c.seen + excluded.seen

-- name: unfilled_gaps
SELECT g.gap_id, g.market_id, g.scale_id, g.journal_id, g.first_seq, g.last_seq, g.missing
FROM unnest(%(market_ids)s::text[], %(scale_ids)s::text[], %(journal_ids)s::text[])
     AS k (market_id, scale_id, journal_id)
JOIN journal_gaps g USING (market_id, scale_id, journal_id)
WHERE g.filled_at IS NULL
ORDER BY g.gap_id

-- name: note_gaps
INSERT INTO journal_gaps (market_id, scale_id, journal_id, first_seq, last_seq, missing, noticed_at)
SELECT k.market_id, k.scale_id, k.journal_id, k.first_seq, k.last_seq,
       int8multirange(int8range(k.first_seq, k.last_seq, '[]')), %(now)s
FROM unnest(%(market_ids)s::text[], %(scale_ids)s::text[], %(journal_ids)s::text[], %(first_seqs)s::bigint[],
            %(last_seqs)s::bigint[]) AS k (market_id, scale_id, journal_id, first_seq, last_seq)
ORDER BY 1, 2, 3, 4
ON CONFLICT (market_id, scale_id, journal_id, first_seq) DO NOTHING

-- name: note_missing
-- A look that knew less than another one before it adds nothing back.
UPDATE journal_gaps g
SET missing = g.missing * k.missing::int8multirange,
    filled_at = CASE WHEN isempty(g.missing * k.missing::int8multirange) THEN %(now)s::timestamptz END
FROM unnest(%(gap_ids)s::bigint[], %(ranges)s::text[]) AS k (gap_id, missing)
WHERE g.gap_id = k.gap_id AND g.filled_at IS NULL

-- name: note_breaks
-- A line is found not to follow once.
INSERT INTO chain_breaks (market_id, scale_id, journal_id, seq, fault, found_at)
SELECT k.market_id, k.scale_id, k.journal_id, k.seq, k.fault, %(now)s
FROM unnest(%(market_ids)s::text[], %(scale_ids)s::text[], %(journal_ids)s::text[], %(seqs)s::bigint[],
            %(faults)s::text[]) AS k (market_id, scale_id, journal_id, seq, fault)
ORDER BY 1, 2, 3, 4
ON CONFLICT (market_id, scale_id, journal_id, seq) DO NOTHING

-- name: due_gaps
-- Gaps whose grace is over and that nobody was told of; whoever else reports now leaves these alone.
SELECT gap_id AS finding_id, market_id, scale_id, journal_id, last_seq + 1 AS seq, noticed_at AS found_at, missing
FROM journal_gaps
WHERE filled_at IS NULL AND alert_id IS NULL AND noticed_at <= %(noticed_until)s
ORDER BY market_id, scale_id, journal_id, first_seq
LIMIT %(limit)s
FOR UPDATE SKIP LOCKED

-- name: due_breaks
-- Breaks that nobody was told of; whoever else reports now leaves these alone.
SELECT break_id AS finding_id, market_id, scale_id, journal_id, seq, found_at, fault
FROM chain_breaks
WHERE alert_id IS NULL
ORDER BY market_id, scale_id, journal_id, seq
LIMIT %(limit)s
FOR UPDATE SKIP LOCKED

-- name: report_gaps
UPDATE journal_gaps SET alert_id = %(alert_id)s WHERE gap_id = ANY (%(finding_ids)s::bigint[])

-- name: report_breaks
UPDATE chain_breaks SET alert_id = %(alert_id)s WHERE break_id = ANY (%(finding_ids)s::bigint[])

-- name: alerts_filled
-- Alerts (`alert_id` NULL: of all of them) that await somebody although every gap they are about has filled.
SELECT a.alert_id
FROM alerts a
WHERE a.is_counting AND a.kind = 'sequence_gap'
  AND (%(alert_id)s::bigint IS NULL OR a.alert_id = %(alert_id)s)
  AND EXISTS (SELECT FROM journal_gaps g WHERE g.alert_id = a.alert_id)
  AND NOT EXISTS (SELECT FROM journal_gaps g WHERE g.alert_id = a.alert_id AND g.filled_at IS NULL)
ORDER BY a.alert_id

-- name: gaps_of_alert
-- What is still missing stands first.
SELECT scale_id, journal_id, first_seq, last_seq, missing, noticed_at, filled_at
FROM journal_gaps WHERE alert_id = %(alert_id)s
ORDER BY filled_at IS NOT NULL, gap_id
LIMIT %(limit)s

-- name: breaks_of_alert
SELECT scale_id, journal_id, seq, fault, found_at
FROM chain_breaks WHERE alert_id = %(alert_id)s
ORDER BY break_id DESC
LIMIT %(limit)s
