-- Cases that a visit's findings open, or a regulator for a reason of their own (docs/cases.md).

ALTER TABLE cases
    ADD COLUMN cause text NOT NULL DEFAULT 'alert',
    ADD CONSTRAINT cases_cause_known CHECK (cause IN ('alert', 'finding', 'reason'));

-- What a visit found wrong, by the very answer that says so.
CREATE TABLE case_findings (
    case_id        bigint NOT NULL,
    inspection_id  bigint NOT NULL,
    item_code      text NOT NULL,
    question_code  text NOT NULL,
    answer_id      uuid NOT NULL,
    added_at       timestamptz NOT NULL,
    added_by       text NOT NULL,
    CONSTRAINT case_findings_pkey PRIMARY KEY (case_id, inspection_id, item_code, question_code),
    CONSTRAINT case_findings_case_exists FOREIGN KEY (case_id) REFERENCES cases (case_id),
    CONSTRAINT case_findings_visit_exists FOREIGN KEY (inspection_id) REFERENCES inspections (inspection_id),
    CONSTRAINT case_findings_answer_exists FOREIGN KEY (answer_id) REFERENCES inspection_answers (answer_id)
);
CREATE INDEX case_findings_of_visit ON case_findings (inspection_id, case_id DESC);
CREATE TRIGGER case_findings_append_only BEFORE UPDATE OR DELETE ON case_findings
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER case_findings_no_truncate BEFORE TRUNCATE ON case_findings
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE case_steps ADD COLUMN inspection_id bigint;

-- Cases that rest on more than alerts: their document stands until the case is revoked, whatever becomes of an alert.
CREATE VIEW cases_beyond_alerts AS
SELECT case_id FROM cases WHERE cause = 'reason'
UNION ALL
SELECT case_id FROM case_findings;

-- The visits that a case rests on: of its findings, and those that its alerts called for.
CREATE VIEW case_visits AS
SELECT case_id, inspection_id FROM case_findings
UNION
SELECT m.case_id, t.inspection_id FROM case_members m JOIN inspection_tasks t USING (alert_id);

-- The list of a market goes by it; that of everything by the number alone.
CREATE INDEX cases_of_market ON cases (market_id, case_id DESC);
-- Few cases are opened for a reason: whether one was is asked with each document that is published or revoked.
CREATE INDEX cases_for_reason ON cases (case_id) WHERE cause = 'reason';
