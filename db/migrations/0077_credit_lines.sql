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
    WITH facts AS (
        SELECT e.market_id, e.vendor_id, e.event_id, e.reason, e.points, e.is_veto,
               (e.occurred_at AT TIME ZONE m.timezone)::date AS day, e.repairs
        FROM unnest(market_ids, first_days, days) AS a (market_id, first_day, day)
        JOIN markets m ON m.market_id = a.market_id
        JOIN credit_events e ON e.market_id = a.market_id AND e.reverses IS NULL
         AND e.occurred_at >= a.first_day::timestamp AT TIME ZONE m.timezone
         AND e.occurred_at < (a.day + 1)::timestamp AT TIME ZONE m.timezone
        WHERE NOT EXISTS (SELECT FROM credit_events u WHERE u.reverses = e.event_id AND u.reverses IS NOT NULL)
    ), limits AS (
        SELECT l.reason, l.a_day, l.most FROM unnest(reasons, a_day, most) AS l (reason, a_day, most)
    ), back AS (
        -- The gravest is so after what was repaired: else a repaired line would stand before one that takes more.
        SELECT f.repairs, sum(f.points)::integer AS points FROM facts f WHERE f.repairs IS NOT NULL GROUP BY f.repairs
    ), lines AS NOT MATERIALIZED (
        SELECT f.market_id, f.vendor_id, f.event_id, f.reason, f.points + coalesce(b.points, 0) AS points, f.is_veto, f.day
        FROM facts f LEFT JOIN back b ON b.repairs = f.event_id
        WHERE f.repairs IS NULL
    ), kept AS (
        -- One a day: the gravest. Nearly all there is, so it is hashed and never sorted.
        SELECT f.market_id, f.vendor_id, f.reason, bool_or(f.is_veto) AS has_veto,
               CASE WHEN -min(f.points) >= max(f.points) THEN min(f.points) ELSE max(f.points) END AS points
        FROM lines f
        WHERE f.reason NOT IN (SELECT l.reason FROM limits l WHERE l.a_day > 1)
        GROUP BY f.market_id, f.vendor_id, f.reason, f.day
        UNION ALL
        SELECT r.market_id, r.vendor_id, r.reason, r.is_veto, CASE WHEN r.n <= r.a_day THEN r.points ELSE 0 END
        FROM (
            SELECT f.*, l.a_day, row_number() OVER (PARTITION BY f.market_id, f.vendor_id, f.reason, f.day
                                                    ORDER BY abs(f.points) DESC, f.event_id) AS n
            FROM lines f JOIN limits l ON l.reason = f.reason AND l.a_day > 1
        ) r
    )
    SELECT k.market_id, k.vendor_id,
           CASE WHEN bool_or(k.has_veto) THEN lowest - 1 ELSE greatest(lowest, least(highest, base + sum(k.points)))::integer END
    FROM (
        SELECT k.market_id, k.vendor_id, k.has_veto, k.points FROM kept k
        UNION ALL
        -- What merits of a reason come to beyond its limit.
        SELECT k.market_id, k.vendor_id, false, l.most - sum(k.points)
        FROM kept k JOIN limits l ON l.reason = k.reason AND l.most IS NOT NULL
        GROUP BY k.market_id, k.vendor_id, k.reason, l.most HAVING sum(k.points) > l.most
    ) k
    GROUP BY k.market_id, k.vendor_id
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
