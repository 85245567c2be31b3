-- What was finished of approvals and promises. People are told of checks and of promises, too: a happening is about an alert, a check, or a promise, which
-- has an alert.
ALTER TABLE happenings
    ADD COLUMN approval_check_id bigint,
    ADD COLUMN promise_id bigint,
    ADD CONSTRAINT happenings_approval_check_exists
        FOREIGN KEY (approval_check_id) REFERENCES approval_checks (check_id),
    ADD CONSTRAINT happenings_promise_exists FOREIGN KEY (promise_id) REFERENCES promises (promise_id),
    DROP CONSTRAINT happenings_kind_known,
    ADD CONSTRAINT happenings_kind_known
        CHECK (kind IN ('alert_opened', 'alert_graver', 'deadline_near', 'deadline_missed', 'escalated', 'assigned',
                        'endpoint_disabled', 'destination_disabled', 'check_near', 'check_overdue', 'promise_lapsing',
                        'promise_lapsed', 'promise_broken')),
    DROP CONSTRAINT happenings_about_something,
    ADD CONSTRAINT happenings_about_something
        CHECK (kind IN ('endpoint_disabled', 'destination_disabled') OR num_nonnulls(alert_id, approval_check_id) = 1),
    ADD CONSTRAINT happenings_of_checks CHECK ((kind IN ('check_near', 'check_overdue')) = (approval_check_id IS NOT NULL)),
    ADD CONSTRAINT happenings_of_promises CHECK ((kind LIKE 'promise\_%') = (promise_id IS NOT NULL));

-- What an approval office handed in may name persons: its bytes go when the policy says (policy/uploads.toml), its name,
-- SHA-256 and counts stay.
ALTER TABLE approval_receipts
    ALTER COLUMN content DROP NOT NULL,
    ADD COLUMN removed_at timestamptz,
    ADD CONSTRAINT approval_receipts_removed
        CHECK ((content IS NULL) = (removed_at IS NOT NULL) AND (content IS NOT NULL OR taken_by IS NOT NULL));
CREATE INDEX approval_receipts_to_remove ON approval_receipts (taken_at) WHERE taken_by IS NOT NULL AND content IS NOT NULL;
CREATE OR REPLACE FUNCTION refuse_change_of_taken_receipt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.taken_by IS NULL THEN
        IF TG_OP = 'DELETE' THEN
            RETURN OLD;
        ELSIF NEW.content IS NOT DISTINCT FROM OLD.content THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'UPDATE' AND OLD.content IS NOT NULL AND NEW.content IS NULL
        AND (OLD.receipt_id, OLD.feed, OLD.name, OLD.digest, OLD.received_by, OLD.received_at, OLD.taken_by, OLD.taken_at,
             OLD.added, OLD.changed, OLD.unchanged, OLD.late)
            IS NOT DISTINCT FROM
            (NEW.receipt_id, NEW.feed, NEW.name, NEW.digest, NEW.received_by, NEW.received_at, NEW.taken_by, NEW.taken_at,
             NEW.added, NEW.changed, NEW.unchanged, NEW.late)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;

-- The visit that is made for a check brings its result.
CREATE INDEX inspection_tasks_by_check ON inspection_tasks (approval_check_id) WHERE approval_check_id IS NOT NULL;

-- Tables that versions of the catalogue of items are read from: kept with the version, as they came.
CREATE TABLE item_catalogue_files (
    file_id       bigint GENERATED ALWAYS AS IDENTITY,
    name          text NOT NULL,
    content       bytea NOT NULL,
    asked         jsonb NOT NULL,
    uploaded_by   text NOT NULL,
    uploaded_at   timestamptz NOT NULL,
    -- NULL: looked at, and no draft.
    catalogue_id  bigint,
    CONSTRAINT item_catalogue_files_pkey PRIMARY KEY (file_id),
    CONSTRAINT item_catalogue_files_catalogue_exists FOREIGN KEY (catalogue_id) REFERENCES item_catalogues (catalogue_id),
    CONSTRAINT item_catalogue_files_one_each UNIQUE (catalogue_id),
    CONSTRAINT item_catalogue_files_not_large CHECK (octet_length(content) <= 4194304)
);
CREATE INDEX item_catalogue_files_only_looked_at ON item_catalogue_files (uploaded_at) WHERE catalogue_id IS NULL;
