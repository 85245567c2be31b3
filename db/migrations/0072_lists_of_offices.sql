-- Lists of offices read along an index, no further than their page.

-- Whose score the running cycle moved, and what was undone of that.
CREATE INDEX credit_events_by_time ON credit_events (market_id, occurred_at) INCLUDE (vendor_id, reason, points, event_id)
    WHERE reverses IS NULL;
CREATE INDEX credit_events_that_undo ON credit_events (reverses) WHERE reverses IS NOT NULL;

-- The scores of vendors that something counts for, each market from its cycle's first day to a day. It orders and counts a
-- list; the score that is shown is reckoned by credit/scoring.py, and a test holds the two together.
CREATE FUNCTION scores_of_cycle(
    market_ids text[], first_days date[], days date[], base integer, lowest integer, highest integer)
RETURNS TABLE (market_id text, vendor_id text, score integer) LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT w.market_id, w.vendor_id, greatest(lowest, least(highest, base + sum(w.points)))::integer
    FROM (
        SELECT e.market_id, e.vendor_id, min(e.points) AS points
        FROM unnest(market_ids, first_days, days) AS a (market_id, first_day, day)
        JOIN markets m ON m.market_id = a.market_id
        JOIN credit_events e ON e.market_id = a.market_id AND e.reverses IS NULL
         AND e.occurred_at >= a.first_day::timestamp AT TIME ZONE m.timezone
         AND e.occurred_at < (a.day + 1)::timestamp AT TIME ZONE m.timezone
        WHERE NOT EXISTS (SELECT FROM credit_events u WHERE u.reverses = e.event_id AND u.reverses IS NOT NULL)
        GROUP BY e.market_id, e.vendor_id, e.reason, (e.occurred_at AT TIME ZONE m.timezone)::date
    ) w
    GROUP BY w.market_id, w.vendor_id
$$;

-- A market's cases and entries begin with its own.
CREATE INDEX cases_by_market ON cases (market_id, state, case_id DESC);
CREATE INDEX publicity_entries_of_market ON publicity_entries (market_id, entry_id DESC);
CREATE INDEX cases_by_officer ON cases (officer, case_id DESC) WHERE officer IS NOT NULL;
