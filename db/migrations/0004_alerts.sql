-- Leads (线索), one open per vendor, kind, species and business day, with everything that was done to them.

CREATE TABLE alerts (
    alert_id               bigint GENERATED ALWAYS AS IDENTITY,
    market_id              text NOT NULL,
    kind                   text NOT NULL,
    -- The vendor, or the scale where no vendor is bound to it: what "one open alert" is counted by.
    subject                text NOT NULL GENERATED ALWAYS AS (coalesce(vendor_id, 'scale:' || scale_id)) STORED,
    vendor_id              text,
    stall_id               text,
    scale_id               text NOT NULL,
    species_code           text NOT NULL DEFAULT '',
    business_day           date NOT NULL,
    state                  text NOT NULL DEFAULT 'open',
    occurrences            integer NOT NULL,
    first_at               timestamptz NOT NULL,
    last_at                timestamptz NOT NULL,
    worst_excess_fen       bigint NOT NULL DEFAULT 0,
    worst_excess_permille  bigint NOT NULL DEFAULT 0,
    worst_cap_fen          bigint,
    worst_cap_unit         text,
    overcharge_fen         bigint NOT NULL DEFAULT 0,
    note                   text NOT NULL DEFAULT '',
    opened_at              timestamptz NOT NULL,
    updated_at             timestamptz NOT NULL,
    decided_at             timestamptz,
    decided_by             text,
    dismiss_reason         text,
    CONSTRAINT alerts_pkey PRIMARY KEY (alert_id),
    CONSTRAINT alerts_market_exists FOREIGN KEY (market_id) REFERENCES markets (market_id),
    CONSTRAINT alerts_kind_known
        CHECK (kind IN ('price_over_cap', 'effective_price_over_cap', 'sequence_conflict', 'unbound_scale')),
    CONSTRAINT alerts_cap_has_a_unit CHECK ((worst_cap_fen IS NULL) = (worst_cap_unit IS NULL)),
    CONSTRAINT alerts_cap_unit_known CHECK (worst_cap_unit IN ('kg', 'piece')),
    CONSTRAINT alerts_state_known
        CHECK (state IN ('open', 'acknowledged', 'confirmed', 'dismissed', 'overturned')),
    CONSTRAINT alerts_occurred CHECK (occurrences >= 1 AND first_at <= last_at),
    CONSTRAINT alerts_decided_when_final
        CHECK ((state IN ('confirmed', 'dismissed', 'overturned')) = (decided_at IS NOT NULL AND decided_by IS NOT NULL)),
    CONSTRAINT alerts_dismissed_with_reason CHECK ((state = 'dismissed') = (dismiss_reason IS NOT NULL)),
    CONSTRAINT alerts_dismiss_reason_known
        CHECK (dismiss_reason IN ('false_positive', 'device_fault', 'list_error'))
);
CREATE UNIQUE INDEX alerts_one_open ON alerts (market_id, subject, kind, species_code, business_day)
    WHERE state IN ('open', 'acknowledged');
CREATE INDEX alerts_by_market_and_state ON alerts (market_id, state, updated_at DESC);
CREATE INDEX alerts_by_vendor ON alerts (market_id, vendor_id, opened_at DESC);

-- Alerts with the words that pages, reports and the API show them with.
CREATE VIEW alerts_in_words AS
SELECT a.alert_id, a.market_id, m.name AS market_name, a.kind, a.vendor_id, coalesce(v.name, '') AS vendor_name,
       a.stall_id, a.scale_id, a.species_code, coalesce(s.name_zh, '') AS species_name,
       coalesce(s.name_en, '') AS species_name_en, a.business_day, a.state, a.occurrences, a.first_at, a.last_at,
       a.worst_excess_fen, a.worst_excess_permille, a.worst_cap_fen, a.worst_cap_unit, a.overcharge_fen, a.note,
       a.opened_at, a.updated_at, a.decided_at, a.decided_by, a.dismiss_reason, m.timezone
FROM alerts a
JOIN markets m USING (market_id)
LEFT JOIN vendors v ON v.market_id = a.market_id AND v.vendor_id = a.vendor_id
LEFT JOIN species s ON s.species_code = a.species_code;

-- The occurrences. A weighing counts once in an alert, whatever is delivered again.
CREATE TABLE alert_weighings (
    occurrence_id   bigint GENERATED ALWAYS AS IDENTITY,
    alert_id        bigint NOT NULL,
    market_id       text NOT NULL,
    scale_id        text NOT NULL,
    journal_id      text NOT NULL,
    seq             bigint NOT NULL,
    weighed_at      timestamptz NOT NULL,
    excess_fen      bigint NOT NULL,
    overcharge_fen  bigint NOT NULL,
    CONSTRAINT alert_weighings_pkey PRIMARY KEY (alert_id, scale_id, journal_id, seq, weighed_at),
    CONSTRAINT alert_weighings_numbered_once UNIQUE (occurrence_id),
    CONSTRAINT alert_weighings_alert_exists FOREIGN KEY (alert_id) REFERENCES alerts (alert_id)
);

CREATE TABLE alert_events (
    alert_event_id  bigint GENERATED ALWAYS AS IDENTITY,
    alert_id        bigint NOT NULL,
    at              timestamptz NOT NULL,
    actor           text NOT NULL,
    action          text NOT NULL,
    from_state      text NOT NULL,
    to_state        text NOT NULL,
    reason          text NOT NULL DEFAULT '',
    note            text NOT NULL DEFAULT '',
    CONSTRAINT alert_events_pkey PRIMARY KEY (alert_event_id),
    CONSTRAINT alert_events_alert_exists FOREIGN KEY (alert_id) REFERENCES alerts (alert_id)
);
CREATE INDEX alert_events_by_alert ON alert_events (alert_id, alert_event_id);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER alert_events_append_only BEFORE UPDATE OR DELETE ON alert_events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER alert_events_no_truncate BEFORE TRUNCATE ON alert_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Whoever shows alerts hears of a change when it is committed, by market.
CREATE FUNCTION tell_alert_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('alerts', NEW.market_id);
    RETURN NULL;
END $$;
CREATE TRIGGER alerts_tell AFTER INSERT OR UPDATE ON alerts
    FOR EACH ROW EXECUTE FUNCTION tell_alert_changed();
