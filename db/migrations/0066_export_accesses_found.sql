-- The log of accesses is looked through by time, token, status and market, page by page from the newest on.
CREATE INDEX export_accesses_by_time ON export_accesses (at DESC, access_id DESC);
CREATE INDEX export_accesses_refused ON export_accesses (at DESC, access_id DESC) WHERE status >= 400;
CREATE INDEX export_accesses_by_status ON export_accesses (status, at DESC, access_id DESC);
DROP INDEX export_accesses_of_token;
CREATE INDEX export_accesses_by_token ON export_accesses (token_id, at DESC, access_id DESC);

-- Of which markets records were given with an access. Of those before there was this table nobody wrote it down.
CREATE TABLE export_access_markets (
    market_id  text NOT NULL,
    at         timestamptz NOT NULL,
    access_id  bigint NOT NULL,
    CONSTRAINT export_access_markets_pkey PRIMARY KEY (market_id, at, access_id),
    CONSTRAINT export_access_markets_access_exists FOREIGN KEY (access_id) REFERENCES export_accesses (access_id)
);
CREATE TRIGGER export_access_markets_append_only BEFORE UPDATE OR DELETE ON export_access_markets
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER export_access_markets_no_truncate BEFORE TRUNCATE ON export_access_markets
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
