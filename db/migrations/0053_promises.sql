-- Promises: what a first minor breach may end in, instead of a deduction. What was offered is frozen with its offer; where it
-- stands moves, and every move is a step.
CREATE TABLE promises (
    promise_id     bigint GENERATED ALWAYS AS IDENTITY,
    market_id      text NOT NULL,
    vendor_id      text NOT NULL,
    alert_id       bigint NOT NULL,
    family         text NOT NULL,
    scope          text[] NOT NULL,
    text_zh        text NOT NULL,
    text_en        text NOT NULL,
    term_days      integer NOT NULL,
    factor         integer NOT NULL,
    charges_waived boolean NOT NULL,
    policy_version text NOT NULL,
    offered_at     timestamptz NOT NULL,
    offer_until    timestamptz NOT NULL,
    occurred_at    timestamptz NOT NULL,
    waived_kind    text NOT NULL,
    waived_points  integer NOT NULL,
    waived_rule    text NOT NULL,
    rules_version  text NOT NULL,
    state          text NOT NULL DEFAULT 'offered',
    made_at        timestamptz,
    until          timestamptz,
    breakers       bigint[] NOT NULL DEFAULT '{}',
    revision       integer NOT NULL DEFAULT 0,
    CONSTRAINT promises_pkey PRIMARY KEY (promise_id),
    CONSTRAINT promises_one_per_alert UNIQUE (alert_id),
    CONSTRAINT promises_vendor_exists
        FOREIGN KEY (market_id, vendor_id) REFERENCES vendors (market_id, vendor_id),
    CONSTRAINT promises_alert_exists FOREIGN KEY (alert_id) REFERENCES alerts (alert_id),
    CONSTRAINT promises_state_known
        CHECK (state IN ('offered', 'made', 'kept', 'broken', 'declined', 'lapsed', 'void')),
    CONSTRAINT promises_made_has_a_term CHECK ((made_at IS NULL) = (until IS NULL)),
    CONSTRAINT promises_made_where_it_says
        CHECK (state NOT IN ('made', 'kept', 'broken') OR made_at IS NOT NULL),
    CONSTRAINT promises_broken_by_something CHECK ((state = 'broken') = (cardinality(breakers) > 0)),
    CONSTRAINT promises_waive_something CHECK (waived_points < 0 AND factor >= 1 AND term_days >= 1)
);
CREATE INDEX promises_by_vendor ON promises (market_id, vendor_id, promise_id);
CREATE INDEX promises_by_state ON promises (state, promise_id);
CREATE INDEX promises_by_market ON promises (market_id, state, promise_id);
CREATE INDEX promises_offers_end ON promises (offer_until) WHERE state = 'offered';
CREATE INDEX promises_terms_end ON promises (until) WHERE state = 'made';

CREATE FUNCTION refuse_to_rewrite_a_promise() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(OLD) - '{state,made_at,until,breakers,revision}'::text[]
       IS DISTINCT FROM to_jsonb(NEW) - '{state,made_at,until,breakers,revision}'::text[]
       OR (OLD.made_at IS NOT NULL AND (OLD.made_at, OLD.until) IS DISTINCT FROM (NEW.made_at, NEW.until))
    THEN
        RAISE EXCEPTION 'what was promised is never changed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER promises_keep_their_words BEFORE UPDATE ON promises
    FOR EACH ROW EXECUTE FUNCTION refuse_to_rewrite_a_promise();
CREATE TRIGGER promises_stay BEFORE DELETE ON promises FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER promises_no_truncate BEFORE TRUNCATE ON promises
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE promise_steps (
    step_id     bigint GENERATED ALWAYS AS IDENTITY,
    promise_id  bigint NOT NULL,
    at          timestamptz NOT NULL,
    actor       text NOT NULL,
    action      text NOT NULL,
    from_state  text NOT NULL,
    to_state    text NOT NULL,
    note        text NOT NULL DEFAULT '',
    origin      text NOT NULL DEFAULT '',
    alert_id    bigint,
    made_how    text,
    photo_id    bigint,
    CONSTRAINT promise_steps_pkey PRIMARY KEY (step_id),
    CONSTRAINT promise_steps_promise_exists FOREIGN KEY (promise_id) REFERENCES promises (promise_id),
    CONSTRAINT promise_steps_alert_exists FOREIGN KEY (alert_id) REFERENCES alerts (alert_id),
    CONSTRAINT promise_steps_made_somehow CHECK ((action = 'make') = (made_how IS NOT NULL))
);
CREATE INDEX promise_steps_by_promise ON promise_steps (promise_id, step_id);
CREATE TRIGGER promise_steps_append_only BEFORE UPDATE OR DELETE ON promise_steps
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER promise_steps_no_truncate BEFORE TRUNCATE ON promise_steps
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
