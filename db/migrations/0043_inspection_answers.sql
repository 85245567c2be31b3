-- What inspectors found, question by question, as their phones send it: perhaps late, perhaps twice, perhaps two of them.

CREATE TABLE inspection_answers (
    -- Made on the phone, so that what is sent twice is kept once.
    answer_id       uuid NOT NULL,
    inspection_id   bigint NOT NULL,
    item_code       text NOT NULL,
    question_code   text NOT NULL,
    value           text NOT NULL,
    note            text NOT NULL DEFAULT '',
    answered_by     text NOT NULL,
    -- By the phone's clock, and by ours.
    answered_at     timestamptz NOT NULL,
    received_at     timestamptz NOT NULL,
    -- Counts in the order they were kept.
    number          bigint GENERATED ALWAYS AS IDENTITY,
    -- The answer it stands beside, where somebody had answered otherwise and the phone had not seen it.
    conflicts_with  uuid,
    CONSTRAINT inspection_answers_pkey PRIMARY KEY (answer_id),
    CONSTRAINT inspection_answers_inspection_exists
        FOREIGN KEY (inspection_id) REFERENCES inspections (inspection_id),
    CONSTRAINT inspection_answers_other_exists FOREIGN KEY (conflicts_with) REFERENCES inspection_answers (answer_id),
    CONSTRAINT inspection_answers_not_endless CHECK (length(value) <= 2000 AND length(note) <= 2000)
);
CREATE INDEX inspection_answers_by_inspection ON inspection_answers (inspection_id, number);
CREATE TRIGGER inspection_answers_append_only BEFORE UPDATE OR DELETE ON inspection_answers
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER inspection_answers_no_truncate BEFORE TRUNCATE ON inspection_answers
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
