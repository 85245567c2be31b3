-- Repair of credit (信用修复): a vendor asks for a part of a deduction back, somebody who did not decide on the deduction grants
-- or refuses it. What was asked is frozen; where it stands moves, and every move is a step.
CREATE TABLE credit_repairs (
    repair_id      bigint GENERATED ALWAYS AS IDENTITY,
    market_id      text NOT NULL,
    vendor_id      text NOT NULL,
    event_id       bigint NOT NULL,
    effort         text NOT NULL,
    document_no    text NOT NULL,
    document       text NOT NULL,
    promise_id     bigint,
    words          text NOT NULL,
    applied_by     text NOT NULL,
    applied_at     timestamptz NOT NULL,
    state          text NOT NULL DEFAULT 'applied',
    points         integer,
    granted_event  bigint,
    rules_version  text,
    decided_by     text,
    decided_at     timestamptz,
    reason         text NOT NULL DEFAULT '',
    revision       integer NOT NULL DEFAULT 0,
    CONSTRAINT credit_repairs_pkey PRIMARY KEY (repair_id),
    CONSTRAINT credit_repairs_vendor_exists
        FOREIGN KEY (market_id, vendor_id) REFERENCES vendors (market_id, vendor_id),
    CONSTRAINT credit_repairs_event_exists FOREIGN KEY (event_id) REFERENCES credit_events (event_id),
    CONSTRAINT credit_repairs_granted_event_exists FOREIGN KEY (granted_event) REFERENCES credit_events (event_id),
    CONSTRAINT credit_repairs_promise_exists FOREIGN KEY (promise_id) REFERENCES promises (promise_id),
    CONSTRAINT credit_repairs_state_known CHECK (state IN ('applied', 'granted', 'refused', 'withdrawn')),
    CONSTRAINT credit_repairs_effort_shown
        CHECK (CASE effort WHEN 'training' THEN document_no <> '' AND document <> '' AND promise_id IS NULL
                           WHEN 'promise' THEN promise_id IS NOT NULL ELSE false END),
    CONSTRAINT credit_repairs_decided_once_over
        CHECK ((state = 'applied') = (decided_at IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)),
    CONSTRAINT credit_repairs_granted_with_points
        CHECK ((state = 'granted') = (points IS NOT NULL AND granted_event IS NOT NULL) AND points > 0),
    CONSTRAINT credit_repairs_decided_with_reason CHECK (state IN ('applied', 'withdrawn') OR reason <> '')
);
CREATE UNIQUE INDEX credit_repairs_one_waiting ON credit_repairs (event_id) WHERE state = 'applied';
CREATE INDEX credit_repairs_by_vendor ON credit_repairs (market_id, vendor_id, repair_id);
CREATE INDEX credit_repairs_by_state ON credit_repairs (state, repair_id);
CREATE INDEX credit_repairs_by_market ON credit_repairs (market_id, state, repair_id);

CREATE FUNCTION refuse_to_rewrite_a_repair() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moves constant text[] := '{state,points,granted_event,rules_version,decided_by,decided_at,reason,revision}';
BEGIN
    IF OLD.state <> 'applied' OR to_jsonb(OLD) - moves IS DISTINCT FROM to_jsonb(NEW) - moves THEN
        RAISE EXCEPTION 'an application for repair is decided once and never changed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER credit_repairs_keep_their_words BEFORE UPDATE ON credit_repairs
    FOR EACH ROW EXECUTE FUNCTION refuse_to_rewrite_a_repair();
CREATE TRIGGER credit_repairs_stay BEFORE DELETE ON credit_repairs FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_repairs_no_truncate BEFORE TRUNCATE ON credit_repairs
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE credit_repair_steps (
    step_id     bigint GENERATED ALWAYS AS IDENTITY,
    repair_id   bigint NOT NULL,
    at          timestamptz NOT NULL,
    actor       text NOT NULL,
    action      text NOT NULL,
    from_state  text NOT NULL,
    to_state    text NOT NULL,
    note        text NOT NULL DEFAULT '',
    origin      text NOT NULL DEFAULT '',
    CONSTRAINT credit_repair_steps_pkey PRIMARY KEY (step_id),
    CONSTRAINT credit_repair_steps_repair_exists FOREIGN KEY (repair_id) REFERENCES credit_repairs (repair_id)
);
CREATE INDEX credit_repair_steps_by_repair ON credit_repair_steps (repair_id, step_id);
CREATE TRIGGER credit_repair_steps_append_only BEFORE UPDATE OR DELETE ON credit_repair_steps
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_repair_steps_no_truncate BEFORE TRUNCATE ON credit_repair_steps
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Whoever appends holds the vendor's row. How much the rules give back is theirs to say; this holds in any case.
CREATE FUNCTION refuse_an_impossible_repair() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_event credit_events;
    given integer;
BEGIN
    IF NEW.repairs IS NULL THEN
        RETURN NEW;
    END IF;
    SELECT * INTO of_event FROM credit_events e WHERE e.event_id = NEW.repairs;
    SELECT coalesce(sum(p.points), 0) INTO given FROM credit_events p
    WHERE p.repairs = NEW.repairs AND NOT EXISTS (SELECT FROM credit_events u WHERE u.reverses = p.event_id);
    IF (of_event.market_id, of_event.vendor_id) <> (NEW.market_id, NEW.vendor_id) OR of_event.is_veto
       OR of_event.reverses IS NOT NULL OR of_event.repairs IS NOT NULL OR NEW.points + given > -of_event.points
       OR EXISTS (SELECT FROM credit_events u WHERE u.reverses = NEW.repairs)
    THEN
        RAISE EXCEPTION 'event % cannot be repaired by % points', NEW.repairs, NEW.points
            USING ERRCODE = 'check_violation', CONSTRAINT = 'credit_events_repair_is_possible';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER credit_events_repair_is_possible BEFORE INSERT ON credit_events
    FOR EACH ROW EXECUTE FUNCTION refuse_an_impossible_repair();
