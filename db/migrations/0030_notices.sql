-- What people and other systems are told of (docs/notices.md): an outbox. What happened is written in the transaction in
-- which it happened; clerks hand it on later, any number of them.

CREATE TABLE happenings (
    happening_id  bigint GENERATED ALWAYS AS IDENTITY,
    kind          text NOT NULL,
    market_id     text,
    alert_id      bigint,
    -- To whom by name or by role; both NULL: whoever sees the market.
    to_user       bigint,
    to_role       text,
    at            timestamptz NOT NULL,
    -- Of an alert: how far above the cap its worst price was then, and before.
    permille      bigint NOT NULL DEFAULT 0,
    was_permille  bigint,
    due_at        timestamptz,
    note          text NOT NULL DEFAULT '',
    -- Said once, whoever says it how often; NULL: as often as it is said.
    once          text,
    told_at       timestamptz,
    CONSTRAINT happenings_pkey PRIMARY KEY (happening_id),
    CONSTRAINT happenings_said_once UNIQUE (once),
    CONSTRAINT happenings_kind_known CHECK (kind IN ('alert_opened', 'alert_graver', 'deadline_near', 'deadline_missed',
                                                     'escalated', 'assigned', 'endpoint_disabled')),
    CONSTRAINT happenings_about_something CHECK (kind = 'endpoint_disabled' OR alert_id IS NOT NULL),
    CONSTRAINT happenings_to_one_role CHECK (to_role IN ('manager', 'regulator', 'admin')),
    CONSTRAINT happenings_market_exists FOREIGN KEY (market_id) REFERENCES markets (market_id),
    CONSTRAINT happenings_alert_exists FOREIGN KEY (alert_id) REFERENCES alerts (alert_id),
    CONSTRAINT happenings_user_exists FOREIGN KEY (to_user) REFERENCES users (user_id)
);
CREATE INDEX happenings_untold ON happenings (happening_id) WHERE told_at IS NULL;

-- An alert is told of when it opens, and when its worst price got worse: whether that made it graver is policy, and decided
-- by whoever hands it on.
CREATE FUNCTION note_opened_alerts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO happenings (kind, market_id, alert_id, at, permille)
    SELECT 'alert_opened', market_id, alert_id, opened_at, worst_excess_permille FROM opened WHERE state = 'open';
    RETURN NULL;
END $$;
CREATE TRIGGER alerts_opened_note AFTER INSERT ON alerts REFERENCING NEW TABLE AS opened
    FOR EACH STATEMENT EXECUTE FUNCTION note_opened_alerts();

-- By the row, where the condition keeps nearly all of them from it: an occurrence that is no worse costs a comparison.
CREATE FUNCTION note_graver_alert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO happenings (kind, market_id, alert_id, at, permille, was_permille)
    VALUES ('alert_graver', NEW.market_id, NEW.alert_id, NEW.updated_at, NEW.worst_excess_permille,
            OLD.worst_excess_permille);
    RETURN NULL;
END $$;
CREATE TRIGGER alerts_graver_note AFTER UPDATE ON alerts FOR EACH ROW
    WHEN (NEW.worst_excess_permille > OLD.worst_excess_permille AND NEW.state IN ('open', 'acknowledged'))
    EXECUTE FUNCTION note_graver_alert();

-- Clerks wake when something is committed that they can hand on.
CREATE FUNCTION wake_clerks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM written) THEN
        PERFORM pg_notify('clerks', '');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER happenings_wake_clerks AFTER INSERT ON happenings REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION wake_clerks();

-- How a person wants to be told. Who has no row wants what the policy says for everybody.
CREATE TABLE notice_preferences (
    user_id         bigint NOT NULL,
    language        text NOT NULL,
    email           text NOT NULL DEFAULT '',
    -- By the clock of the person's market. NULL: at any hour.
    quiet_from      time,
    quiet_until     time,
    breaks_through  boolean NOT NULL,
    changed_at      timestamptz NOT NULL,
    CONSTRAINT notice_preferences_pkey PRIMARY KEY (user_id),
    CONSTRAINT notice_preferences_user_exists FOREIGN KEY (user_id) REFERENCES users (user_id),
    CONSTRAINT notice_preferences_language_known CHECK (language IN ('zh', 'en')),
    CONSTRAINT notice_preferences_quiet_has_two_ends CHECK ((quiet_from IS NULL) = (quiet_until IS NULL))
);

