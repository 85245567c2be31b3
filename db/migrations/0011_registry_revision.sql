-- Moves whenever a scale may be somebody else's: ingest keeps whose each scale is until then.

CREATE TABLE registry_revision (
    only_row  boolean NOT NULL DEFAULT true,
    revision  bigint NOT NULL,
    CONSTRAINT registry_revision_pkey PRIMARY KEY (only_row),
    CONSTRAINT registry_revision_one_row CHECK (only_row)
);
INSERT INTO registry_revision (revision) VALUES (1);

CREATE FUNCTION move_registry_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE registry_revision SET revision = revision + 1;
    RETURN NULL;
END $$;

CREATE TRIGGER scales_move_revision AFTER INSERT OR UPDATE OR DELETE ON scales
    FOR EACH STATEMENT EXECUTE FUNCTION move_registry_revision();
CREATE TRIGGER scale_bindings_move_revision AFTER INSERT OR UPDATE OR DELETE ON scale_bindings
    FOR EACH STATEMENT EXECUTE FUNCTION move_registry_revision();
