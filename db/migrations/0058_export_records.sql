-- What other systems are given (docs/exports.md): each version of each record as it was made, never changed.

CREATE SEQUENCE export_revisions;

CREATE TABLE export_records (
    -- Grows in the order in which records are committed: who has seen a revision has seen all before it.
    revision   bigint NOT NULL,
    form       text NOT NULL,
    record_id  text NOT NULL,
    version    integer NOT NULL,
    market_id  text NOT NULL,
    vendor_id  text NOT NULL,
    made_at    timestamptz NOT NULL,
    -- With everything in full; a reader without a scope for it gets identities masked.
    body       jsonb NOT NULL,
    CONSTRAINT export_records_pkey PRIMARY KEY (revision),
    CONSTRAINT export_records_version_once UNIQUE (form, record_id, version),
    CONSTRAINT export_records_form_known CHECK (form IN ('penalty', 'credit_record')),
    CONSTRAINT export_records_version_positive CHECK (version > 0),
    CONSTRAINT export_records_vendor_exists
        FOREIGN KEY (market_id, vendor_id) REFERENCES vendors (market_id, vendor_id)
);
CREATE INDEX export_records_by_form ON export_records (form, revision);
CREATE INDEX export_records_by_market ON export_records (form, market_id, revision);

CREATE FUNCTION number_export_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('export_revisions'));
    NEW.revision := nextval('export_revisions');
    RETURN NEW;
END $$;
CREATE TRIGGER export_records_numbered BEFORE INSERT ON export_records
    FOR EACH ROW EXECUTE FUNCTION number_export_record();
CREATE TRIGGER export_records_append_only BEFORE UPDATE OR DELETE ON export_records
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER export_records_no_truncate BEFORE TRUNCATE ON export_records
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER export_records_wake_clerks AFTER INSERT ON export_records REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION wake_clerks();

-- Vendors whose credit record may read otherwise now: written in the transaction that made it so, taken by whoever looks.
CREATE TABLE export_stale_vendors (
    stale_id   bigint GENERATED ALWAYS AS IDENTITY,
    market_id  text NOT NULL,
    vendor_id  text NOT NULL,
    CONSTRAINT export_stale_vendors_pkey PRIMARY KEY (stale_id)
);
CREATE TRIGGER export_stale_vendors_wake_clerks AFTER INSERT ON export_stale_vendors REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION wake_clerks();

CREATE FUNCTION note_stale_vendors() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO export_stale_vendors (market_id, vendor_id) SELECT DISTINCT market_id, vendor_id FROM written;
    RETURN NULL;
END $$;
CREATE TRIGGER credit_events_note_stale AFTER INSERT ON credit_events REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION note_stale_vendors();
CREATE TRIGGER vendors_note_stale AFTER INSERT ON vendors REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION note_stale_vendors();

CREATE FUNCTION note_stale_vendor() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO export_stale_vendors (market_id, vendor_id) VALUES (NEW.market_id, NEW.vendor_id);
    RETURN NULL;
END $$;
CREATE TRIGGER vendors_renamed_note_stale AFTER UPDATE ON vendors FOR EACH ROW
    WHEN ((OLD.name, OLD.kind, OLD.credit_code, OLD.licence_no)
          IS DISTINCT FROM (NEW.name, NEW.kind, NEW.credit_code, NEW.licence_no))
    EXECUTE FUNCTION note_stale_vendor();

-- How far a source was read: of credit, a market's cycle and rules; of penalties, the revision of their list.
CREATE TABLE export_marks (
    source  text NOT NULL,
    value   text NOT NULL,
    CONSTRAINT export_marks_pkey PRIMARY KEY (source)
);
