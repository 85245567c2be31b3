-- How long weighings are kept, what goes when, and what of it alerts still need (docs/timescale.md).

-- Weighings are read by market and time: a silent market's newest one is one look at each chunk, not a walk through
-- everybody else's.
CREATE INDEX weighings_by_market ON weighings (market_id, weighed_at DESC);
DROP INDEX weighings_by_time;

-- What the operator decided. NULL: everything is kept; nothing is compressed.
CREATE TABLE keeping (
    only_row             boolean NOT NULL DEFAULT true,
    keep_days            integer,
    -- Later than any device's backlog (an agent holds a month): late lines go into chunks as they are.
    compress_after_days  integer DEFAULT 45,
    last_run_at          timestamptz,
    CONSTRAINT keeping_pkey PRIMARY KEY (only_row),
    CONSTRAINT keeping_one_row CHECK (only_row),
    CONSTRAINT keeping_days_positive CHECK (keep_days >= 1 AND compress_after_days >= 1)
);
INSERT INTO keeping DEFAULT VALUES;

-- The weighings that alerts are about, when the others of their day are gone. Each is kept as a document, so that a
-- column that `weighings` is given later comes along by itself; its bytes (`body`) come back exactly.
CREATE TABLE kept_weighings (
    market_id   text NOT NULL,
    scale_id    text NOT NULL,
    journal_id  text NOT NULL,
    seq         bigint NOT NULL,
    weighed_at  timestamptz NOT NULL,
    weighing    jsonb NOT NULL,
    CONSTRAINT kept_weighings_pkey PRIMARY KEY (market_id, scale_id, journal_id, seq, weighed_at)
);

-- Why the weighings of a span of time (of one market, or NULL: of all) may not go yet; NULL where they may.
CREATE FUNCTION why_kept(of_market text, since timestamptz, until timestamptz, horizon timestamptz) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF EXISTS (SELECT FROM alerts a
               WHERE a.state IN ('open', 'acknowledged') AND a.first_at < until AND a.last_at >= since
                 AND (of_market IS NULL OR a.market_id = of_market)) THEN
        RETURN 'undecided_alert';
    END IF;
    -- Whatever the device's clock said: what arrived lately has not been kept as long as it should be.
    IF EXISTS (SELECT FROM weighings w
               WHERE w.weighed_at >= since AND w.weighed_at < until AND w.received_at >= horizon
                 AND (of_market IS NULL OR w.market_id = of_market)) THEN
        RETURN 'arrived_lately';
    END IF;
    RETURN NULL;
END $$;

-- Set aside what alerts are about, of a span of time and a market (NULL: of all).
CREATE PROCEDURE set_aside_alerted(of_market text, since timestamptz, until timestamptz) LANGUAGE sql AS $$
    INSERT INTO kept_weighings (market_id, scale_id, journal_id, seq, weighed_at, weighing)
    SELECT DISTINCT ON (w.market_id, w.scale_id, w.journal_id, w.seq, w.weighed_at)
           w.market_id, w.scale_id, w.journal_id, w.seq, w.weighed_at, to_jsonb(w)
    FROM alerts a
    JOIN alert_weighings aw USING (alert_id)
    JOIN weighings w ON w.market_id = aw.market_id AND w.scale_id = aw.scale_id AND w.journal_id = aw.journal_id
                    AND w.seq = aw.seq AND w.weighed_at = aw.weighed_at
    WHERE a.first_at < until AND a.last_at >= since AND (of_market IS NULL OR a.market_id = of_market)
      AND aw.weighed_at >= since AND aw.weighed_at < until AND w.weighed_at >= since AND w.weighed_at < until
    ON CONFLICT ON CONSTRAINT kept_weighings_pkey DO NOTHING
$$;

-- A hypertable lets whole chunks go, each in a transaction of its own.
CREATE PROCEDURE drop_old_chunks(horizon timestamptz) LANGUAGE plpgsql AS $$
DECLARE
    chunk record;
