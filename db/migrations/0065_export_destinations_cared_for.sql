-- A destination's secret is changed: the one before goes on signing for a while, so that the receiver can follow.
ALTER TABLE export_destinations
    ADD COLUMN previous_secret text,
    ADD COLUMN previous_until timestamptz,
    ADD CONSTRAINT export_destinations_previous_ends CHECK ((previous_secret IS NULL) = (previous_until IS NULL));
ALTER TABLE export_destination_steps
    DROP CONSTRAINT export_destination_steps_known,
    ADD CONSTRAINT export_destination_steps_known CHECK (
        action IN ('registered', 'disabled', 'enabled', 'resent', 'written', 'secret_changed', 'tested'));

-- What is sent to try a destination out: once, whatever comes of it. It holds no record and is in no ledger.
CREATE TABLE export_trials (
    trial_id         bigint GENERATED ALWAYS AS IDENTITY,
    destination_id   bigint NOT NULL,
    idempotency_key  text NOT NULL,
    asked_at         timestamptz NOT NULL,
    asked_by         text NOT NULL,
    -- Written before it is sent. One without an answer: whether it arrived, nobody knows.
    sent_at          timestamptz,
    answered_at      timestamptz,
    status           integer,
    said             text NOT NULL DEFAULT '',
    error            text NOT NULL DEFAULT '',
    CONSTRAINT export_trials_pkey PRIMARY KEY (trial_id),
    CONSTRAINT export_trials_key_once UNIQUE (idempotency_key),
    CONSTRAINT export_trials_destination_exists
        FOREIGN KEY (destination_id) REFERENCES export_destinations (destination_id),
    CONSTRAINT export_trials_sent_first CHECK (answered_at IS NULL OR sent_at IS NOT NULL)
);
CREATE UNIQUE INDEX export_trials_one_waits ON export_trials (destination_id) WHERE sent_at IS NULL;
CREATE INDEX export_trials_of ON export_trials (destination_id, trial_id DESC);
CREATE TRIGGER export_trials_not_deleted BEFORE DELETE ON export_trials
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER export_trials_wake_clerks AFTER INSERT ON export_trials REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION wake_clerks();

-- A destination that takes nothing for long is switched off, and people are told.
ALTER TABLE export_destinations ADD COLUMN failing_since timestamptz;
ALTER TABLE happenings
    DROP CONSTRAINT happenings_kind_known,
    DROP CONSTRAINT happenings_about_something,
    ADD CONSTRAINT happenings_kind_known CHECK (kind IN ('alert_opened', 'alert_graver', 'deadline_near', 'deadline_missed',
                                                         'escalated', 'assigned', 'endpoint_disabled',
                                                         'destination_disabled')),
    ADD CONSTRAINT happenings_about_something
        CHECK (kind IN ('endpoint_disabled', 'destination_disabled') OR alert_id IS NOT NULL);
