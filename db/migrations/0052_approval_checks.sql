-- The check after an approval (批后核查), its trail, and the results that went back, as they went.

-- An export is numbered without a gap: whoever receives them sees that none is missing.
CREATE TABLE approval_exports (
    export_no   bigint NOT NULL,
    made_by     text NOT NULL,
    made_at     timestamptz NOT NULL,
    results     integer NOT NULL,
    csv         bytea NOT NULL,
    csv_digest  bytea NOT NULL,
    json        bytea NOT NULL,
    json_digest bytea NOT NULL,
    CONSTRAINT approval_exports_pkey PRIMARY KEY (export_no),
    CONSTRAINT approval_exports_hold_something CHECK (results > 0),
    CONSTRAINT approval_exports_digests CHECK (csv_digest = sha256(csv) AND json_digest = sha256(json))
);
CREATE TRIGGER approval_exports_append_only BEFORE UPDATE OR DELETE ON approval_exports
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE approval_checks (
    check_id        bigint GENERATED ALWAYS AS IDENTITY,
    approval_id     bigint NOT NULL,
    version         integer NOT NULL,
    state           text NOT NULL DEFAULT 'open',
    opened_at       timestamptz NOT NULL,
    due_on          date NOT NULL,
    assigned_to     text,
    result          text,
    note            text NOT NULL DEFAULT '',
    checked_by      text,
    checked_at      timestamptz,
    -- The last export its result went back with.
    export_no       bigint,
    inspection_id   bigint,
    policy_version  text NOT NULL,
    CONSTRAINT approval_checks_pkey PRIMARY KEY (check_id),
    CONSTRAINT approval_checks_version_exists
        FOREIGN KEY (approval_id, version) REFERENCES approval_versions (approval_id, version),
    CONSTRAINT approval_checks_export_exists FOREIGN KEY (export_no) REFERENCES approval_exports (export_no),
    CONSTRAINT approval_checks_inspection_exists
        FOREIGN KEY (inspection_id) REFERENCES inspections (inspection_id),
    CONSTRAINT approval_checks_state_known
        CHECK (state IN ('open', 'taken_up', 'checked', 'exported', 'withdrawn')),
    CONSTRAINT approval_checks_result_known
        CHECK (result IN ('conforms', 'deviates', 'not_found', 'not_applicable')),
    CONSTRAINT approval_checks_checked_with_a_result
        CHECK ((state IN ('checked', 'exported')) = (result IS NOT NULL)
               AND (result IS NULL) = (checked_by IS NULL) AND (result IS NULL) = (checked_at IS NULL)),
    CONSTRAINT approval_checks_say_why CHECK (result IS NULL OR result = 'conforms' OR note <> ''),
    CONSTRAINT approval_checks_exported_with_a_number CHECK (state <> 'exported' OR export_no IS NOT NULL),
    CONSTRAINT approval_checks_taken_up_by_somebody CHECK (state <> 'taken_up' OR assigned_to IS NOT NULL)
);
-- One at a time: a newer version of an approval whose check is not done yet is checked with it.
CREATE UNIQUE INDEX approval_checks_one_unfinished ON approval_checks (approval_id) WHERE state IN ('open', 'taken_up');
CREATE INDEX approval_checks_by_approval ON approval_checks (approval_id, check_id DESC);
CREATE INDEX approval_checks_awaited ON approval_checks (due_on, check_id) WHERE state IN ('open', 'taken_up');
CREATE INDEX approval_checks_to_export ON approval_checks (check_id) WHERE state = 'checked';
CREATE INDEX approval_checks_newest ON approval_checks (check_id DESC) WHERE state IN ('checked', 'exported', 'withdrawn');

CREATE TABLE approval_check_steps (
    step_id     bigint GENERATED ALWAYS AS IDENTITY,
    check_id    bigint NOT NULL,
    at          timestamptz NOT NULL,
    actor       text NOT NULL,
    action      text NOT NULL,
    from_state  text NOT NULL,
    to_state    text NOT NULL,
    result      text,
    note        text NOT NULL DEFAULT '',
    origin      text NOT NULL DEFAULT '',
    CONSTRAINT approval_check_steps_pkey PRIMARY KEY (step_id),
    CONSTRAINT approval_check_steps_check_exists FOREIGN KEY (check_id) REFERENCES approval_checks (check_id)
);
CREATE INDEX approval_check_steps_by_check ON approval_check_steps (check_id, step_id);
CREATE TRIGGER approval_check_steps_append_only BEFORE UPDATE OR DELETE ON approval_check_steps
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- A visit may be wanted because of a check.
ALTER TABLE inspection_tasks
    ADD COLUMN approval_check_id bigint,
    ADD CONSTRAINT inspection_tasks_approval_check_exists
        FOREIGN KEY (approval_check_id) REFERENCES approval_checks (check_id),
    DROP CONSTRAINT inspection_tasks_one_cause,
    ADD CONSTRAINT inspection_tasks_one_cause CHECK (num_nonnulls(plan_id, alert_id, approval_check_id) = 1);
