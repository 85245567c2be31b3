-- A revisit is a visit of its own: what it has to look at comes of the visit that ordered something to be put right.
ALTER TABLE inspection_tasks
    ADD COLUMN revisit_of bigint,
    ADD CONSTRAINT inspection_tasks_revisited_exists FOREIGN KEY (revisit_of) REFERENCES inspections (inspection_id),
    DROP CONSTRAINT inspection_tasks_one_cause,
    ADD CONSTRAINT inspection_tasks_one_cause
        CHECK (num_nonnulls(plan_id, alert_id, approval_check_id, revisit_of) = 1),
    ADD CONSTRAINT inspection_tasks_revisit_another CHECK (revisit_of <> made_for);
CREATE INDEX inspection_tasks_by_revisited ON inspection_tasks (revisit_of) WHERE revisit_of IS NOT NULL;
