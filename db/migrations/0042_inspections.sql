-- Plans and their draws (双随机), visits and what each department wants of them, and every step with who and why.

CREATE TABLE inspection_plans (
    plan_id        bigint GENERATED ALWAYS AS IDENTITY,
    title          text NOT NULL,
    department     text NOT NULL,
    catalogue_id   bigint NOT NULL,
    items          text[] NOT NULL,
    market_ids     text[] NOT NULL,
    first_day      date NOT NULL,
    last_day       date NOT NULL,
    visits         integer NOT NULL,
    most           integer NOT NULL,
    planned_by     text NOT NULL,
    planned_at     timestamptz NOT NULL,
    state          text NOT NULL DEFAULT 'planned',
    -- What decides the draw but its seed (supervision/inspections/draw_file.py), as the exact text that is hashed.
    frozen         text,
    frozen_sha256  text,
    frozen_by      text,
    frozen_at      timestamptz,
    secret         text,
    salt           bytea,
    public_source  text,
    public_from    timestamptz,
    public_value   text,
    seed           text,
    drawn_by       text,
    drawn_at       timestamptz,
    abandoned_by   text,
    abandoned_at   timestamptz,
    abandoned_because  text,
    CONSTRAINT inspection_plans_pkey PRIMARY KEY (plan_id),
    CONSTRAINT inspection_plans_catalogue_exists FOREIGN KEY (catalogue_id) REFERENCES item_catalogues (catalogue_id),
    CONSTRAINT inspection_plans_state_known CHECK (state IN ('planned', 'frozen', 'drawn', 'abandoned')),
    CONSTRAINT inspection_plans_window CHECK (first_day <= last_day),
    CONSTRAINT inspection_plans_something CHECK (visits >= 1 AND most >= 1 AND cardinality(items) >= 1),
    CONSTRAINT inspection_plans_frozen_whole CHECK (
        num_nonnulls(frozen, frozen_sha256, frozen_by, frozen_at, secret, salt, public_source, public_from) IN (0, 8)
        AND (state NOT IN ('frozen', 'drawn') OR frozen IS NOT NULL) AND (state <> 'planned' OR frozen IS NULL)),
    CONSTRAINT inspection_plans_drawn_whole CHECK (
        num_nonnulls(public_value, seed, drawn_by, drawn_at) = CASE WHEN state = 'drawn' THEN 4 ELSE 0 END),
    CONSTRAINT inspection_plans_abandoned_whole CHECK (
        num_nonnulls(abandoned_by, abandoned_at, abandoned_because) = CASE WHEN state = 'abandoned' THEN 3 ELSE 0 END),
    CONSTRAINT inspection_plans_public_value_comes_later CHECK (public_from > frozen_at AND drawn_at >= public_from)
);

-- A draw that was frozen is drawn or abandoned, in the sight of all, and nothing else.
CREATE FUNCTION refuse_another_draw() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state IN ('drawn', 'abandoned') OR (OLD.state = 'frozen' AND
        (OLD.frozen, OLD.frozen_sha256, OLD.secret, OLD.salt, OLD.public_source, OLD.public_from, OLD.title, OLD.items)
        IS DISTINCT FROM
        (NEW.frozen, NEW.frozen_sha256, NEW.secret, NEW.salt, NEW.public_source, NEW.public_from, NEW.title, NEW.items))
    THEN
        RAISE EXCEPTION 'a plan that is % is not changed: % is refused', OLD.state, TG_OP
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER inspection_plans_drawn_once BEFORE UPDATE OR DELETE ON inspection_plans
    FOR EACH ROW EXECUTE FUNCTION refuse_another_draw();

