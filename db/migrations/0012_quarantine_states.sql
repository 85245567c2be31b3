-- What is held is read again after a fix, or closed by a person; nothing is ever deleted (docs/quarantine.md).

ALTER TABLE quarantine
    ADD COLUMN state                text NOT NULL DEFAULT 'held',
    -- How often it was read again, and what came of it where that ended its being held.
    ADD COLUMN tries                integer NOT NULL DEFAULT 0,
    ADD COLUMN tried_at             timestamptz,
    ADD COLUMN outcome              text,
    ADD COLUMN ended_at             timestamptz,
    ADD COLUMN ended_by             text,
    -- Somebody asks that it be read again; an ingest worker does it within a second or two.
    ADD COLUMN replay_requested_at  timestamptz,
    ADD COLUMN replay_requested_by  text,
    ADD CONSTRAINT quarantine_state_known CHECK (state IN ('held', 'replayed', 'settled')),
    ADD CONSTRAINT quarantine_ended_unless_held
        CHECK ((state = 'held') = (ended_at IS NULL) AND (ended_at IS NULL) = (ended_by IS NULL)),
    ADD CONSTRAINT quarantine_outcome_of_a_replay
        CHECK ((state = 'replayed') = (outcome IS NOT NULL)
               AND outcome IN ('stored', 'arrived_meanwhile', 'in_pieces')),
    ADD CONSTRAINT quarantine_asked_by_somebody
        CHECK ((replay_requested_at IS NULL) = (replay_requested_by IS NULL)
               AND (replay_requested_at IS NULL OR state = 'held')),
    -- The same line with other content is never stored: the first is the record.
    ADD CONSTRAINT quarantine_conflict_is_not_replayed CHECK (reason <> 'conflict' OR state <> 'replayed');

CREATE INDEX quarantine_by_reason ON quarantine (state, reason, quarantine_id);
CREATE INDEX quarantine_by_market ON quarantine (market_id, state, reason, quarantine_id);
CREATE INDEX quarantine_by_scale ON quarantine (scale_id, state, reason, quarantine_id);
CREATE INDEX quarantine_asked_for ON quarantine (replay_requested_at, quarantine_id)
    WHERE replay_requested_at IS NOT NULL;

-- What was done about a held message, by whom. `reason` and `note` are the refusal's where it was refused again, with
-- what it was held for before in `was_reason` and `was_note`; a person's words in `note` where it was settled.
CREATE TABLE quarantine_events (
    quarantine_event_id  bigint GENERATED ALWAYS AS IDENTITY,
    quarantine_id        bigint NOT NULL,
    at                   timestamptz NOT NULL,
    actor                text NOT NULL,
    step                 text NOT NULL,
    outcome              text,
    reason               text NOT NULL DEFAULT '',
    note                 text NOT NULL DEFAULT '',
    was_reason           text NOT NULL DEFAULT '',
    was_note             text NOT NULL DEFAULT '',
    CONSTRAINT quarantine_events_pkey PRIMARY KEY (quarantine_event_id),
    CONSTRAINT quarantine_events_message_exists FOREIGN KEY (quarantine_id) REFERENCES quarantine (quarantine_id),
    CONSTRAINT quarantine_events_step_known
        CHECK (step IN ('replay_requested', 'replayed', 'refused_again', 'settled')),
    CONSTRAINT quarantine_events_outcome_of_a_replay CHECK ((step = 'replayed') = (outcome IS NOT NULL)),
    CONSTRAINT quarantine_events_settled_says_why CHECK (step <> 'settled' OR note <> '')
);
CREATE INDEX quarantine_events_by_message ON quarantine_events (quarantine_id, quarantine_event_id);
CREATE TRIGGER quarantine_events_append_only BEFORE UPDATE OR DELETE ON quarantine_events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER quarantine_events_no_truncate BEFORE TRUNCATE ON quarantine_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
