-- Licences and approvals as offices tell of them, version by version; whom of the register they are about; the check that
-- each new or changed one is followed by, with its trail; and what of the results went back (docs/approvals.md).

-- What was handed in, as it came.
CREATE TABLE approval_receipts (
    receipt_id   bigint GENERATED ALWAYS AS IDENTITY,
    feed         text NOT NULL,
    name         text NOT NULL,
    content      bytea NOT NULL,
    digest       bytea NOT NULL,
    received_by  text NOT NULL,
    received_at  timestamptz NOT NULL,
    -- NULL: looked at, and not taken over.
    taken_by     text,
    taken_at     timestamptz,
    added        integer,
    changed      integer,
    unchanged    integer,
    late         integer,
    CONSTRAINT approval_receipts_pkey PRIMARY KEY (receipt_id),
    CONSTRAINT approval_receipts_feed_known CHECK (feed IN ('file', 'api', 'command')),
    CONSTRAINT approval_receipts_digest CHECK (digest = sha256(content)),
    CONSTRAINT approval_receipts_not_large CHECK (octet_length(content) <= 4194304),
    CONSTRAINT approval_receipts_taken_by_somebody
        CHECK ((taken_by IS NULL) = (taken_at IS NULL) AND (taken_by IS NULL) = (added IS NULL)
               AND (taken_by IS NULL) = (changed IS NULL) AND (taken_by IS NULL) = (unchanged IS NULL)
               AND (taken_by IS NULL) = (late IS NULL))
);
CREATE INDEX approval_receipts_only_looked_at ON approval_receipts (received_at) WHERE taken_by IS NULL;
CREATE INDEX approval_receipts_taken ON approval_receipts (taken_at DESC, receipt_id DESC) WHERE taken_by IS NOT NULL;

-- Once taken over it is what a version goes back to, and stays as it came.
CREATE FUNCTION refuse_change_of_taken_receipt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.taken_by IS NOT NULL OR (TG_OP = 'UPDATE' AND OLD.content <> NEW.content) THEN
        RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER approval_receipts_kept BEFORE UPDATE OR DELETE ON approval_receipts
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_taken_receipt();

-- What holds of an approval today; approval_versions has all that was told.
CREATE TABLE approvals (
    approval_id   bigint GENERATED ALWAYS AS IDENTITY,
    authority     text NOT NULL,
    number        text NOT NULL,
    version       integer NOT NULL,
    kind          text NOT NULL,
    act           text NOT NULL,
    subject_name  text NOT NULL,
    credit_code   text NOT NULL DEFAULT '',
    licence_no    text NOT NULL DEFAULT '',
    issued_on     date NOT NULL,
    valid_from    date,
    valid_until   date,
    scope         text NOT NULL DEFAULT '',
    digest        bytea NOT NULL,
    -- When its office changed it last, as far as anybody said; the same told again later moves it too.
    changed_at    timestamptz,
    received_at   timestamptz NOT NULL,
    -- Whether a vendor of the register is known to be whom it is about.
    is_matched    boolean NOT NULL DEFAULT false,
    CONSTRAINT approvals_pkey PRIMARY KEY (approval_id),
    CONSTRAINT approvals_number_once UNIQUE (authority, number),
    CONSTRAINT approvals_named CHECK (authority <> '' AND number <> '' AND subject_name <> ''),
    CONSTRAINT approvals_kind_known CHECK (kind IN ('licence', 'permit', 'filing', 'commitment')),
    CONSTRAINT approvals_act_known CHECK (act IN ('new', 'changed', 'renewed', 'cancelled')),
    CONSTRAINT approvals_about_somebody CHECK (credit_code <> '' OR licence_no <> ''),
    CONSTRAINT approvals_end_after_they_begin CHECK (valid_until >= valid_from),
    CONSTRAINT approvals_digest CHECK (octet_length(digest) = 32)
);
CREATE INDEX approvals_by_credit_code ON approvals (credit_code) WHERE credit_code <> '';
CREATE INDEX approvals_by_licence_no ON approvals (licence_no) WHERE licence_no <> '';
CREATE INDEX approvals_unmatched ON approvals (approval_id DESC) WHERE NOT is_matched;
CREATE INDEX approvals_by_number ON approvals (number text_pattern_ops);
CREATE INDEX vendors_by_licence_no ON vendors (licence_no) WHERE licence_no <> '';

CREATE TABLE approval_versions (
    approval_id   bigint NOT NULL,
    version       integer NOT NULL,
    authority     text NOT NULL,
    number        text NOT NULL,
    kind          text NOT NULL,
    act           text NOT NULL,
    subject_name  text NOT NULL,
    credit_code   text NOT NULL,
    licence_no    text NOT NULL,
    issued_on     date NOT NULL,
    valid_from    date,
    valid_until   date,
    scope         text NOT NULL,
    digest        bytea NOT NULL,
    changed_at    timestamptz,
    changes       jsonb NOT NULL,
    is_late       boolean NOT NULL,
    feed          text NOT NULL,
    receipt_id    bigint,
    received_at   timestamptz NOT NULL,
    received_by   text NOT NULL,
    CONSTRAINT approval_versions_pkey PRIMARY KEY (approval_id, version),
    CONSTRAINT approval_versions_approval_exists FOREIGN KEY (approval_id) REFERENCES approvals (approval_id),
    CONSTRAINT approval_versions_receipt_exists FOREIGN KEY (receipt_id) REFERENCES approval_receipts (receipt_id)
);
CREATE TRIGGER approval_versions_append_only BEFORE UPDATE OR DELETE ON approval_versions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Whom an approval is about. What was ended by a person is not found again by a code.
CREATE TABLE approval_matches (
    match_id       bigint GENERATED ALWAYS AS IDENTITY,
    approval_id    bigint NOT NULL,
    market_id      text NOT NULL,
    vendor_id      text NOT NULL,
    how            text NOT NULL,
    because        text NOT NULL DEFAULT '',
    by             text NOT NULL,
    at             timestamptz NOT NULL,
    ended_by       text,
    ended_at       timestamptz,
    ended_because  text NOT NULL DEFAULT '',
    CONSTRAINT approval_matches_pkey PRIMARY KEY (match_id),
    CONSTRAINT approval_matches_approval_exists FOREIGN KEY (approval_id) REFERENCES approvals (approval_id),
    CONSTRAINT approval_matches_vendor_exists
        FOREIGN KEY (market_id, vendor_id) REFERENCES vendors (market_id, vendor_id),
    CONSTRAINT approval_matches_how_known CHECK (how IN ('credit_code', 'licence_no', 'person')),
    CONSTRAINT approval_matches_by_a_person_say_why CHECK (how <> 'person' OR because <> ''),
    CONSTRAINT approval_matches_ended_say_why
        CHECK ((ended_by IS NULL) = (ended_at IS NULL) AND (ended_by IS NULL) = (ended_because = ''))
);
CREATE UNIQUE INDEX approval_matches_once ON approval_matches (approval_id, market_id, vendor_id) WHERE ended_at IS NULL;
CREATE INDEX approval_matches_by_approval ON approval_matches (approval_id);
CREATE INDEX approval_matches_by_vendor ON approval_matches (market_id, vendor_id) WHERE ended_at IS NULL;
