-- Cap lists as published, and a revision that moves whenever a judgement could come out differently.

CREATE TABLE cap_lists (
    cap_list_id   bigint GENERATED ALWAYS AS IDENTITY,
    area          text NOT NULL,
    channel       text NOT NULL,
    authority     text NOT NULL DEFAULT '',
    document_no   text NOT NULL DEFAULT '',
    legal_basis   text NOT NULL DEFAULT '',
    source        text NOT NULL,
    status        text NOT NULL,
    -- In force for a demonstration: an old list, say, that nothing may present as today's law.
    is_demonstration  boolean NOT NULL DEFAULT false,
    effective     tstzrange NOT NULL,
    loaded_at     timestamptz NOT NULL,
    CONSTRAINT cap_lists_pkey PRIMARY KEY (cap_list_id),
    CONSTRAINT cap_lists_channel_known CHECK (channel IN ('eatery', 'stall')),
    CONSTRAINT cap_lists_status_known CHECK (status IN ('draft', 'published', 'withdrawn')),
    CONSTRAINT cap_lists_effective_from_a_moment CHECK (NOT isempty(effective) AND NOT lower_inf(effective)),
    CONSTRAINT cap_lists_one_in_force
        EXCLUDE USING gist (area WITH =, channel WITH =, effective WITH &&) WHERE (status = 'published')
);

CREATE TABLE cap_items (
    cap_list_id   bigint NOT NULL,
    species_code  text NOT NULL,
    grade         text NOT NULL DEFAULT '',
    status        text NOT NULL,
    cap_unit      text NOT NULL DEFAULT 'kg',
    cap_fen       bigint,
    published_as  text NOT NULL,
    CONSTRAINT cap_items_pkey PRIMARY KEY (cap_list_id, species_code, grade),
    CONSTRAINT cap_items_list_exists FOREIGN KEY (cap_list_id) REFERENCES cap_lists (cap_list_id),
    CONSTRAINT cap_items_species_exists FOREIGN KEY (species_code) REFERENCES species (species_code),
    CONSTRAINT cap_items_status_known CHECK (status IN ('capped', 'uncapped', 'out_of_stock')),
    CONSTRAINT cap_items_unit_known CHECK (cap_unit IN ('kg', 'piece')),
    CONSTRAINT cap_items_capped_has_a_cap CHECK ((status = 'capped') = (cap_fen IS NOT NULL)),
    CONSTRAINT cap_items_cap_positive CHECK (cap_fen > 0)
);

CREATE TABLE price_book_revision (
    only_row  boolean NOT NULL DEFAULT true,
    revision  bigint NOT NULL,
    CONSTRAINT price_book_revision_pkey PRIMARY KEY (only_row),
    CONSTRAINT price_book_revision_one_row CHECK (only_row)
);
INSERT INTO price_book_revision (revision) VALUES (1);

CREATE FUNCTION move_price_book_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE price_book_revision SET revision = revision + 1;
    RETURN NULL;
END $$;

CREATE TRIGGER cap_lists_move_revision AFTER INSERT OR UPDATE OR DELETE ON cap_lists
    FOR EACH STATEMENT EXECUTE FUNCTION move_price_book_revision();
CREATE TRIGGER cap_items_move_revision AFTER INSERT OR UPDATE OR DELETE ON cap_items
    FOR EACH STATEMENT EXECUTE FUNCTION move_price_book_revision();
CREATE TRIGGER species_move_revision AFTER INSERT OR UPDATE OR DELETE ON species
    FOR EACH STATEMENT EXECUTE FUNCTION move_price_book_revision();
CREATE TRIGGER species_names_move_revision AFTER INSERT OR UPDATE OR DELETE ON species_names
    FOR EACH STATEMENT EXECUTE FUNCTION move_price_book_revision();
CREATE TRIGGER markets_move_revision AFTER INSERT OR UPDATE OR DELETE ON markets
    FOR EACH STATEMENT EXECUTE FUNCTION move_price_book_revision();
