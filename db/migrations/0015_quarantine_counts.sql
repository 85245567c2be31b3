-- How many messages are in quarantine, without reading them; and replays of many at once (decision 12).

-- What changed, as each statement left it: only ever inserted by who changes quarantine, so that nobody waits for it.
-- `messages` more (or fewer) than before; the span is of those that came, or of those that left.
CREATE TABLE quarantine_count_changes (
    market_id  text NOT NULL,
    scale_id   text NOT NULL,
    state      text NOT NULL,
    reason     text NOT NULL,
    messages   bigint NOT NULL,
    first_at   timestamptz NOT NULL,
    last_at    timestamptz NOT NULL
);

-- What it all came to when the changes were last folded in, in three breadths: everywhere, of a market, and of a scale.
-- A name that is not known is ''. The true number is that of here and of the changes that wait, read in one statement.
CREATE TABLE quarantine_counts (
    breadth    text NOT NULL,
    market_id  text NOT NULL,
    scale_id   text NOT NULL,
    state      text NOT NULL,
    reason     text NOT NULL,
    messages   bigint NOT NULL,
    -- Of all that were here since there was last none: what left takes nothing off it.
    first_at   timestamptz NOT NULL,
    last_at    timestamptz NOT NULL,
    CONSTRAINT quarantine_counts_pkey PRIMARY KEY (breadth, market_id, scale_id, state, reason),
    CONSTRAINT quarantine_counts_breadth_known CHECK (breadth IN ('everywhere', 'market', 'scale')),
    CONSTRAINT quarantine_counts_names_of_the_breadth
        CHECK ((breadth <> 'everywhere' OR market_id = '') AND (breadth = 'scale' OR scale_id = ''))
) WITH (fillfactor = 50);  -- the same rows every second: room to change them where they are
CREATE INDEX quarantine_counts_by_scale ON quarantine_counts (scale_id) WHERE breadth = 'scale';

CREATE FUNCTION note_held_came() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO quarantine_count_changes (market_id, scale_id, state, reason, messages, first_at, last_at)
    SELECT coalesce(market_id, ''), coalesce(scale_id, ''), state, reason, count(*), min(received_at),
           max(last_received_at)
    FROM came
    GROUP BY 1, 2, 3, 4;
    RETURN NULL;
END $$;

CREATE FUNCTION note_held_left() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO quarantine_count_changes (market_id, scale_id, state, reason, messages, first_at, last_at)
    SELECT coalesce(market_id, ''), coalesce(scale_id, ''), state, reason, -count(*), min(received_at),
           max(last_received_at)
    FROM went
    GROUP BY 1, 2, 3, 4;
    RETURN NULL;
END $$;

-- Most changes move nothing (somebody asks for a replay) or only the last arrival (it came again).
CREATE FUNCTION note_held_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO quarantine_count_changes (market_id, scale_id, state, reason, messages, first_at, last_at)
    SELECT coalesce(market_id, ''), coalesce(scale_id, ''), state, reason, sum(n), min(received_at),
           max(last_received_at)
    FROM (SELECT market_id, scale_id, state, reason, received_at, last_received_at, 1 AS n FROM came
          UNION ALL
          SELECT market_id, scale_id, state, reason, received_at, last_received_at, -1 FROM went) AS moved
    GROUP BY 1, 2, 3, 4
    HAVING sum(n) <> 0
        OR max(last_received_at) FILTER (WHERE n = 1) > max(last_received_at) FILTER (WHERE n = -1)
        OR min(received_at) FILTER (WHERE n = 1) < min(received_at) FILTER (WHERE n = -1);
    RETURN NULL;
END $$;

-- Who writes into quarantine waits from here until the rows there are have been counted.
CREATE TRIGGER quarantine_came AFTER INSERT ON quarantine REFERENCING NEW TABLE AS came
    FOR EACH STATEMENT EXECUTE FUNCTION note_held_came();
CREATE TRIGGER quarantine_moved AFTER UPDATE ON quarantine REFERENCING OLD TABLE AS went NEW TABLE AS came
    FOR EACH STATEMENT EXECUTE FUNCTION note_held_moved();
CREATE TRIGGER quarantine_left AFTER DELETE ON quarantine REFERENCING OLD TABLE AS went
    FOR EACH STATEMENT EXECUTE FUNCTION note_held_left();

INSERT INTO quarantine_counts (breadth, market_id, scale_id, state, reason, messages, first_at, last_at)
SELECT CASE grouping(market_id, scale_id) WHEN 3 THEN 'everywhere' WHEN 1 THEN 'market' ELSE 'scale' END,
       coalesce(market_id, ''), coalesce(scale_id, ''), state, reason, sum(messages), min(first_at), max(last_at)
FROM (SELECT coalesce(market_id, '') AS market_id, coalesce(scale_id, '') AS scale_id, state, reason,
             count(*) AS messages, min(received_at) AS first_at, max(last_received_at) AS last_at
      FROM quarantine
      GROUP BY 1, 2, 3, 4) AS counted
GROUP BY GROUPING SETS ((state, reason), (market_id, state, reason), (market_id, scale_id, state, reason));

-- Somebody asks that everything be read again that was held (for a reason, of a market, of a scale, received within a
-- span; NULL: whatever it is) when they looked. A worker marks it in slices, each as if it was asked for by itself.
CREATE TABLE quarantine_replays (
    replay_id      bigint GENERATED ALWAYS AS IDENTITY,
    asked_at       timestamptz NOT NULL,
    asked_by       text NOT NULL,
    reason         text,
    market_id      text,
    scale_id       text,
    since          timestamptz,
    until          timestamptz,
    -- The newest message that is meant, and how many were meant when it was asked for.
    up_to          bigint NOT NULL,
    expected       bigint NOT NULL,
    -- How far it is: up to which message all are marked that could be, how many are, and what came of them.
    marked_to      bigint NOT NULL DEFAULT 0,
    marked         bigint NOT NULL DEFAULT 0,
    replayed       bigint NOT NULL DEFAULT 0,
    refused        bigint NOT NULL DEFAULT 0,
    settled        bigint NOT NULL DEFAULT 0,
    all_marked_at  timestamptz,
    stopped_at     timestamptz,
    stopped_by     text,
    CONSTRAINT quarantine_replays_pkey PRIMARY KEY (replay_id),
    CONSTRAINT quarantine_replays_expect_something CHECK (expected > 0),
    CONSTRAINT quarantine_replays_done_is_marked CHECK (replayed + refused + settled <= marked),
    CONSTRAINT quarantine_replays_stopped_by_somebody CHECK ((stopped_at IS NULL) = (stopped_by IS NULL))
);
CREATE INDEX quarantine_replays_going_on ON quarantine_replays (replay_id)
    WHERE all_marked_at IS NULL AND stopped_at IS NULL;
CREATE INDEX quarantine_replays_by_market ON quarantine_replays (market_id, replay_id);

-- Which of them asked for a message that waits to be read again; NULL: somebody asked for it by itself.
ALTER TABLE quarantine
    ADD COLUMN replay_id bigint,
    ADD CONSTRAINT quarantine_replay_exists FOREIGN KEY (replay_id) REFERENCES quarantine_replays (replay_id),
    ADD CONSTRAINT quarantine_of_a_replay_is_asked_for CHECK (replay_id IS NULL OR replay_requested_at IS NOT NULL);
