-- Which key of a draw is which inspector's, as it was frozen: a badge may change between the freezing and the draw.
CREATE TABLE draw_inspectors (
    plan_id  bigint NOT NULL,
    key      text NOT NULL,
    user_id  bigint NOT NULL,
    CONSTRAINT draw_inspectors_pkey PRIMARY KEY (plan_id, key),
    CONSTRAINT draw_inspectors_plan_exists FOREIGN KEY (plan_id) REFERENCES inspection_plans (plan_id),
    CONSTRAINT draw_inspectors_inspector_exists FOREIGN KEY (user_id) REFERENCES inspectors (user_id)
);
CREATE TRIGGER draw_inspectors_append_only BEFORE UPDATE OR DELETE ON draw_inspectors
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER draw_inspectors_no_truncate BEFORE TRUNCATE ON draw_inspectors
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Plans that wait for their draw: whose badge is still the one that was frozen is known by it. Who is not found goes
-- nowhere, and the visit says so.
INSERT INTO draw_inspectors (plan_id, key, user_id)
SELECT p.plan_id, k.key, i.user_id
FROM inspection_plans p
CROSS JOIN inspectors i
CROSS JOIN LATERAL (
    SELECT encode(sha256(p.salt || convert_to(E'\ninspector\n' || i.badge_no, 'UTF8')), 'hex') AS key
) k
WHERE p.state = 'frozen' AND strpos(p.frozen, k.key) > 0;

-- What a visit asks, as it stood when it began (supervision/inspections/asking.py): a catalogue that is published
-- afterwards changes no visit that people are answering, and none that is over.
CREATE TABLE inspection_checklists (
    inspection_id  bigint NOT NULL,
    asked          jsonb NOT NULL,
    fixed_at       timestamptz NOT NULL,
    CONSTRAINT inspection_checklists_pkey PRIMARY KEY (inspection_id),
    CONSTRAINT inspection_checklists_inspection_exists
        FOREIGN KEY (inspection_id) REFERENCES inspections (inspection_id)
);
CREATE TRIGGER inspection_checklists_append_only BEFORE UPDATE OR DELETE ON inspection_checklists
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER inspection_checklists_no_truncate BEFORE TRUNCATE ON inspection_checklists
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
