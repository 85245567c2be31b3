-- Departments that pull: their tokens, of which only a digest is kept, and everything they asked for.

CREATE TABLE export_tokens (
    token_id         bigint GENERATED ALWAYS AS IDENTITY,
    -- The token's public half, to find it by; of the secret half the SHA-256.
    key_id           text NOT NULL,
    digest           bytea NOT NULL,
    department       text NOT NULL,
    contact          text NOT NULL,
    scopes           text[] NOT NULL,
    -- Empty: every market; from anywhere.
    market_ids       text[] NOT NULL,
    networks         text[] NOT NULL,
    created_at       timestamptz NOT NULL,
    created_by       text NOT NULL,
    expires_at       timestamptz NOT NULL,
    revoked_at       timestamptz,
    revoked_by       text,
    revoked_because  text,
    last_used_at     timestamptz,
    CONSTRAINT export_tokens_pkey PRIMARY KEY (token_id),
    CONSTRAINT export_tokens_key_once UNIQUE (key_id),
    CONSTRAINT export_tokens_end CHECK (expires_at > created_at),
    CONSTRAINT export_tokens_scopes_known CHECK (
        cardinality(scopes) > 0 AND scopes <@ ARRAY['penalties:read', 'credit:read', 'identities:read']),
    CONSTRAINT export_tokens_revoked_whole CHECK (num_nonnulls(revoked_at, revoked_by, revoked_because) IN (0, 3))
);
CREATE FUNCTION keep_export_token() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at)
        OR to_jsonb(OLD) - ARRAY['revoked_at', 'revoked_by', 'revoked_because', 'last_used_at']
        <> to_jsonb(NEW) - ARRAY['revoked_at', 'revoked_by', 'revoked_because', 'last_used_at']
    THEN
        RAISE EXCEPTION 'a token is revoked, never changed: % is refused', TG_OP USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER export_tokens_kept BEFORE UPDATE OR DELETE ON export_tokens
    FOR EACH ROW EXECUTE FUNCTION keep_export_token();

CREATE TABLE export_accesses (
    access_id  bigint GENERATED ALWAYS AS IDENTITY,
    at         timestamptz NOT NULL,
    -- NULL: with a token that is none.
    token_id   bigint,
    address    text NOT NULL,
    asked      text NOT NULL,
    status     integer NOT NULL,
    records    integer NOT NULL,
    -- Whether what was sent named individuals in full.
    identities boolean NOT NULL,
    problem    text NOT NULL,
    CONSTRAINT export_accesses_pkey PRIMARY KEY (access_id),
    CONSTRAINT export_accesses_token_exists FOREIGN KEY (token_id) REFERENCES export_tokens (token_id)
);
CREATE INDEX export_accesses_of_token ON export_accesses (token_id, at DESC);
CREATE INDEX export_accesses_of_strangers ON export_accesses (address, at DESC) WHERE token_id IS NULL;
CREATE TRIGGER export_accesses_append_only BEFORE UPDATE OR DELETE ON export_accesses
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER export_accesses_no_truncate BEFORE TRUNCATE ON export_accesses
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
