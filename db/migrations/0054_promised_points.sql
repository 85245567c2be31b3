-- A line of the ledger may follow from a promise: doubled since it broke it, or charged after all. When the promise falls, the
-- line is given back and the alert charged anew: an alert has one line that stands, not one line ever.
ALTER TABLE credit_events
    ADD COLUMN promise_id bigint,
    ADD COLUMN factor integer NOT NULL DEFAULT 1,
    ADD CONSTRAINT credit_events_promise_exists FOREIGN KEY (promise_id) REFERENCES promises (promise_id),
    ADD CONSTRAINT credit_events_factor_at_least_one CHECK (factor >= 1);

DROP INDEX credit_events_one_per_alert;
CREATE INDEX credit_events_by_alert ON credit_events (alert_id) WHERE reverses IS NULL;

-- Whoever appends holds the vendor's row: nobody else is doing so at the same time.
CREATE FUNCTION refuse_a_second_standing_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.reverses IS NULL AND EXISTS (
        SELECT FROM credit_events e
        WHERE e.alert_id = NEW.alert_id AND e.reverses IS NULL
          AND NOT EXISTS (SELECT FROM credit_events undone WHERE undone.reverses = e.event_id)
    ) THEN
        RAISE EXCEPTION 'alert % is charged already', NEW.alert_id
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'credit_events_one_standing_per_alert';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER credit_events_one_standing_per_alert BEFORE INSERT ON credit_events
    FOR EACH ROW EXECUTE FUNCTION refuse_a_second_standing_line();
