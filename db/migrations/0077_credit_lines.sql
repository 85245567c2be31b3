-- A line of the ledger says where it comes from and what proves it; it may be a veto item, or give back a part of another
-- line for a repair (信用修复).
ALTER TABLE credit_events
    ADD COLUMN source text NOT NULL DEFAULT 'alert',
    ADD COLUMN evidence text NOT NULL DEFAULT '',
    ADD COLUMN is_veto boolean NOT NULL DEFAULT false,
    ADD COLUMN repairs bigint,
    ADD CONSTRAINT credit_events_source_known CHECK (source IN ('alert', 'record', 'bonus', 'repair')),
    ADD CONSTRAINT credit_events_repaired_exists FOREIGN KEY (repairs) REFERENCES credit_events (event_id),
    ADD CONSTRAINT credit_events_repair_is_one CHECK (CASE WHEN source <> 'repair' OR reverses IS NOT NULL THEN repairs IS NULL
                                                           ELSE repairs IS NOT NULL AND points > 0 END),
    ADD CONSTRAINT credit_events_evidence_of_record CHECK (source <> 'record' OR evidence <> '');
CREATE INDEX credit_events_that_repair ON credit_events (repairs) WHERE repairs IS NOT NULL;

DROP INDEX credit_events_by_time;
CREATE INDEX credit_events_by_time ON credit_events (market_id, occurred_at)
    INCLUDE (vendor_id, reason, points, event_id, is_veto, repairs) WHERE reverses IS NULL;

-- The scores of vendors that something counts for, each market from its cycle's first day to a day. It orders and counts a
-- list; the score that is shown is reckoned by credit/scoring.py, and a test holds the two together.
-- `reasons`: those with a limit of their own; so many lines of a day count (`a_day`), so many points of a cycle are added at
-- most (`most`, NULL: no limit). Of all others one a day, without a limit. While a veto item stands `place` is below every score.
DROP FUNCTION scores_of_cycle;
CREATE FUNCTION scores_of_cycle(
    market_ids text[], first_days date[], days date[], base integer, lowest integer, highest integer,
    reasons text[], a_day integer[], most integer[])
RETURNS TABLE (market_id text, vendor_id text, place integer) LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH bounds AS (
        SELECT a.market_id, a.first_day::timestamp AT TIME ZONE m.timezone AS since,
               (a.day + 1)::timestamp AT TIME ZONE m.timezone AS until, m.timezone
        FROM unnest(market_ids, first_days, days) AS a (market_id, first_day, day)
        JOIN markets m ON m.market_id = a.market_id
    ), ranked AS (
        SELECT e.market_id, e.vendor_id, e.event_id, e.reason, e.points, e.is_veto, b.until,
               row_number() OVER (PARTITION BY e.market_id, e.vendor_id, e.reason, (e.occurred_at AT TIME ZONE b.timezone)::date
                                  ORDER BY abs(e.points) DESC, e.event_id) AS n
        FROM bounds b
        JOIN credit_events e ON e.market_id = b.market_id AND e.reverses IS NULL AND e.repairs IS NULL
         AND e.occurred_at >= b.since AND e.occurred_at < b.until
        WHERE NOT EXISTS (SELECT FROM credit_events u WHERE u.reverses = e.event_id AND u.reverses IS NOT NULL)
    ), of_reason AS (
        SELECT r.market_id, r.vendor_id, bool_or(r.is_veto) AS has_veto,
               least(sum(r.points + coalesce(back.points, 0)) FILTER (WHERE r.n <= coalesce(l.a_day, 1)), min(l.most)) AS points
        FROM ranked r
        LEFT JOIN unnest(reasons, a_day, most) AS l (reason, a_day, most) ON l.reason = r.reason
        LEFT JOIN LATERAL (
            SELECT sum(p.points) AS points FROM credit_events p
            WHERE p.repairs = r.event_id AND p.repairs IS NOT NULL AND p.occurred_at < r.until
              AND NOT EXISTS (SELECT FROM credit_events u WHERE u.reverses = p.event_id AND u.reverses IS NOT NULL)
        ) back ON true
        GROUP BY r.market_id, r.vendor_id, r.reason
    )
    SELECT o.market_id, o.vendor_id,
           CASE WHEN bool_or(o.has_veto) THEN lowest - 1 ELSE greatest(lowest, least(highest, base + sum(o.points)))::integer END
    FROM of_reason o GROUP BY o.market_id, o.vendor_id
$$;

-- Asked for each line that is appended; nearly always nothing is known of the alert, and that is one look at an index. As one
-- question it was planned, while the table was small, to read the whole table beside it.
CREATE OR REPLACE FUNCTION refuse_a_second_standing_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    known bigint;
BEGIN
    IF NEW.alert_id IS NULL OR NEW.reverses IS NOT NULL THEN
        RETURN NEW;
    END IF;
    FOR known IN SELECT e.event_id FROM credit_events e WHERE e.alert_id = NEW.alert_id AND e.reverses IS NULL LOOP
        IF NOT EXISTS (SELECT FROM credit_events undone WHERE undone.reverses = known) THEN
            RAISE EXCEPTION 'alert % is charged already', NEW.alert_id
                USING ERRCODE = 'unique_violation', CONSTRAINT = 'credit_events_one_standing_per_alert';
        END IF;
    END LOOP;
    RETURN NEW;
END $$;