-- Which key of a draw is whose. Only regulators read it: the weight beside the key tells a risk class.
CREATE TABLE draw_subjects (
    plan_id    bigint NOT NULL,
    key        text NOT NULL,
    market_id  text NOT NULL,
    vendor_id  text NOT NULL,
    CONSTRAINT draw_subjects_pkey PRIMARY KEY (plan_id, key),
    CONSTRAINT draw_subjects_plan_exists FOREIGN KEY (plan_id) REFERENCES inspection_plans (plan_id),
    CONSTRAINT draw_subjects_vendor_exists
        FOREIGN KEY (market_id, vendor_id) REFERENCES vendors (market_id, vendor_id)
);
CREATE TRIGGER draw_subjects_append_only BEFORE UPDATE OR DELETE ON draw_subjects
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- A visit: one subject, two inspectors, one checklist of everything that its tasks ask.
CREATE TABLE inspections (
    inspection_id  bigint GENERATED ALWAYS AS IDENTITY,
    market_id      text NOT NULL,
    vendor_id      text NOT NULL,
    first_day      date NOT NULL,
    last_day       date NOT NULL,
    planned_on     date,
    state          text NOT NULL DEFAULT 'drawn',
    rectify_by     date,
    revisit_by     date,
    combined_into  bigint,
    opened_at      timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL,
    CONSTRAINT inspections_pkey PRIMARY KEY (inspection_id),
    CONSTRAINT inspections_vendor_exists
        FOREIGN KEY (market_id, vendor_id) REFERENCES vendors (market_id, vendor_id),
    CONSTRAINT inspections_window CHECK (first_day <= last_day),
    CONSTRAINT inspections_planned_within CHECK (planned_on BETWEEN first_day AND last_day),
    CONSTRAINT inspections_state_known CHECK (state IN ('drawn', 'notified', 'visiting', 'passed', 'rectification',
        'rectified', 'closed', 'escalated', 'cancelled', 'combined')),
    CONSTRAINT inspections_rectified_by_a_day
        CHECK (state NOT IN ('rectification', 'rectified') OR (rectify_by IS NOT NULL AND revisit_by >= rectify_by)),
    CONSTRAINT inspections_combined_into_another CHECK ((state = 'combined') = (combined_into IS NOT NULL)
        AND combined_into <> inspection_id),
    CONSTRAINT inspections_other_exists FOREIGN KEY (combined_into) REFERENCES inspections (inspection_id)
);
CREATE INDEX inspections_by_vendor ON inspections (market_id, vendor_id, last_day DESC);
CREATE INDEX inspections_by_window ON inspections (last_day, first_day) WHERE state NOT IN ('combined', 'cancelled');

CREATE TABLE inspection_inspectors (
    inspection_id  bigint NOT NULL,
    user_id        bigint NOT NULL,
    CONSTRAINT inspection_inspectors_pkey PRIMARY KEY (inspection_id, user_id),
    CONSTRAINT inspection_inspectors_inspection_exists
        FOREIGN KEY (inspection_id) REFERENCES inspections (inspection_id),
    CONSTRAINT inspection_inspectors_inspector_exists FOREIGN KEY (user_id) REFERENCES inspectors (user_id)
);
CREATE INDEX inspection_inspectors_by_inspector ON inspection_inspectors (user_id, inspection_id);

-- What one department wants of a visit, and why: drawn by a plan, or a key inspection because of an alert.
CREATE TABLE inspection_tasks (
    task_id        bigint GENERATED ALWAYS AS IDENTITY,
    inspection_id  bigint NOT NULL,
    -- The visit it was made for, before visits were combined.
    made_for       bigint NOT NULL,
    plan_id        bigint,
    alert_id       bigint,
    department     text NOT NULL,
    catalogue_id   bigint NOT NULL,
    items          text[] NOT NULL,
    CONSTRAINT inspection_tasks_pkey PRIMARY KEY (task_id),
    CONSTRAINT inspection_tasks_inspection_exists FOREIGN KEY (inspection_id) REFERENCES inspections (inspection_id),
    CONSTRAINT inspection_tasks_made_for_exists FOREIGN KEY (made_for) REFERENCES inspections (inspection_id),
    CONSTRAINT inspection_tasks_plan_exists FOREIGN KEY (plan_id) REFERENCES inspection_plans (plan_id),
    CONSTRAINT inspection_tasks_alert_exists FOREIGN KEY (alert_id) REFERENCES alerts (alert_id),
    CONSTRAINT inspection_tasks_catalogue_exists FOREIGN KEY (catalogue_id) REFERENCES item_catalogues (catalogue_id),
    CONSTRAINT inspection_tasks_one_cause CHECK (num_nonnulls(plan_id, alert_id) = 1)
);
CREATE INDEX inspection_tasks_by_inspection ON inspection_tasks (inspection_id);
CREATE INDEX inspection_tasks_by_plan ON inspection_tasks (plan_id);
-- An alert opens one key inspection, however often the button is pressed.
CREATE UNIQUE INDEX inspection_tasks_one_per_alert ON inspection_tasks (alert_id);

CREATE TABLE inspection_events (
    event_id       bigint GENERATED ALWAYS AS IDENTITY,
    inspection_id  bigint NOT NULL,
    at             timestamptz NOT NULL,
    actor          text NOT NULL,
    action         text NOT NULL,
    from_state     text NOT NULL,
    to_state       text NOT NULL,
    note           text NOT NULL DEFAULT '',
    CONSTRAINT inspection_events_pkey PRIMARY KEY (event_id),
    CONSTRAINT inspection_events_inspection_exists FOREIGN KEY (inspection_id) REFERENCES inspections (inspection_id)
);
CREATE INDEX inspection_events_by_inspection ON inspection_events (inspection_id, event_id);
CREATE TRIGGER inspection_events_append_only BEFORE UPDATE OR DELETE ON inspection_events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER inspection_events_no_truncate BEFORE TRUNCATE ON inspection_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
