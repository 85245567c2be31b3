-- Credit reports as they were issued (docs/credit-reports.md): never changed, and verified by what is kept of them.

CREATE TABLE credit_reports (
    report_id      bigint GENERATED ALWAYS AS IDENTITY,
    -- What the QR of the report opens the check with.
    code           text NOT NULL,
    kind           text NOT NULL,
    variant        text NOT NULL,
    market_id      text,
    vendor_id      text,
    first_day      date NOT NULL,
    last_day       date NOT NULL,
    -- From this day on its figures go back: the cycle and the period that it is compared with.
    looks_back_to  date NOT NULL,
    rules_version  text NOT NULL,
    -- The canonical JSON, compressed (zlib), and the SHA-256 of what is compressed.
    content        bytea NOT NULL,
    digest         bytea NOT NULL,
    -- What the figures rest on, as a digest: what everybody may know of it, and all of it.
    public_mark    text NOT NULL,
    inner_mark     text NOT NULL,
    issued_at      timestamptz NOT NULL,
    issued_by      text NOT NULL,
    CONSTRAINT credit_reports_pkey PRIMARY KEY (report_id),
    CONSTRAINT credit_reports_code_once UNIQUE (code),
    CONSTRAINT credit_reports_code_shaped CHECK (code ~ '^[0-9A-HJKMNP-TV-Z]{12}$'),
    CONSTRAINT credit_reports_kind_known CHECK (kind IN ('vendor', 'market', 'city')),
    CONSTRAINT credit_reports_variant_known CHECK (variant IN ('public', 'inner')),
    CONSTRAINT credit_reports_of_somebody
        CHECK ((kind <> 'city') = (market_id IS NOT NULL) AND (kind = 'vendor') = (vendor_id IS NOT NULL)),
    CONSTRAINT credit_reports_days CHECK (looks_back_to <= first_day AND first_day <= last_day),
    CONSTRAINT credit_reports_digest_sha256 CHECK (octet_length(digest) = 32),
    CONSTRAINT credit_reports_market_exists FOREIGN KEY (market_id) REFERENCES markets (market_id),
    CONSTRAINT credit_reports_vendor_exists
        FOREIGN KEY (market_id, vendor_id) REFERENCES vendors (market_id, vendor_id)
);
CREATE INDEX credit_reports_of_market ON credit_reports (market_id, report_id DESC);
CREATE INDEX credit_reports_by_digest ON credit_reports (digest);

-- Every file that was handed out of a report, by its bytes: so a file is known again, whatever its form.
CREATE TABLE credit_report_files (
    report_id  bigint NOT NULL,
    sha256     bytea NOT NULL,
    form       text NOT NULL,
    language   text NOT NULL,
    made_at    timestamptz NOT NULL,
    CONSTRAINT credit_report_files_pkey PRIMARY KEY (report_id, sha256),
    CONSTRAINT credit_report_files_report_exists FOREIGN KEY (report_id) REFERENCES credit_reports (report_id),
    CONSTRAINT credit_report_files_form_known CHECK (form IN ('pdf', 'xlsx', 'csv', 'json')),
    CONSTRAINT credit_report_files_sha256 CHECK (octet_length(sha256) = 32)
);

CREATE TRIGGER credit_reports_append_only BEFORE UPDATE OR DELETE ON credit_reports
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_reports_no_truncate BEFORE TRUNCATE ON credit_reports
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_report_files_append_only BEFORE UPDATE OR DELETE ON credit_report_files
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_report_files_no_truncate BEFORE TRUNCATE ON credit_report_files
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
