-- What may be checked (监管事项清单), in versions: drafted by one person, published by another, never edited afterwards.

CREATE TABLE item_catalogues (
    catalogue_id  bigint GENERATED ALWAYS AS IDENTITY,
    version       text NOT NULL,
    title         text NOT NULL,
    source        text NOT NULL,
    departments   jsonb NOT NULL,
    drafted_by    text NOT NULL,
    drafted_at    timestamptz NOT NULL,
    state         text NOT NULL DEFAULT 'draft',
    decided_by    text,
    decided_at    timestamptz,
    CONSTRAINT item_catalogues_pkey PRIMARY KEY (catalogue_id),
    CONSTRAINT item_catalogues_state_known CHECK (state IN ('draft', 'published', 'discarded')),
    CONSTRAINT item_catalogues_decided_by_somebody
        CHECK ((state = 'draft') = (decided_by IS NULL) AND (state = 'draft') = (decided_at IS NULL)),
    CONSTRAINT item_catalogues_second_person CHECK (state <> 'published' OR decided_by <> drafted_by)
);
-- A discarded draft leaves its name to the next one.
CREATE UNIQUE INDEX item_catalogues_version_once ON item_catalogues (version) WHERE state <> 'discarded';
-- One draft at a time: two would each leave out what the other merges.
CREATE UNIQUE INDEX item_catalogues_one_draft ON item_catalogues ((true)) WHERE state = 'draft';
CREATE INDEX item_catalogues_in_force ON item_catalogues (decided_at DESC) WHERE state = 'published';

CREATE TABLE supervision_items (
    catalogue_id  bigint NOT NULL,
    code          text NOT NULL,
    position      integer NOT NULL,
    -- The whole item (domain/supervision_item.py); the columns beside it are what is looked for.
    body          jsonb NOT NULL,
    department    text NOT NULL GENERATED ALWAYS AS (body ->> 'department') STORED,
    CONSTRAINT supervision_items_pkey PRIMARY KEY (catalogue_id, code),
    CONSTRAINT supervision_items_catalogue_exists FOREIGN KEY (catalogue_id) REFERENCES item_catalogues (catalogue_id),
    CONSTRAINT supervision_items_code_is_its_own CHECK (body ->> 'code' = code)
);

-- Which item a kind of alert belongs to: one at most in a version.
CREATE TABLE item_alert_kinds (
    catalogue_id  bigint NOT NULL,
    kind          text NOT NULL,
    code          text NOT NULL,
    CONSTRAINT item_alert_kinds_pkey PRIMARY KEY (catalogue_id, kind),
    CONSTRAINT item_alert_kinds_item_exists
        FOREIGN KEY (catalogue_id, code) REFERENCES supervision_items (catalogue_id, code) DEFERRABLE INITIALLY DEFERRED
);

-- Which item became part of which. `old_item` is the item as it was; the code is never used again.
CREATE TABLE item_merges (
    catalogue_id  bigint NOT NULL,
    old_code      text NOT NULL,
    into_code     text NOT NULL,
    old_item      jsonb NOT NULL,
    reason        text NOT NULL,
    merged_by     text NOT NULL,
    merged_at     timestamptz NOT NULL,
    CONSTRAINT item_merges_pkey PRIMARY KEY (catalogue_id, old_code),
    CONSTRAINT item_merges_catalogue_exists FOREIGN KEY (catalogue_id) REFERENCES item_catalogues (catalogue_id),
    CONSTRAINT item_merges_into_another CHECK (old_code <> into_code),
    CONSTRAINT item_merges_with_a_reason CHECK (reason <> '')
);
CREATE INDEX item_merges_by_old ON item_merges (old_code);
CREATE TRIGGER item_merges_append_only BEFORE UPDATE OR DELETE ON item_merges
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER item_merges_no_truncate BEFORE TRUNCATE ON item_merges
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION refuse_change_of_decided_catalogue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state <> 'draft' THEN
        RAISE EXCEPTION 'a version of the catalogue that is % is never changed: % is refused', OLD.state, TG_OP
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER item_catalogues_decided_once BEFORE UPDATE OR DELETE ON item_catalogues
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_decided_catalogue();
CREATE TRIGGER item_catalogues_no_truncate BEFORE TRUNCATE ON item_catalogues
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What belongs to a version changes with it: only while it is a draft.
CREATE FUNCTION refuse_change_outside_of_a_draft() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.catalogue_id ELSE NEW.catalogue_id END;
BEGIN
    IF (TG_OP = 'UPDATE' AND NEW.catalogue_id <> OLD.catalogue_id)
        OR NOT EXISTS (SELECT FROM item_catalogues WHERE catalogue_id = touched AND state = 'draft') THEN
        RAISE EXCEPTION '% of catalogue % changes only while it is a draft: % is refused', TG_TABLE_NAME, touched, TG_OP
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER supervision_items_of_a_draft BEFORE INSERT OR UPDATE OR DELETE ON supervision_items
    FOR EACH ROW EXECUTE FUNCTION refuse_change_outside_of_a_draft();
CREATE TRIGGER supervision_items_no_truncate BEFORE TRUNCATE ON supervision_items
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER item_alert_kinds_of_a_draft BEFORE INSERT OR UPDATE OR DELETE ON item_alert_kinds
    FOR EACH ROW EXECUTE FUNCTION refuse_change_outside_of_a_draft();
CREATE TRIGGER item_alert_kinds_no_truncate BEFORE TRUNCATE ON item_alert_kinds
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER item_merges_in_a_draft BEFORE INSERT ON item_merges
    FOR EACH ROW EXECUTE FUNCTION refuse_change_outside_of_a_draft();