CREATE TABLE notice_channels (
    user_id        bigint NOT NULL,
    channel        text NOT NULL,
    -- NULL: nothing by this channel.
    minimum        text,
    first_after_s  integer NOT NULL,
    window_s       integer NOT NULL,
    CONSTRAINT notice_channels_pkey PRIMARY KEY (user_id, channel),
    CONSTRAINT notice_channels_person_exists FOREIGN KEY (user_id) REFERENCES notice_preferences (user_id),
    CONSTRAINT notice_channels_known CHECK (channel IN ('page', 'email')),
    CONSTRAINT notice_channels_minimum_known CHECK (minimum IN ('low', 'medium', 'high', 'critical')),
    CONSTRAINT notice_channels_times CHECK (first_after_s >= 0 AND window_s >= 0)
);

-- Other systems that are told. A secret signs what is sent; the one before it holds for a while after a change.
CREATE TABLE webhook_endpoints (
    endpoint_id       bigint GENERATED ALWAYS AS IDENTITY,
    name              text NOT NULL,
    url               text NOT NULL,
    market_id         text,
    minimum           text NOT NULL,
    kinds             text[] NOT NULL,
    window_s          integer NOT NULL,
    secret            text NOT NULL,
    previous_secret   text,
    previous_until    timestamptz,
    created_at        timestamptz NOT NULL,
    created_by        text NOT NULL,
    failing_since     timestamptz,
    disabled_at       timestamptz,
    disabled_because  text NOT NULL DEFAULT '',
    CONSTRAINT webhook_endpoints_pkey PRIMARY KEY (endpoint_id),
    CONSTRAINT webhook_endpoints_market_exists FOREIGN KEY (market_id) REFERENCES markets (market_id),
    CONSTRAINT webhook_endpoints_minimum_known CHECK (minimum IN ('low', 'medium', 'high', 'critical')),
    CONSTRAINT webhook_endpoints_window CHECK (window_s >= 0),
    CONSTRAINT webhook_endpoints_previous_ends CHECK ((previous_secret IS NULL) = (previous_until IS NULL))
);

CREATE TABLE webhook_steps (
    step_id      bigint GENERATED ALWAYS AS IDENTITY,
    endpoint_id  bigint NOT NULL,
    at           timestamptz NOT NULL,
    actor        text NOT NULL,
    action       text NOT NULL,
    note         text NOT NULL DEFAULT '',
    CONSTRAINT webhook_steps_pkey PRIMARY KEY (step_id),
    CONSTRAINT webhook_steps_endpoint_exists FOREIGN KEY (endpoint_id) REFERENCES webhook_endpoints (endpoint_id),
    CONSTRAINT webhook_steps_action_known
        CHECK (action IN ('registered', 'tested', 'secret_changed', 'disabled', 'enabled', 'redelivered'))
);
CREATE INDEX webhook_steps_by_endpoint ON webhook_steps (endpoint_id, step_id DESC);
CREATE TRIGGER webhook_steps_append_only BEFORE UPDATE OR DELETE ON webhook_steps
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER webhook_steps_no_truncate BEFORE TRUNCATE ON webhook_steps
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- One place where things wait for one reader: a person by one channel, or an endpoint.
CREATE TABLE mailboxes (
    mailbox_id    bigint GENERATED ALWAYS AS IDENTITY,
    channel       text NOT NULL,
    user_id       bigint,
    endpoint_id   bigint,
    -- When what waits is looked at next; NULL: nothing waits.
    look_at       timestamptz,
    CONSTRAINT mailboxes_pkey PRIMARY KEY (mailbox_id),
    CONSTRAINT mailboxes_of_person UNIQUE (user_id, channel),
    CONSTRAINT mailboxes_of_endpoint UNIQUE (endpoint_id),
    CONSTRAINT mailboxes_user_exists FOREIGN KEY (user_id) REFERENCES users (user_id),
    CONSTRAINT mailboxes_endpoint_exists FOREIGN KEY (endpoint_id) REFERENCES webhook_endpoints (endpoint_id),
    CONSTRAINT mailboxes_of_one CHECK (CASE channel WHEN 'webhook' THEN user_id IS NULL AND endpoint_id IS NOT NULL
                                       ELSE channel IN ('page', 'email') AND user_id IS NOT NULL
                                            AND endpoint_id IS NULL END)
);
CREATE INDEX mailboxes_due ON mailboxes (look_at) WHERE look_at IS NOT NULL;

