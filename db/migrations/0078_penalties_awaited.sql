-- Penalties that may come on the publicity list and are not on it yet: what a clerk reads on each round. A row goes once
-- nothing can bring its penalty on the list any more. Each has the kind by which the policy decides, so that what is never
-- published is not read again and again. It rests on the steps, which nobody removes, and needs no reference to them.
CREATE TABLE penalties_awaited (
    alert_step_id bigint NOT NULL,
    kind          text NOT NULL,
    CONSTRAINT penalties_awaited_pkey PRIMARY KEY (alert_step_id)
);
CREATE INDEX penalties_awaited_by_kind ON penalties_awaited (kind, alert_step_id);

-- Those of cases that rest on more than alerts.
CREATE TABLE decisions_awaited (
    decision_id bigint NOT NULL,
    kind        text NOT NULL,
    CONSTRAINT decisions_awaited_pkey PRIMARY KEY (decision_id)
);
CREATE INDEX decisions_awaited_by_kind ON decisions_awaited (kind, decision_id);

CREATE FUNCTION await_penalty() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO penalties_awaited (alert_step_id, kind)
    SELECT NEW.alert_step_id, coalesce(d.kind, 'unstated')
    FROM alerts a
    LEFT JOIN case_decisions d ON d.market_id = a.market_id AND d.vendor_id = a.vendor_id
         AND d.authority = NEW.penalty_authority AND d.document_no = NEW.penalty_document_no
    WHERE a.alert_id = NEW.alert_id;
    RETURN NEW;
END $$;
CREATE TRIGGER alert_steps_penalty_awaited AFTER INSERT ON alert_steps
    FOR EACH ROW WHEN (NEW.action = 'record_penalty') EXECUTE FUNCTION await_penalty();

-- A case may say later of what kind the penalty of a document is that stands beside an alert already.
CREATE FUNCTION await_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE penalties_awaited w SET kind = NEW.kind
    FROM alert_steps s JOIN alerts a USING (alert_id)
    WHERE s.alert_step_id = w.alert_step_id AND a.market_id = NEW.market_id AND a.vendor_id = NEW.vendor_id
      AND s.action = 'record_penalty' AND s.penalty_authority = NEW.authority
      AND s.penalty_document_no = NEW.document_no AND w.kind <> NEW.kind;
    INSERT INTO decisions_awaited (decision_id, kind)
    SELECT NEW.decision_id, NEW.kind
    WHERE NEW.outcome = 'penalised' AND NOT NEW.is_simple
      AND EXISTS (SELECT FROM cases_beyond_alerts b WHERE b.case_id = NEW.case_id);
    RETURN NEW;
END $$;
CREATE TRIGGER case_decisions_awaited AFTER INSERT ON case_decisions
    FOR EACH ROW EXECUTE FUNCTION await_decision();

INSERT INTO penalties_awaited (alert_step_id, kind)
SELECT s.alert_step_id, coalesce(d.kind, 'unstated')
FROM alert_steps s
JOIN alerts a USING (alert_id)
LEFT JOIN case_decisions d ON d.market_id = a.market_id AND d.vendor_id = a.vendor_id
     AND d.authority = s.penalty_authority AND d.document_no = s.penalty_document_no
WHERE s.action = 'record_penalty'
  AND NOT EXISTS (SELECT FROM publicity_entries e
                  WHERE e.market_id = a.market_id AND e.vendor_id = a.vendor_id
                    AND e.authority = s.penalty_authority AND e.document_no = s.penalty_document_no);

INSERT INTO decisions_awaited (decision_id, kind)
SELECT d.decision_id, d.kind
FROM case_decisions d
WHERE d.outcome = 'penalised' AND NOT d.is_simple
  AND EXISTS (SELECT FROM cases_beyond_alerts b WHERE b.case_id = d.case_id)
  AND NOT EXISTS (SELECT FROM publicity_entries e
                  WHERE e.market_id = d.market_id AND e.vendor_id = d.vendor_id
                    AND e.authority = d.authority AND e.document_no = d.document_no);
