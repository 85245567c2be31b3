-- What people put on record of a vendor, each with its document and the line of the ledger that follows from it. It is
-- withdrawn once, by giving the line back; nothing else of it ever changes.
CREATE TABLE credit_records (
    record_id      bigint GENERATED ALWAYS AS IDENTITY,
    market_id      text NOT NULL,
    vendor_id      text NOT NULL,
    name           text NOT NULL,
    points         integer NOT NULL,
    document_no    text NOT NULL,
    evidence       text NOT NULL,
    happened_on    date NOT NULL,
    rules_version  text NOT NULL,
    recorded_by    text NOT NULL,
    recorded_at    timestamptz NOT NULL,
    origin         text NOT NULL,
    event_id       bigint NOT NULL,
    withdrawn_at   timestamptz,
    withdrawn_by   text,
    withdrawn_why  text NOT NULL DEFAULT '',
    CONSTRAINT credit_records_pkey PRIMARY KEY (record_id),
    CONSTRAINT credit_records_vendor_exists
        FOREIGN KEY (market_id, vendor_id) REFERENCES vendors (market_id, vendor_id),
    CONSTRAINT credit_records_event_exists FOREIGN KEY (event_id) REFERENCES credit_events (event_id),
    CONSTRAINT credit_records_one_per_event UNIQUE (event_id),
    CONSTRAINT credit_records_documented CHECK (document_no <> '' AND evidence <> ''),
    CONSTRAINT credit_records_withdrawn_by_another CHECK (withdrawn_by <> recorded_by),
    CONSTRAINT credit_records_withdrawn_why
        CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL) AND (withdrawn_at IS NULL) = (withdrawn_why = ''))
);
-- Sent twice, it stands once. Withdrawn, the same document can be put on record again, as it should have been.
CREATE UNIQUE INDEX credit_records_once ON credit_records (market_id, vendor_id, name, document_no, happened_on)
    WHERE withdrawn_at IS NULL;
CREATE INDEX credit_records_by_vendor ON credit_records (market_id, vendor_id, record_id);

CREATE FUNCTION refuse_to_rewrite_a_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.withdrawn_at IS NOT NULL
       OR to_jsonb(OLD) - '{withdrawn_at,withdrawn_by,withdrawn_why}'::text[]
          IS DISTINCT FROM to_jsonb(NEW) - '{withdrawn_at,withdrawn_by,withdrawn_why}'::text[]
    THEN
        RAISE EXCEPTION 'what was put on record is never changed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER credit_records_keep_their_words BEFORE UPDATE ON credit_records
    FOR EACH ROW EXECUTE FUNCTION refuse_to_rewrite_a_record();
CREATE TRIGGER credit_records_stay BEFORE DELETE ON credit_records FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_records_no_truncate BEFORE TRUNCATE ON credit_records
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
