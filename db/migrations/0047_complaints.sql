-- Complaints: what somebody outside says of a sale, where it stands, what was done, and who may be called back.

CREATE TABLE complaints (
    complaint_id      bigint GENERATED ALWAYS AS IDENTITY,
    market_id         text NOT NULL,
    channel           text NOT NULL,
    -- The number that 12345 or 12315 gave it; who types it in twice finds the first.
    channel_no        text NOT NULL DEFAULT '',
    reason            text NOT NULL,
    words             text NOT NULL,
    -- As it was said, else of the first sale it is linked to.
    stall_id          text,
    -- When it is said to have happened, and the ticket it is about as far as that was known when it was filed.
    occurred_at       timestamptz,
    scale_id          text,
    journal_id        text,
    seq               bigint,
    ticket_code       text NOT NULL DEFAULT '',
    reweighing_id     bigint,
    received_at       timestamptz NOT NULL,
    -- NULL: filed by the complainant.
    entered_by        text,
    -- SHA-256 of what leads the complainant to the answer; the words of the form it came with, to tell the same again
    -- from another one.
    status_digest     bytea NOT NULL,
    content_digest    bytea NOT NULL,
    policy_version    text NOT NULL,
    state             text NOT NULL DEFAULT 'received',
    outcome           text,
    refuse_reason     text,
    answer            text NOT NULL DEFAULT '',
    settled_fen       bigint,
    -- From when the clocks run: its receipt, or its reopening. `channel_due_at`: by when the hotline wants it answered.
    clock_from        timestamptz NOT NULL,
    channel_due_at    timestamptz,
    accepted_at       timestamptz,
    investigating_at  timestamptz,
    answered_at       timestamptz,
    ended_at          timestamptz,
    reopened_at       timestamptz,
    -- By when the next step is due; NULL where nothing is awaited.
    due_at            timestamptz,
    -- Whether complaint_contacts has its contact: lists say so without reading there.
    has_contact       boolean NOT NULL,
    contact_removed_at timestamptz,
    CONSTRAINT complaints_pkey PRIMARY KEY (complaint_id),
    CONSTRAINT complaints_market_exists FOREIGN KEY (market_id) REFERENCES markets (market_id),
    CONSTRAINT complaints_stall_exists FOREIGN KEY (market_id, stall_id) REFERENCES stalls (market_id, stall_id),
    CONSTRAINT complaints_reweighing_exists FOREIGN KEY (reweighing_id) REFERENCES reweighings (reweighing_id),
    CONSTRAINT complaints_channel_known
        CHECK (channel IN ('ticket', 'fair_scale', 'hotline_12345', 'hotline_12315', 'counter')),
    CONSTRAINT complaints_hotline_has_a_number CHECK (channel NOT LIKE 'hotline%' OR channel_no <> ''),
    CONSTRAINT complaints_reason_known
        CHECK (reason IN ('over_cap', 'short_weight', 'tare', 'wrong_goods', 'amount', 'other')),
    CONSTRAINT complaints_say_something CHECK (words <> ''),
    CONSTRAINT complaints_ticket_whole
        CHECK ((scale_id IS NULL) = (journal_id IS NULL) AND (scale_id IS NULL) = (seq IS NULL)),
    CONSTRAINT complaints_digests CHECK (octet_length(status_digest) = 32 AND octet_length(content_digest) = 32),
    CONSTRAINT complaints_filed_once UNIQUE (status_digest),
    CONSTRAINT complaints_state_known CHECK (state IN ('received', 'accepted', 'refused', 'investigating', 'answered',
                                                       'closed', 'withdrawn')),
    CONSTRAINT complaints_outcome_known CHECK (outcome IN ('upheld', 'not_upheld', 'settled')),
    CONSTRAINT complaints_refuse_reason_known
        CHECK (refuse_reason IN ('not_ours', 'no_substance', 'duplicate', 'not_reachable')),
    CONSTRAINT complaints_answered_with_an_outcome
        CHECK (state <> 'answered' OR (outcome IS NOT NULL AND answer <> '' AND answered_at IS NOT NULL)),
    CONSTRAINT complaints_refused_with_a_reason CHECK ((state = 'refused') <= (refuse_reason IS NOT NULL)),
    CONSTRAINT complaints_settled_with_an_amount
        CHECK ((outcome IS NOT DISTINCT FROM 'settled') = (settled_fen IS NOT NULL)),
    CONSTRAINT complaints_amount_positive CHECK (settled_fen > 0),
    CONSTRAINT complaints_ended_when_over
        CHECK ((state IN ('refused', 'closed', 'withdrawn')) = (ended_at IS NOT NULL))
);
CREATE UNIQUE INDEX complaints_once_a_number ON complaints (channel, channel_no) WHERE channel_no <> '';
CREATE INDEX complaints_awaited ON complaints (market_id, due_at, complaint_id) WHERE due_at IS NOT NULL;
CREATE INDEX complaints_by_market ON complaints (market_id, complaint_id DESC);
CREATE INDEX complaints_by_state ON complaints (market_id, state, complaint_id DESC);
CREATE INDEX complaints_by_stall ON complaints (market_id, stall_id, complaint_id DESC);
CREATE INDEX complaints_by_ticket ON complaints (market_id, scale_id, journal_id, seq) WHERE scale_id IS NOT NULL;
CREATE INDEX complaints_received ON complaints (market_id, received_at);
CREATE INDEX complaints_answered ON complaints (answered_at) WHERE state = 'answered';
CREATE INDEX complaints_with_a_contact ON complaints (ended_at) WHERE ended_at IS NOT NULL AND has_contact;

