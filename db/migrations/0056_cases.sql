-- Cases (案件): what was handed to the authority about one vendor, every step with it, and what was decided.

CREATE TABLE cases (
    case_id    bigint GENERATED ALWAYS AS IDENTITY,
    market_id  text NOT NULL,
    vendor_id  text NOT NULL,
    state      text NOT NULL DEFAULT 'opened',
    opened_at  timestamptz NOT NULL,
    opened_by  text NOT NULL,
    updated_at timestamptz NOT NULL,
    officer    text,
    -- Moves with every step: who acts says which one they saw.
    revision   integer NOT NULL DEFAULT 0,
    CONSTRAINT cases_pkey PRIMARY KEY (case_id),
    CONSTRAINT cases_vendor_exists FOREIGN KEY (market_id, vendor_id) REFERENCES vendors (market_id, vendor_id),
    CONSTRAINT cases_state_known
        CHECK (state IN ('opened', 'investigating', 'notified', 'heard', 'decided', 'closed', 'revoked'))
);
CREATE INDEX cases_of_vendor ON cases (market_id, vendor_id, case_id DESC);
CREATE INDEX cases_by_state ON cases (state, case_id DESC);

CREATE TABLE case_alerts (
    case_id   bigint NOT NULL,
    alert_id  bigint NOT NULL,
    added_at  timestamptz NOT NULL,
    added_by  text NOT NULL,
    CONSTRAINT case_alerts_pkey PRIMARY KEY (alert_id),
    CONSTRAINT case_alerts_case_exists FOREIGN KEY (case_id) REFERENCES cases (case_id),
    CONSTRAINT case_alerts_alert_exists FOREIGN KEY (alert_id) REFERENCES alerts (alert_id)
);
CREATE INDEX case_alerts_of_case ON case_alerts (case_id, alert_id);

CREATE TABLE case_steps (
    case_step_id  bigint GENERATED ALWAYS AS IDENTITY,
    case_id       bigint NOT NULL,
    at            timestamptz NOT NULL,
    actor         text NOT NULL,
    action        text NOT NULL,
    from_state    text NOT NULL,
    to_state      text NOT NULL,
    note          text NOT NULL DEFAULT '',
    origin        text NOT NULL DEFAULT '',
    officer       text,
    alert_id      bigint,
    CONSTRAINT case_steps_pkey PRIMARY KEY (case_step_id),
    CONSTRAINT case_steps_case_exists FOREIGN KEY (case_id) REFERENCES cases (case_id)
);
CREATE INDEX case_steps_of_case ON case_steps (case_id, case_step_id);

-- As the document says it: no figure here was computed by the product.
CREATE TABLE case_decisions (
    decision_id    bigint GENERATED ALWAYS AS IDENTITY,
    case_id        bigint NOT NULL,
    market_id      text NOT NULL,
    vendor_id      text NOT NULL,
    outcome        text NOT NULL,
    document_no    text NOT NULL,
    authority      text NOT NULL,
    decided_on     date NOT NULL,
    delivered_on   date,
    decision       text NOT NULL,
    -- A row of data/legal_bases.toml, or '' with the reason why it was typed.
    basis_code     text NOT NULL,
    basis          text NOT NULL,
    basis_reason   text NOT NULL,
    kind           text NOT NULL,
    field          text NOT NULL,
    is_simple      boolean NOT NULL,
    amount_fen     bigint,
    recorded_at    timestamptz NOT NULL,
    recorded_by    text NOT NULL,
    together_with  text,
    CONSTRAINT case_decisions_pkey PRIMARY KEY (decision_id),
    CONSTRAINT case_decisions_case_exists FOREIGN KEY (case_id) REFERENCES cases (case_id),
    CONSTRAINT case_decisions_document_once UNIQUE (market_id, vendor_id, authority, document_no),
    CONSTRAINT case_decisions_outcome_known
        CHECK (outcome IN ('penalised', 'no_penalty', 'transferred', 'dropped')),
    CONSTRAINT case_decisions_amount CHECK (amount_fen >= 0),
    CONSTRAINT case_decisions_basis_typed_with_reason CHECK ((basis_code = '') = (basis_reason <> ''))
);
CREATE INDEX case_decisions_of_case ON case_decisions (case_id, decision_id);

CREATE TRIGGER cases_not_deleted BEFORE DELETE ON cases FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER case_alerts_append_only BEFORE UPDATE OR DELETE ON case_alerts
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER case_steps_append_only BEFORE UPDATE OR DELETE ON case_steps
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER case_steps_no_truncate BEFORE TRUNCATE ON case_steps
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER case_decisions_append_only BEFORE UPDATE OR DELETE ON case_decisions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

ALTER TABLE publicity_entries
    ADD CONSTRAINT publicity_entries_case_exists FOREIGN KEY (case_id) REFERENCES cases (case_id);
