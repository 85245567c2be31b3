-- Rules of credit as dated versions: proposed by one person, put in force by another, never changed after that. What a line of
-- the ledger took is in the line; which tier a score is at a date is said by the version in force on that date.
CREATE TABLE credit_rules (
    rules_id       bigint GENERATED ALWAYS AS IDENTITY,
    version        text NOT NULL,
    in_force_from  date NOT NULL,
    content        text NOT NULL,
    note           text NOT NULL,
    proposed_by    text NOT NULL,
    proposed_at    timestamptz NOT NULL,
    CONSTRAINT credit_rules_pkey PRIMARY KEY (rules_id),
    CONSTRAINT credit_rules_version_once UNIQUE (version)
);

-- What became of a proposal: one thing, once. The founding version is of the service, which stands for both people.
CREATE TABLE credit_rules_decisions (
    rules_id       bigint NOT NULL,
    is_in_force    boolean NOT NULL,
    note           text NOT NULL,
    decided_by     text NOT NULL,
    decided_at     timestamptz NOT NULL,
    CONSTRAINT credit_rules_decisions_pkey PRIMARY KEY (rules_id),
    CONSTRAINT credit_rules_decisions_of_proposal FOREIGN KEY (rules_id) REFERENCES credit_rules (rules_id)
);

CREATE TRIGGER credit_rules_append_only BEFORE UPDATE OR DELETE ON credit_rules
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_rules_no_truncate BEFORE TRUNCATE ON credit_rules
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_rules_decisions_append_only BEFORE UPDATE OR DELETE ON credit_rules_decisions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_rules_decisions_no_truncate BEFORE TRUNCATE ON credit_rules_decisions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
