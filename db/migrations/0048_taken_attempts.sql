-- How often strangers did what is limited: one row an attempt that was let through, by the digest of who or what it was.
-- Rows are of use only as long as their window lasts, and go then.
CREATE TABLE taken_attempts (
    purpose  text NOT NULL,
    by_what  text NOT NULL,
    key      bytea NOT NULL,
    at       timestamptz NOT NULL,
    CONSTRAINT taken_attempts_key_is_sha256 CHECK (octet_length(key) = 32)
);
CREATE INDEX taken_attempts_by_key ON taken_attempts (purpose, by_what, key, at DESC);
CREATE INDEX taken_attempts_by_time ON taken_attempts (at);