BEGIN
    FOR chunk IN EXECUTE
        'SELECT range_start, range_end FROM timescaledb_information.chunks'
        ' WHERE hypertable_name = ''weighings'' AND range_end <= $1 ORDER BY range_start' USING horizon
    LOOP
        IF why_kept(NULL, chunk.range_start, chunk.range_end, horizon) IS NULL THEN
            CALL set_aside_alerted(NULL, chunk.range_start, chunk.range_end);
            EXECUTE 'SELECT drop_chunks(''weighings'', older_than => $1, newer_than => $2)'
                USING chunk.range_end, chunk.range_start;
            RAISE NOTICE 'weighings from % to % are gone', chunk.range_start, chunk.range_end;
        END IF;
        COMMIT;
    END LOOP;
END $$;

-- A plain table lets days of a market go, some thousand rows in a transaction: nobody waits for it.
CREATE PROCEDURE delete_old_days(horizon timestamptz, slice integer) LANGUAGE plpgsql AS $$
DECLARE
    of_market text;
    since timestamptz;
    until timestamptz;
    gone bigint;
BEGIN
    FOR of_market IN SELECT market_id FROM markets ORDER BY market_id LOOP
        until := '-infinity';
        LOOP
            SELECT date_bin('1 day', min(w.weighed_at), 'epoch') INTO since FROM weighings w
            WHERE w.market_id = of_market AND w.weighed_at >= until AND w.weighed_at < horizon;
            EXIT WHEN since IS NULL OR since + interval '1 day' > horizon;
            until := since + interval '1 day';
            CONTINUE WHEN why_kept(of_market, since, until, horizon) IS NOT NULL;
            CALL set_aside_alerted(of_market, since, until);
            LOOP
                DELETE FROM weighings WHERE ctid = ANY (ARRAY(
                    SELECT w.ctid FROM weighings w
                    WHERE w.market_id = of_market AND w.weighed_at >= since AND w.weighed_at < until LIMIT slice));
                GET DIAGNOSTICS gone = ROW_COUNT;
                COMMIT;
                EXIT WHEN gone < slice;
            END LOOP;
            RAISE NOTICE 'weighings of market % from % to % are gone', of_market, since, until;
        END LOOP;
    END LOOP;
END $$;

-- Let go what is older than it is to be kept. Called by a worker's thread, or by TimescaleDB as a job (hence the
-- parameters); who comes second while one is at it finds nothing to do.
CREATE PROCEDURE let_weighings_go(job_id integer DEFAULT NULL, config jsonb DEFAULT NULL) LANGUAGE plpgsql AS $$
DECLARE
    horizon timestamptz;
BEGIN
    SELECT coalesce((config ->> 'now')::timestamptz, now()) - make_interval(days => keep_days) INTO horizon
    FROM keeping;
    IF horizon IS NULL OR NOT pg_try_advisory_lock(hashtextextended('steelyard/keeping', 0)) THEN
        RETURN;
    END IF;
    -- Whoever reads a chunk for long is not to hold up everybody who comes after: the next run tries again.
    PERFORM set_config('lock_timeout', '2s', false);
    IF to_regclass('timescaledb_information.hypertables') IS NOT NULL THEN
        CALL drop_old_chunks(horizon);
    ELSE
        CALL delete_old_days(horizon, coalesce((config ->> 'slice')::integer, 5000));
    END IF;
    UPDATE keeping SET last_run_at = now();
    PERFORM pg_advisory_unlock(hashtextextended('steelyard/keeping', 0));
END $$;

-- The start of the span of time that a moment falls into, as the clocks of a place show it. db/timescale.py puts
-- TimescaleDB's own time_bucket in its place, which gives the same answers (a test holds them together).
CREATE FUNCTION trend_bucket(width interval, moment timestamptz, timezone text) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT date_bin(width, moment AT TIME ZONE timezone, timestamp '2000-01-03') AT TIME ZONE timezone
$$;
