-- To whom records are handed, and what became of each: of a record's version each destination has one line, for ever.

CREATE TABLE export_destinations (
    destination_id    bigint GENERATED ALWAYS AS IDENTITY,
    name              text NOT NULL,
    -- '': a department that takes files.
    url               text NOT NULL,
    secret            text NOT NULL,
    forms             text[] NOT NULL,
    -- Empty: of every market.
    market_ids        text[] NOT NULL,
    sees_identities   boolean NOT NULL,
    created_at        timestamptz NOT NULL,
    created_by        text NOT NULL,
    disabled_at       timestamptz,
    disabled_because  text NOT NULL DEFAULT '',
    CONSTRAINT export_destinations_pkey PRIMARY KEY (destination_id),
    CONSTRAINT export_destinations_name_once UNIQUE (name),
    CONSTRAINT export_destinations_forms_known
        CHECK (cardinality(forms) > 0 AND forms <@ ARRAY['penalty', 'credit_record'])
);

CREATE TABLE export_positions (
    destination_id  bigint NOT NULL,
    form            text NOT NULL,
    -- Up to here everything is in the ledger.
    revision        bigint NOT NULL,
    CONSTRAINT export_positions_pkey PRIMARY KEY (destination_id, form),
    CONSTRAINT export_positions_destination_exists
        FOREIGN KEY (destination_id) REFERENCES export_destinations (destination_id)
);

CREATE TABLE export_destination_steps (
    step_id         bigint GENERATED ALWAYS AS IDENTITY,
    destination_id  bigint NOT NULL,
    batch_id        bigint,
    at              timestamptz NOT NULL,
    actor           text NOT NULL,
    origin          text NOT NULL,
    action          text NOT NULL,
    note            text NOT NULL,
    CONSTRAINT export_destination_steps_pkey PRIMARY KEY (step_id),
    CONSTRAINT export_destination_steps_destination_exists
        FOREIGN KEY (destination_id) REFERENCES export_destinations (destination_id),
    CONSTRAINT export_destination_steps_known CHECK (action IN ('registered', 'disabled', 'enabled', 'resent'))
);
CREATE INDEX export_destination_steps_of ON export_destination_steps (destination_id, step_id DESC);
CREATE TRIGGER export_destination_steps_append_only BEFORE UPDATE OR DELETE ON export_destination_steps
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE export_batches (
    batch_id         bigint GENERATED ALWAYS AS IDENTITY,
    destination_id   bigint NOT NULL,
    form             text NOT NULL,
    -- What the receiver knows it again by, and the bytes: the same however often it is sent.
    idempotency_key  text NOT NULL,
    body             bytea NOT NULL,
    media_type       text NOT NULL,
    records          integer NOT NULL,
    made_at          timestamptz NOT NULL,
    state            text NOT NULL,
    attempts         integer NOT NULL DEFAULT 0,
    -- Of these the last person's resend began at.
    attempts_before  integer NOT NULL DEFAULT 0,
    next_attempt_at  timestamptz,
    leased_until     timestamptz,
    settled_at       timestamptz,
    CONSTRAINT export_batches_pkey PRIMARY KEY (batch_id),
    CONSTRAINT export_batches_key_once UNIQUE (idempotency_key),
    CONSTRAINT export_batches_destination_exists
        FOREIGN KEY (destination_id) REFERENCES export_destinations (destination_id),
    CONSTRAINT export_batches_state_known CHECK (state IN ('waiting', 'answered', 'written', 'given_up')),
    CONSTRAINT export_batches_settled CHECK ((state = 'waiting') = (settled_at IS NULL))
);
CREATE INDEX export_batches_waiting ON export_batches (destination_id, batch_id) WHERE state = 'waiting';
CREATE INDEX export_batches_of ON export_batches (destination_id, batch_id DESC);
CREATE TRIGGER export_batches_wake_clerks AFTER INSERT ON export_batches REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION wake_clerks();
CREATE FUNCTION keep_export_batch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (OLD.destination_id, OLD.form, OLD.idempotency_key, OLD.body, OLD.media_type)
        IS DISTINCT FROM (NEW.destination_id, NEW.form, NEW.idempotency_key, NEW.body, NEW.media_type)
    THEN
        RAISE EXCEPTION 'a batch keeps its key and its bytes: % is refused', TG_OP USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER export_batches_kept BEFORE UPDATE OR DELETE ON export_batches
    FOR EACH ROW EXECUTE FUNCTION keep_export_batch();

-- The ledger. The key is what makes "never twice" true.
CREATE TABLE export_deliveries (
    destination_id  bigint NOT NULL,
    revision        bigint NOT NULL,
    form            text NOT NULL,
    record_id       text NOT NULL,
    version         integer NOT NULL,
    batch_id        bigint NOT NULL,
    state           text NOT NULL,
    answer          text NOT NULL DEFAULT '',
    settled_at      timestamptz,
    CONSTRAINT export_deliveries_pkey PRIMARY KEY (destination_id, revision),
    CONSTRAINT export_deliveries_once UNIQUE (destination_id, form, record_id, version),
    CONSTRAINT export_deliveries_record_exists FOREIGN KEY (revision) REFERENCES export_records (revision),
    CONSTRAINT export_deliveries_batch_exists FOREIGN KEY (batch_id) REFERENCES export_batches (batch_id),
    CONSTRAINT export_deliveries_state_known
        CHECK (state IN ('waiting', 'accepted', 'refused', 'written', 'given_up'))
);
CREATE INDEX export_deliveries_of_batch ON export_deliveries (batch_id, revision);
CREATE INDEX export_deliveries_by_state ON export_deliveries (destination_id, state, revision DESC);
CREATE INDEX export_deliveries_newest ON export_deliveries (revision DESC, destination_id);
CREATE INDEX export_deliveries_newest_by_state ON export_deliveries (state, revision DESC);
CREATE TRIGGER export_deliveries_not_deleted BEFORE DELETE ON export_deliveries
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- An attempt is written down before it is made. One without an answer: whether it arrived, nobody knows.
CREATE TABLE export_attempts (
    attempt_id  bigint GENERATED ALWAYS AS IDENTITY,
    batch_id    bigint NOT NULL,
    attempt     integer NOT NULL,
    sent_at     timestamptz NOT NULL,
    CONSTRAINT export_attempts_pkey PRIMARY KEY (attempt_id),
    CONSTRAINT export_attempts_once UNIQUE (batch_id, attempt),
    CONSTRAINT export_attempts_batch_exists FOREIGN KEY (batch_id) REFERENCES export_batches (batch_id)
);
CREATE TRIGGER export_attempts_append_only BEFORE UPDATE OR DELETE ON export_attempts
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TABLE export_answers (
    batch_id  bigint NOT NULL,
    attempt   integer NOT NULL,
    at        timestamptz NOT NULL,
    status    integer,
    said      text NOT NULL,
    error     text NOT NULL,
    CONSTRAINT export_answers_pkey PRIMARY KEY (batch_id, attempt),
    CONSTRAINT export_answers_attempt_exists
        FOREIGN KEY (batch_id, attempt) REFERENCES export_attempts (batch_id, attempt)
);
CREATE TRIGGER export_answers_append_only BEFORE UPDATE OR DELETE ON export_answers
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
