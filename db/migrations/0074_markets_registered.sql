-- A market has a file as its stalls and vendors have: who runs it (集贸市场开办者), where it is, and every change of it.
ALTER TABLE markets
    ADD COLUMN operator text NOT NULL DEFAULT '',
    ADD COLUMN address  text NOT NULL DEFAULT '',
    ADD COLUMN phone    text NOT NULL DEFAULT '',
    ADD COLUMN revision bigint NOT NULL DEFAULT 1;
ALTER TABLE registry_events
    DROP CONSTRAINT registry_events_subject_known,
    ADD CONSTRAINT registry_events_subject_known CHECK (subject IN ('market', 'vendor', 'stall', 'scale'));
