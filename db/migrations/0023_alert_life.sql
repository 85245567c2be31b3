-- The whole life of an alert (supervision/alerts/states.py): rectification, penalties, appeals, assignment, duplicates, photos.

-- What closed by itself was withdrawn: "closed" now says that a person closed a breach that was handled. The words of the
-- trail follow; no step is another by it.
ALTER TABLE alerts DROP CONSTRAINT IF EXISTS alerts_state_known;
ALTER TABLE alerts DROP CONSTRAINT IF EXISTS alerts_decided_when_final;
UPDATE alerts SET state = 'withdrawn' WHERE state = 'closed';
ALTER TABLE alert_events DISABLE TRIGGER alert_events_append_only;
UPDATE alert_events SET action = 'withdraw', to_state = 'withdrawn' WHERE action = 'close';
ALTER TABLE alert_events ENABLE TRIGGER alert_events_append_only;

ALTER TABLE alert_events RENAME TO alert_steps;
ALTER TABLE alert_steps RENAME COLUMN alert_event_id TO alert_step_id;
ALTER TABLE alert_steps RENAME CONSTRAINT alert_events_pkey TO alert_steps_pkey;
ALTER TABLE alert_steps RENAME CONSTRAINT alert_events_alert_exists TO alert_steps_alert_exists;
ALTER INDEX alert_events_by_alert RENAME TO alert_steps_by_alert;
ALTER TRIGGER alert_events_append_only ON alert_steps RENAME TO alert_steps_append_only;
ALTER TRIGGER alert_events_no_truncate ON alert_steps RENAME TO alert_steps_no_truncate;

ALTER TABLE alerts
    ADD COLUMN assignee     text,
    ADD COLUMN rectify_by   date,
    ADD COLUMN merged_into  bigint,
    -- Steps that moved or assigned it.
    ADD COLUMN revision     integer NOT NULL DEFAULT 0,
    -- New occurrences join it: nobody has decided on it, or on the one it is merged into.
    ADD COLUMN is_counting  boolean NOT NULL DEFAULT true;
UPDATE alerts SET is_counting = false WHERE state NOT IN ('open', 'acknowledged');
ALTER TABLE alerts
    ADD CONSTRAINT alerts_state_known
        CHECK (state IN ('open', 'acknowledged', 'confirmed', 'rectifying', 'rectified', 'escalated', 'penalised',
                         'appealed', 'upheld', 'closed', 'dismissed', 'overturned', 'merged', 'withdrawn')),
    ADD CONSTRAINT alerts_decided_when_final
        CHECK ((state IN ('open', 'acknowledged')) = (decided_at IS NULL AND decided_by IS NULL)),
    ADD CONSTRAINT alerts_merged_into_another
        CHECK ((state = 'merged') = (merged_into IS NOT NULL) AND merged_into <> alert_id),
    ADD CONSTRAINT alerts_merged_into_exists FOREIGN KEY (merged_into) REFERENCES alerts (alert_id),
    ADD CONSTRAINT alerts_counting_while_undecided
        CHECK (CASE state WHEN 'open' THEN is_counting WHEN 'acknowledged' THEN is_counting WHEN 'merged' THEN true
               ELSE NOT is_counting END),
    ADD CONSTRAINT alerts_rectified_by_a_day CHECK (state <> 'rectifying' OR rectify_by IS NOT NULL);

DROP INDEX alerts_one_open;
CREATE UNIQUE INDEX alerts_one_open ON alerts (market_id, subject, kind, species_code, business_day) WHERE is_counting;
CREATE INDEX alerts_merged ON alerts (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX alerts_by_assignee ON alerts (assignee, state, updated_at DESC) WHERE assignee IS NOT NULL;

-- A photo as it is kept: encoded anew, without what the camera wrote beside the picture. The same one is added once.
CREATE TABLE alert_photos (
    photo_id   bigint GENERATED ALWAYS AS IDENTITY,
    alert_id   bigint NOT NULL,
    added_at   timestamptz NOT NULL,
    added_by   text NOT NULL,
    content    bytea NOT NULL,
    thumbnail  bytea NOT NULL,
    width      integer NOT NULL,
    height     integer NOT NULL,
    sha256     bytea NOT NULL,
    CONSTRAINT alert_photos_pkey PRIMARY KEY (photo_id),
    CONSTRAINT alert_photos_alert_exists FOREIGN KEY (alert_id) REFERENCES alerts (alert_id),
    CONSTRAINT alert_photos_once UNIQUE (alert_id, sha256),
    CONSTRAINT alert_photos_have_a_size CHECK (width >= 1 AND height >= 1)
);
CREATE TRIGGER alert_photos_append_only BEFORE UPDATE OR DELETE ON alert_photos
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER alert_photos_no_truncate BEFORE TRUNCATE ON alert_photos
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE alert_steps
    ADD COLUMN origin               text NOT NULL DEFAULT '',
    ADD COLUMN assignee             text,
    ADD COLUMN due_on               date,
    ADD COLUMN merged_into          bigint,
    ADD COLUMN photo_id             bigint,
    ADD COLUMN penalty_document_no  text,
    ADD COLUMN penalty_authority    text,
    ADD COLUMN penalty_decided_on   date,
    ADD COLUMN penalty_decision     text,
    ADD CONSTRAINT alert_steps_merged_into_exists FOREIGN KEY (merged_into) REFERENCES alerts (alert_id),
    ADD CONSTRAINT alert_steps_photo_exists FOREIGN KEY (photo_id) REFERENCES alert_photos (photo_id),
    ADD CONSTRAINT alert_steps_penalty_is_whole
        CHECK (num_nulls(penalty_document_no, penalty_authority, penalty_decided_on, penalty_decision)
               = CASE action WHEN 'record_penalty' THEN 0 ELSE 4 END);

CREATE OR REPLACE VIEW alerts_in_words AS
SELECT a.alert_id, a.market_id, m.name AS market_name, a.kind, a.vendor_id, coalesce(v.name, '') AS vendor_name,
       a.stall_id, a.scale_id, a.species_code, coalesce(s.name_zh, '') AS species_name,
       coalesce(s.name_en, '') AS species_name_en, a.business_day, a.state, a.occurrences, a.first_at, a.last_at,
       a.worst_excess_fen, a.worst_excess_permille, a.worst_cap_fen, a.worst_cap_unit, a.overcharge_fen, a.note,
       a.opened_at, a.updated_at, a.decided_at, a.decided_by, a.dismiss_reason, m.timezone,
       a.assignee, a.rectify_by, a.merged_into, a.revision
FROM alerts a
JOIN markets m USING (market_id)
LEFT JOIN vendors v ON v.market_id = a.market_id AND v.vendor_id = a.vendor_id
LEFT JOIN species s ON s.species_code = a.species_code;
