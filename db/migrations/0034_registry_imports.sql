-- Files that the register is filled from: kept from the preview until they are applied, and then only what is needed to
-- know one again: a file of vendors holds telephone numbers, and what is registered holds them already.

CREATE TABLE registry_imports (
    import_id    bigint GENERATED ALWAYS AS IDENTITY,
    kind         text NOT NULL,
    market_id    text NOT NULL,
    name         text NOT NULL,
    digest       bytea NOT NULL,
    -- NULL: applied, and so forgotten.
    content      bytea,
    uploaded_by  text NOT NULL,
    uploaded_at  timestamptz NOT NULL,
    applied_by   text,
    applied_at   timestamptz,
    added        integer,
    changed      integer,
    unchanged    integer,
    CONSTRAINT registry_imports_pkey PRIMARY KEY (import_id),
    CONSTRAINT registry_imports_market_exists FOREIGN KEY (market_id) REFERENCES markets (market_id),
    CONSTRAINT registry_imports_kind_known CHECK (kind IN ('vendors', 'stalls', 'scales', 'bindings')),
    CONSTRAINT registry_imports_applied_by_somebody
        CHECK ((applied_by IS NULL) = (applied_at IS NULL) AND (applied_by IS NULL) = (content IS NOT NULL)
               AND (applied_by IS NULL) = (added IS NULL)),
    CONSTRAINT registry_imports_not_large CHECK (octet_length(content) <= 4194304)
);
CREATE INDEX registry_imports_only_looked_at ON registry_imports (uploaded_at) WHERE applied_by IS NULL;
CREATE INDEX registry_imports_applied ON registry_imports (market_id, applied_at DESC) WHERE applied_by IS NOT NULL;
