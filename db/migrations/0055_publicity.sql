-- What was decided and is told in public, with its term; how it comes off, and who asked for that (docs/cases.md).

CREATE SEQUENCE publicity_revisions;

CREATE TABLE publicity_entries (
    entry_id         bigint GENERATED ALWAYS AS IDENTITY,
    market_id        text NOT NULL,
    vendor_id        text NOT NULL,
    case_id          bigint,
    alert_id         bigint,
    document_no      text NOT NULL,
    authority        text NOT NULL,
    decided_on       date NOT NULL,
    kind             text NOT NULL,
    -- What was decided, and by which law, in the document's words.
    decision         text NOT NULL,
    basis            text NOT NULL,
    -- As the document says it; never computed.
    amount_fen       bigint,
    policy_version   text NOT NULL,
    -- Both days are days of publicity.
    published_from   date NOT NULL,
    published_to     date NOT NULL,
    repairable_from  date NOT NULL,
    taken_off_at     timestamptz,
    taken_off_why    text,
    -- Grows with each change, in the order in which changes are committed: what came since is what is above.
    revision         bigint NOT NULL,
    CONSTRAINT publicity_entries_pkey PRIMARY KEY (entry_id),
    CONSTRAINT publicity_entries_once UNIQUE (market_id, vendor_id, authority, document_no),
    CONSTRAINT publicity_entries_vendor_exists
        FOREIGN KEY (market_id, vendor_id) REFERENCES vendors (market_id, vendor_id),
    CONSTRAINT publicity_entries_alert_exists FOREIGN KEY (alert_id) REFERENCES alerts (alert_id),
    CONSTRAINT publicity_entries_term
        CHECK (published_from <= repairable_from AND repairable_from <= published_to),
    CONSTRAINT publicity_entries_amount CHECK (amount_fen >= 0),
    CONSTRAINT publicity_entries_off_whole CHECK ((taken_off_at IS NULL) = (taken_off_why IS NULL)),
    CONSTRAINT publicity_entries_off_known CHECK (taken_off_why IN ('repaired', 'expired', 'revoked'))
);
CREATE UNIQUE INDEX publicity_entries_by_revision ON publicity_entries (revision);
CREATE INDEX publicity_entries_shown ON publicity_entries (published_to, entry_id) WHERE taken_off_at IS NULL;

-- An entry comes off once; nothing else of it changes. The lock lasts until the commit, so that a reader that has seen
-- a revision has seen all before it.
CREATE FUNCTION keep_publicity_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.taken_off_at IS NOT NULL OR NEW.taken_off_at IS NULL OR
        to_jsonb(OLD) - ARRAY['taken_off_at', 'taken_off_why', 'revision']
        <> to_jsonb(NEW) - ARRAY['taken_off_at', 'taken_off_why', 'revision'])
    THEN
        RAISE EXCEPTION 'an entry of the publicity list only comes off, once: % is refused', TG_OP
            USING ERRCODE = 'restrict_violation';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('publicity_revisions'));
    NEW.revision := nextval('publicity_revisions');
    RETURN NEW;
END $$;
CREATE TRIGGER publicity_entries_kept BEFORE INSERT OR UPDATE ON publicity_entries
    FOR EACH ROW EXECUTE FUNCTION keep_publicity_entry();
CREATE TRIGGER publicity_entries_not_deleted BEFORE DELETE ON publicity_entries
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER publicity_entries_no_truncate BEFORE TRUNCATE ON publicity_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Credit repair (信用修复): what shows that the conditions are met, and what a regulator said to it.
CREATE TABLE publicity_repairs (
    repair_id    bigint GENERATED ALWAYS AS IDENTITY,
    entry_id     bigint NOT NULL,
    asked_at     timestamptz NOT NULL,
    asked_by     text NOT NULL,
    corrected    text NOT NULL,
    duties       text NOT NULL,
    promise      text NOT NULL,
    origin       text NOT NULL,
    decided_at   timestamptz,
    decided_by   text,
    is_granted   boolean,
    reason       text,
    decided_from text,
    CONSTRAINT publicity_repairs_pkey PRIMARY KEY (repair_id),
    CONSTRAINT publicity_repairs_entry_exists FOREIGN KEY (entry_id) REFERENCES publicity_entries (entry_id),
    CONSTRAINT publicity_repairs_decided_whole
        CHECK (num_nonnulls(decided_at, decided_by, is_granted, reason, decided_from) IN (0, 5))
);
CREATE INDEX publicity_repairs_of_entry ON publicity_repairs (entry_id, repair_id);
CREATE UNIQUE INDEX publicity_repairs_one_open ON publicity_repairs (entry_id) WHERE decided_at IS NULL;
CREATE FUNCTION keep_publicity_repair() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.decided_at IS NOT NULL OR
        (OLD.entry_id, OLD.asked_at, OLD.asked_by, OLD.corrected, OLD.duties, OLD.promise, OLD.origin)
        IS DISTINCT FROM
        (NEW.entry_id, NEW.asked_at, NEW.asked_by, NEW.corrected, NEW.duties, NEW.promise, NEW.origin)
    THEN
        RAISE EXCEPTION 'a request for repair is decided once and not changed: % is refused', TG_OP
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER publicity_repairs_kept BEFORE UPDATE OR DELETE ON publicity_repairs
    FOR EACH ROW EXECUTE FUNCTION keep_publicity_repair();

-- Which alerts carry a penalty: few among many steps.
CREATE INDEX alert_steps_penalties ON alert_steps (alert_step_id) WHERE action = 'record_penalty';
