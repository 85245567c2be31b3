-- Signed heads of journals' chains as devices sent them (messages/checkpoints.py): what was rewritten whole shows by them.
-- Two heads signed for one place of a journal are both kept: one of two chains is another.

CREATE TABLE journal_checkpoints (
    market_id     text NOT NULL,
    scale_id      text NOT NULL,
    journal_id    text NOT NULL,
    seq           bigint NOT NULL,
    -- SHA-256 of the line `seq`, as it was signed.
    digest        bytea NOT NULL,
    at            timestamptz NOT NULL,
    key_id        text NOT NULL,
    -- The message carried its key, and the key signed it. Whose key that is, is for whoever checks to know.
    is_signed     boolean NOT NULL,
    received_at   timestamptz NOT NULL,
    -- The exact bytes as they came, and their SHA-256.
    body_digest   bytea NOT NULL,
    body          bytea NOT NULL,
    CONSTRAINT journal_checkpoints_pkey PRIMARY KEY (market_id, scale_id, journal_id, seq, body_digest),
    CONSTRAINT journal_checkpoints_scale_exists
        FOREIGN KEY (market_id, scale_id) REFERENCES scales (market_id, scale_id),
    CONSTRAINT journal_checkpoints_digests_are_sha256
        CHECK (octet_length(digest) = 32 AND body_digest = sha256(body))
);
CREATE TRIGGER journal_checkpoints_append_only BEFORE UPDATE OR DELETE ON journal_checkpoints
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER journal_checkpoints_no_truncate BEFORE TRUNCATE ON journal_checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