-- Who may be called back. Apart from the complaint, for it is removed while that stays.
CREATE TABLE complaint_contacts (
    complaint_id  bigint NOT NULL,
    kind          text NOT NULL,
    contact       text NOT NULL,
    CONSTRAINT complaint_contacts_pkey PRIMARY KEY (complaint_id),
    CONSTRAINT complaint_contacts_complaint_exists FOREIGN KEY (complaint_id) REFERENCES complaints (complaint_id),
    CONSTRAINT complaint_contacts_kind_known CHECK (kind IN ('phone', 'email'))
);

-- The sales it is about, and the alert that each opened or joined.
CREATE TABLE complaint_weighings (
    complaint_id  bigint NOT NULL,
    market_id     text NOT NULL,
    scale_id      text NOT NULL,
    journal_id    text NOT NULL,
    seq           bigint NOT NULL,
    weighed_at    timestamptz NOT NULL,
    alert_id      bigint NOT NULL,
    linked_at     timestamptz NOT NULL,
    linked_by     text NOT NULL,
    CONSTRAINT complaint_weighings_pkey PRIMARY KEY (complaint_id, scale_id, journal_id, seq, weighed_at),
    CONSTRAINT complaint_weighings_complaint_exists FOREIGN KEY (complaint_id) REFERENCES complaints (complaint_id),
    CONSTRAINT complaint_weighings_alert_exists FOREIGN KEY (alert_id) REFERENCES alerts (alert_id)
);
CREATE INDEX complaint_weighings_by_sale ON complaint_weighings (market_id, scale_id, journal_id, seq, weighed_at);
CREATE INDEX complaint_weighings_by_alert ON complaint_weighings (alert_id);

-- Every step: who, when, what, why; also who looked at a contact, and that it was removed.
CREATE TABLE complaint_steps (
    step_id       bigint GENERATED ALWAYS AS IDENTITY,
    complaint_id  bigint NOT NULL,
    at            timestamptz NOT NULL,
    actor         text NOT NULL,
    action        text NOT NULL,
    from_state    text NOT NULL,
    to_state      text NOT NULL,
    reason        text NOT NULL DEFAULT '',
    note          text NOT NULL DEFAULT '',
    settled_fen   bigint,
    CONSTRAINT complaint_steps_pkey PRIMARY KEY (step_id),
    CONSTRAINT complaint_steps_complaint_exists FOREIGN KEY (complaint_id) REFERENCES complaints (complaint_id)
);
CREATE INDEX complaint_steps_by_complaint ON complaint_steps (complaint_id, step_id);
CREATE TRIGGER complaint_steps_append_only BEFORE UPDATE OR DELETE ON complaint_steps
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER complaint_steps_no_truncate BEFORE TRUNCATE ON complaint_steps
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER complaint_weighings_append_only BEFORE UPDATE OR DELETE ON complaint_weighings
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- What was said is said; only where it stands moves, and no complaint goes.
CREATE FUNCTION refuse_to_rewrite_a_complaint() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.market_id, OLD.channel, OLD.channel_no, OLD.reason, OLD.words, OLD.received_at, OLD.status_digest,
        OLD.content_digest)
       IS DISTINCT FROM
       (NEW.market_id, NEW.channel, NEW.channel_no, NEW.reason, NEW.words, NEW.received_at, NEW.status_digest,
        NEW.content_digest)
    THEN
        RAISE EXCEPTION 'what a complaint says is never changed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER complaints_keep_their_words BEFORE UPDATE ON complaints
    FOR EACH ROW EXECUTE FUNCTION refuse_to_rewrite_a_complaint();
CREATE TRIGGER complaints_stay BEFORE DELETE ON complaints FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- A sale is found by where and when it was made (docs/complaints.md: a ticket without its code).
CREATE INDEX IF NOT EXISTS reweighings_by_sale ON reweighings (market_id, scale_id, journal_id, seq, weighed_at);

-- Complaints with the words that pages, the API and the command line show them with: the vendor of the sale it is linked to,
-- else whose the stall was when it is said to have happened.
CREATE VIEW complaints_in_words AS
SELECT c.complaint_id, c.market_id, m.name AS market_name, m.timezone, c.channel, c.channel_no, c.reason, c.words,
       c.stall_id, v.vendor_id, coalesce(v.name, '') AS vendor_name, c.occurred_at,
       c.scale_id, c.journal_id, c.seq, c.ticket_code, c.reweighing_id, c.received_at, c.entered_by, c.policy_version,
       c.state, c.outcome, c.refuse_reason, c.answer, c.settled_fen, c.clock_from, c.channel_due_at, c.accepted_at,
       c.investigating_at, c.answered_at, c.ended_at, c.reopened_at, c.due_at, c.contact_removed_at,
       c.has_contact,
       (SELECT count(*) FROM complaint_weighings w WHERE w.complaint_id = c.complaint_id)::integer AS linked
FROM complaints c
JOIN markets m USING (market_id)
LEFT JOIN LATERAL (
    SELECT a.vendor_id FROM complaint_weighings w JOIN alerts a USING (alert_id)
    WHERE w.complaint_id = c.complaint_id ORDER BY w.linked_at, w.seq LIMIT 1
) sold ON true
LEFT JOIN LATERAL (
    SELECT b.vendor_id FROM scale_bindings b
    WHERE sold.vendor_id IS NULL AND b.market_id = c.market_id AND b.stall_id = c.stall_id
      AND b.valid @> coalesce(c.occurred_at, c.received_at) LIMIT 1
) held ON true
LEFT JOIN vendors v ON v.market_id = c.market_id AND v.vendor_id = coalesce(sold.vendor_id, held.vendor_id);