-- What was sent, or is to be: a letter tells of everything that waited.
CREATE TABLE letters (
    letter_id        bigint GENERATED ALWAYS AS IDENTITY,
    mailbox_id       bigint NOT NULL,
    channel          text NOT NULL,
    -- What a receiver knows it again by, however often it is sent.
    message_id       text NOT NULL,
    purpose          text NOT NULL DEFAULT 'notices',
    at               timestamptz NOT NULL,
    -- On a page a letter grows while nobody has read it.
    last_at          timestamptz NOT NULL,
    items            integer NOT NULL,
    worst            text,
    -- Of a webhook: the bytes that are signed, the same each time.
    body             bytea,
    state            text NOT NULL,
    attempts         integer NOT NULL DEFAULT 0,
    next_attempt_at  timestamptz,
    leased_until     timestamptz,
    delivered_at     timestamptz,
    read_at          timestamptz,
    CONSTRAINT letters_pkey PRIMARY KEY (letter_id),
    CONSTRAINT letters_message_once UNIQUE (message_id),
    CONSTRAINT letters_mailbox_exists FOREIGN KEY (mailbox_id) REFERENCES mailboxes (mailbox_id),
    CONSTRAINT letters_purpose_known CHECK (purpose IN ('notices', 'test')),
    CONSTRAINT letters_state_known CHECK (state IN ('waiting', 'delivered', 'given_up')),
    CONSTRAINT letters_waiting_for_an_attempt CHECK ((state = 'waiting') = (next_attempt_at IS NOT NULL)),
    CONSTRAINT letters_delivered_at CHECK ((state = 'delivered') = (delivered_at IS NOT NULL))
);
CREATE INDEX letters_due ON letters (mailbox_id, next_attempt_at) WHERE state = 'waiting';
CREATE INDEX letters_of_mailbox ON letters (mailbox_id, letter_id DESC);
CREATE INDEX letters_unread ON letters (mailbox_id) WHERE channel = 'page' AND read_at IS NULL;

CREATE TABLE mailbox_items (
    mailbox_id    bigint NOT NULL,
    happening_id  bigint NOT NULL,
    severity      text NOT NULL,
    letter_id     bigint,
    -- It came to nothing before it was told: its alert was decided on meanwhile.
    dropped_at    timestamptz,
    CONSTRAINT mailbox_items_pkey PRIMARY KEY (mailbox_id, happening_id),
    CONSTRAINT mailbox_items_mailbox_exists FOREIGN KEY (mailbox_id) REFERENCES mailboxes (mailbox_id),
    CONSTRAINT mailbox_items_happening_exists FOREIGN KEY (happening_id) REFERENCES happenings (happening_id),
    CONSTRAINT mailbox_items_letter_exists FOREIGN KEY (letter_id) REFERENCES letters (letter_id),
    CONSTRAINT mailbox_items_severity_known CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    CONSTRAINT mailbox_items_told_or_dropped CHECK (letter_id IS NULL OR dropped_at IS NULL)
);
CREATE INDEX mailbox_items_waiting ON mailbox_items (mailbox_id, happening_id)
    WHERE letter_id IS NULL AND dropped_at IS NULL;
CREATE INDEX mailbox_items_of_letter ON mailbox_items (letter_id) WHERE letter_id IS NOT NULL;

-- The delivery log.
CREATE TABLE letter_attempts (
    attempt_id  bigint GENERATED ALWAYS AS IDENTITY,
    letter_id   bigint NOT NULL,
    attempt     integer NOT NULL,
    at          timestamptz NOT NULL,
    took_ms     integer NOT NULL,
    status      integer,
    error       text NOT NULL DEFAULT '',
    CONSTRAINT letter_attempts_pkey PRIMARY KEY (attempt_id),
    CONSTRAINT letter_attempts_letter_exists FOREIGN KEY (letter_id) REFERENCES letters (letter_id)
);
CREATE INDEX letter_attempts_by_letter ON letter_attempts (letter_id, attempt_id);
CREATE TRIGGER letter_attempts_append_only BEFORE UPDATE OR DELETE ON letter_attempts
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER letter_attempts_no_truncate BEFORE TRUNCATE ON letter_attempts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Open pages of a person hear of a letter, or that it was read; the payload is the username.
CREATE FUNCTION tell_page_letters_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('notices', u.username)
    FROM (SELECT DISTINCT mailbox_id FROM written WHERE channel = 'page') l
    JOIN mailboxes USING (mailbox_id) JOIN users u USING (user_id);
    RETURN NULL;
END $$;
CREATE TRIGGER letters_inserted_tell AFTER INSERT ON letters REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION tell_page_letters_changed();
CREATE TRIGGER letters_updated_tell AFTER UPDATE ON letters REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION tell_page_letters_changed();
-- Couriers wake for a letter that is to be sent.
CREATE TRIGGER letters_wake_clerks AFTER INSERT ON letters REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION wake_clerks();
