-- When something about an alert is due (supervision/deadlines): what is looked at when, what was reminded of, what was missed.

ALTER TABLE alerts
    -- From when on the deadlines of its state count.
    ADD COLUMN due_since     timestamptz NOT NULL DEFAULT now(),
    -- When its deadlines are looked at next; NULL: nothing is due any more.
    ADD COLUMN next_look_at  timestamptz DEFAULT now(),
    -- A deadline of the state it is in was missed.
    ADD COLUMN is_overdue    boolean NOT NULL DEFAULT false;
UPDATE alerts a
SET due_since = coalesce((SELECT max(s.at) FROM alert_steps s
                            WHERE s.alert_id = a.alert_id AND s.from_state <> s.to_state), a.opened_at),
    next_look_at = CASE WHEN a.state IN ('closed', 'dismissed', 'overturned', 'merged', 'withdrawn') THEN NULL
                        ELSE a.updated_at END;
CREATE INDEX alerts_to_look_at ON alerts (next_look_at) WHERE next_look_at IS NOT NULL;
CREATE INDEX alerts_overdue ON alerts (market_id, updated_at DESC) WHERE is_overdue;

-- The list of what is to be decided, the worst first: a page of it costs the same with twenty thousand as with twenty.
CREATE INDEX alerts_worst ON alerts (market_id, state, worst_excess_permille DESC, overcharge_fen DESC, alert_id DESC)
    WHERE is_counting;
CREATE INDEX alerts_counting_kinds ON alerts (market_id, state, kind) WHERE is_counting;

-- What was said about a deadline, once for each time it began to count.
CREATE TABLE deadlines_told (
    alert_id     bigint NOT NULL,
    deadline     text NOT NULL,
    due_since  timestamptz NOT NULL,
    standing     text NOT NULL,
    due_at       timestamptz NOT NULL,
    told_at      timestamptz NOT NULL,
    CONSTRAINT deadlines_told_pkey PRIMARY KEY (alert_id, deadline, due_since, standing),
    CONSTRAINT deadlines_told_alert_exists FOREIGN KEY (alert_id) REFERENCES alerts (alert_id),
    CONSTRAINT deadlines_told_standing_known CHECK (standing IN ('near', 'missed'))
);
CREATE INDEX deadlines_told_by_time ON deadlines_told (told_at) WHERE standing = 'missed';
CREATE TRIGGER deadlines_told_append_only BEFORE UPDATE OR DELETE ON deadlines_told
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER deadlines_told_no_truncate BEFORE TRUNCATE ON deadlines_told
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- How alerts were handled in a span of time is asked by person and market.
CREATE INDEX alert_steps_by_time ON alert_steps (at);

CREATE OR REPLACE VIEW alerts_in_words AS
SELECT a.alert_id, a.market_id, m.name AS market_name, a.kind, a.vendor_id, coalesce(v.name, '') AS vendor_name,
       a.stall_id, a.scale_id, a.species_code, coalesce(s.name_zh, '') AS species_name,
       coalesce(s.name_en, '') AS species_name_en, a.business_day, a.state, a.occurrences, a.first_at, a.last_at,
       a.worst_excess_fen, a.worst_excess_permille, a.worst_cap_fen, a.worst_cap_unit, a.overcharge_fen, a.note,
       a.opened_at, a.updated_at, a.decided_at, a.decided_by, a.dismiss_reason, m.timezone,
       a.assignee, a.rectify_by, a.merged_into, a.revision, a.due_since
FROM alerts a
JOIN markets m USING (market_id)
LEFT JOIN vendors v ON v.market_id = a.market_id AND v.vendor_id = a.vendor_id
LEFT JOIN species s ON s.species_code = a.species_code;
