-- The vendor's own page (企业码): a code that nobody can guess, of which only the hash is kept; and what the vendor says.

CREATE TABLE vendor_codes (
    code_digest  bytea NOT NULL,
    market_id    text NOT NULL,
    vendor_id    text NOT NULL,
    issued_by    text NOT NULL,
    issued_at    timestamptz NOT NULL,
    -- A new code ends the one before.
    ended_at     timestamptz,
    CONSTRAINT vendor_codes_pkey PRIMARY KEY (code_digest),
    CONSTRAINT vendor_codes_vendor_exists
        FOREIGN KEY (market_id, vendor_id) REFERENCES vendors (market_id, vendor_id)
);
CREATE UNIQUE INDEX vendor_codes_one_now ON vendor_codes (market_id, vendor_id) WHERE ended_at IS NULL;

CREATE TABLE inspection_feedback (
    feedback_id    bigint GENERATED ALWAYS AS IDENTITY,
    inspection_id  bigint NOT NULL,
    -- 1 to 5; NULL: words only.
    stars          smallint,
    words          text NOT NULL,
    given_at       timestamptz NOT NULL,
    CONSTRAINT inspection_feedback_pkey PRIMARY KEY (feedback_id),
    CONSTRAINT inspection_feedback_inspection_exists
        FOREIGN KEY (inspection_id) REFERENCES inspections (inspection_id),
    CONSTRAINT inspection_feedback_stars CHECK (stars BETWEEN 1 AND 5),
    CONSTRAINT inspection_feedback_something CHECK (stars IS NOT NULL OR words <> ''),
    CONSTRAINT inspection_feedback_not_endless CHECK (length(words) <= 2000)
);
CREATE INDEX inspection_feedback_by_inspection ON inspection_feedback (inspection_id, feedback_id);
CREATE TRIGGER inspection_feedback_append_only BEFORE UPDATE OR DELETE ON inspection_feedback
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER inspection_feedback_no_truncate BEFORE TRUNCATE ON inspection_feedback
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
