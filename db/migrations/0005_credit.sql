-- The credit ledger: facts appended, never edited; a score is a pure function of them and the dated rules.

CREATE TABLE credit_events (
    event_id       bigint GENERATED ALWAYS AS IDENTITY,
    market_id      text NOT NULL,
    vendor_id      text NOT NULL,
    occurred_at    timestamptz NOT NULL,
    recorded_at    timestamptz NOT NULL,
    recorded_by    text NOT NULL,
    reason         text NOT NULL,
    points         integer NOT NULL,
    rule           text NOT NULL,
    rules_version  text NOT NULL,
    alert_id       bigint,
    reverses       bigint,
    CONSTRAINT credit_events_pkey PRIMARY KEY (event_id),
    CONSTRAINT credit_events_vendor_exists
        FOREIGN KEY (market_id, vendor_id) REFERENCES vendors (market_id, vendor_id),
    CONSTRAINT credit_events_alert_exists FOREIGN KEY (alert_id) REFERENCES alerts (alert_id),
    CONSTRAINT credit_events_reversed_exists FOREIGN KEY (reverses) REFERENCES credit_events (event_id),
    CONSTRAINT credit_events_reversed_once UNIQUE (reverses)
);
CREATE UNIQUE INDEX credit_events_one_per_alert ON credit_events (alert_id) WHERE reverses IS NULL;
CREATE INDEX credit_events_by_vendor ON credit_events (market_id, vendor_id, occurred_at);

CREATE TRIGGER credit_events_append_only BEFORE UPDATE OR DELETE ON credit_events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_events_no_truncate BEFORE TRUNCATE ON credit_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
