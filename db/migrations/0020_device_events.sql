-- What happens to a scale beside weighing: kept as it came, told of in alerts where the policy says so, and, of the caps,
-- which list each scale holds. With it: what a market was told to hold, and references that are proposed from trade.

CREATE TABLE device_events (
    market_id     text NOT NULL,
    scale_id      text NOT NULL,
    journal_id    text NOT NULL,
    event_no      bigint NOT NULL,
    kind          text NOT NULL,
    -- What the agent's clock said, and the moment that counts: that, or the arrival where the clock is not to be believed.
    at            timestamptz NOT NULL,
    clock_synced  boolean NOT NULL,
    happened_at   timestamptz NOT NULL,
    received_at   timestamptz NOT NULL,
    -- Whose the scale was at the moment that counts (never out of the message).
    stall_id      text,
    vendor_id     text,
    detail        jsonb NOT NULL DEFAULT '{}',
    -- The exact bytes as they came, and their SHA-256: the same number with others is a conflict.
    digest        bytea NOT NULL,
    body          bytea NOT NULL,
    CONSTRAINT device_events_pkey PRIMARY KEY (market_id, scale_id, journal_id, event_no),
    CONSTRAINT device_events_numbered_from_one CHECK (event_no >= 1),
    CONSTRAINT device_events_digest_is_sha256 CHECK (octet_length(digest) = 32)
);
CREATE INDEX device_events_by_scale ON device_events (market_id, scale_id, happened_at DESC);
-- Zero and tare are most of them, and nobody looks for those across a market.
CREATE INDEX device_events_of_note ON device_events (market_id, happened_at DESC)
    WHERE kind NOT IN ('zero', 'tare', 'power_on', 'power_off', 'caps_applied');

CREATE TRIGGER device_events_append_only BEFORE UPDATE OR DELETE ON device_events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER device_events_no_truncate BEFORE TRUNCATE ON device_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The device events that an alert tells of, each once.
CREATE TABLE alert_device_events (
    alert_id    bigint NOT NULL,
    market_id   text NOT NULL,
    scale_id    text NOT NULL,
    journal_id  text NOT NULL,
    event_no    bigint NOT NULL,
    CONSTRAINT alert_device_events_pkey PRIMARY KEY (alert_id, market_id, scale_id, journal_id, event_no),
    CONSTRAINT alert_device_events_alert_exists FOREIGN KEY (alert_id) REFERENCES alerts (alert_id),
    CONSTRAINT alert_device_events_event_exists FOREIGN KEY (market_id, scale_id, journal_id, event_no)
        REFERENCES device_events (market_id, scale_id, journal_id, event_no)
);

ALTER TABLE alerts DROP CONSTRAINT IF EXISTS alerts_kind_known;
ALTER TABLE alerts ADD CONSTRAINT alerts_kind_known
    CHECK (kind IN ('price_over_cap', 'effective_price_over_cap', 'sequence_conflict', 'unbound_scale', 'sequence_gap',
                    'chain_break', 'clock_drift',
                    'amount_mismatch', 'price_scaled', 'unit_confusion', 'grade_upgrade', 'unstable_weight',
                    'zero_abnormal', 'tare_abuse', 'below_minimum',
                    'other_overuse', 'species_suspect', 'split_weighing', 'repeated_weighing', 'frequent_voids',
                    'price_off_usual', 'price_spike', 'scale_silent', 'low_use',
                    'scale_unsuitable', 'verification_due', 'verification_expired', 'scale_unregistered',
                    'cap_list_missing', 'short_weight',
                    'case_open', 'seal_broken', 'calibration_changed', 'firmware_changed', 'device_changed',
                    'clock_changed', 'scale_locked', 'scale_unlocked'));

-- When somebody works on a scale by right: what is opened and calibrated then is no finding.
CREATE TABLE maintenance_tickets (
    ticket_id   bigint GENERATED ALWAYS AS IDENTITY,
    market_id   text NOT NULL,
    scale_id    text NOT NULL,
    valid       tstzrange NOT NULL,
    reason      text NOT NULL,
    opened_by   text NOT NULL,
    opened_at   timestamptz NOT NULL,
    CONSTRAINT maintenance_tickets_pkey PRIMARY KEY (ticket_id),
    CONSTRAINT maintenance_tickets_scale_exists
        FOREIGN KEY (market_id, scale_id) REFERENCES scales (market_id, scale_id),
    CONSTRAINT maintenance_tickets_bounded
        CHECK (NOT isempty(valid) AND NOT lower_inf(valid) AND NOT upper_inf(valid)
               AND upper(valid) - lower(valid) <= interval '7 days'),
    -- Nobody excuses afterwards what has happened.
    CONSTRAINT maintenance_tickets_begin_when_opened CHECK (lower(valid) >= opened_at),
    CONSTRAINT maintenance_tickets_say_why CHECK (reason <> '')
);
CREATE INDEX maintenance_tickets_by_scale ON maintenance_tickets USING gist (market_id, scale_id, valid);

-- Which list each market was told to hold, from when on (ingest/cap_announcer.py). One row a change.
CREATE TABLE cap_announcements (
    announcement_id  bigint GENERATED ALWAYS AS IDENTITY,
    market_id        text NOT NULL,
    version          text NOT NULL,
    -- NULL: the market was told that no list is in force.
    cap_list_id      bigint,
    announced_at     timestamptz NOT NULL,
    CONSTRAINT cap_announcements_pkey PRIMARY KEY (announcement_id),
    CONSTRAINT cap_announcements_market_exists FOREIGN KEY (market_id) REFERENCES markets (market_id)
);
CREATE INDEX cap_announcements_by_market ON cap_announcements (market_id, announcement_id DESC);
CREATE INDEX cap_announcements_by_version ON cap_announcements (market_id, version, announcement_id DESC);

-- Which list each scale holds by what its agent said last, and since when.
CREATE TABLE scale_caps (
    market_id    text NOT NULL,
    scale_id     text NOT NULL,
    version      text NOT NULL,
    applied_at   timestamptz NOT NULL,
    journal_id   text NOT NULL,
    event_no     bigint NOT NULL,
    CONSTRAINT scale_caps_pkey PRIMARY KEY (market_id, scale_id),
    CONSTRAINT scale_caps_scale_exists FOREIGN KEY (market_id, scale_id) REFERENCES scales (market_id, scale_id)
);

-- Whoever shows who holds which list hears of a change when it is committed, by market.
CREATE FUNCTION tell_scale_caps_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('scale_caps', NEW.market_id);
    RETURN NULL;
END $$;
CREATE TRIGGER scale_caps_tell AFTER INSERT OR UPDATE ON scale_caps
    FOR EACH ROW EXECUTE FUNCTION tell_scale_caps_changed();
CREATE TRIGGER cap_announcements_tell AFTER INSERT ON cap_announcements
    FOR EACH ROW EXECUTE FUNCTION tell_scale_caps_changed();
