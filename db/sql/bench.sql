-- name: accounted
-- How far a run is, read from the journals: counting the weighings themselves would slow down what is measured.
SELECT coalesce(sum((SELECT sum(upper(r) - lower(r)) FROM unnest(received) AS r)), 0)::bigint FROM journals

-- name: stored
SELECT count(*), count(DISTINCT (scale_id, journal_id, seq)) FROM weighings

-- name: over_cap
SELECT count(*) FILTER (WHERE verdict = 'over' OR paid_verdict = 'over') FROM weighings

-- name: alerted
SELECT coalesce(sum(occurrences), 0)::bigint FROM alerts WHERE kind IN ('price_over_cap', 'effective_price_over_cap')

-- name: copy_out
COPY (SELECT * FROM weighings ORDER BY received_at, scale_id, journal_id, seq) TO STDOUT (FORMAT BINARY)

-- name: copy_in
COPY staged_weighings FROM STDIN (FORMAT BINARY)

-- name: truncate
TRUNCATE weighings

-- name: keeps_commit_times
SELECT current_setting('track_commit_timestamp') = 'on'

-- name: commits
-- When each weighing was made, and when it was committed.
SELECT weighed_at, pg_xact_commit_timestamp(xmin) FROM weighings

-- name: alert_commits
-- When each weighing that an alert counts was made, and when the alert was committed with it.
SELECT weighed_at, pg_xact_commit_timestamp(xmin) FROM alert_weighings
