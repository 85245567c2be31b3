-- Evidence bundles of cases: the bytes as they were frozen, and who took them away.

CREATE TABLE case_bundles (
    bundle_id  bigint GENERATED ALWAYS AS IDENTITY,
    case_id    bigint NOT NULL,
    frozen_at  timestamptz NOT NULL,
    frozen_by  text NOT NULL,
    origin     text NOT NULL,
    sha256     bytea NOT NULL,
    files      integer NOT NULL,
    content    bytea NOT NULL,
    CONSTRAINT case_bundles_pkey PRIMARY KEY (bundle_id),
    CONSTRAINT case_bundles_case_exists FOREIGN KEY (case_id) REFERENCES cases (case_id),
    CONSTRAINT case_bundles_is_sha256 CHECK (sha256 = sha256(content))
);
CREATE INDEX case_bundles_of_case ON case_bundles (case_id, bundle_id);
CREATE TRIGGER case_bundles_append_only BEFORE UPDATE OR DELETE ON case_bundles
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE case_bundle_downloads (
    download_id  bigint GENERATED ALWAYS AS IDENTITY,
    bundle_id    bigint NOT NULL,
    at           timestamptz NOT NULL,
    by           text NOT NULL,
    origin       text NOT NULL,
    CONSTRAINT case_bundle_downloads_pkey PRIMARY KEY (download_id),
    CONSTRAINT case_bundle_downloads_bundle_exists FOREIGN KEY (bundle_id) REFERENCES case_bundles (bundle_id)
);
CREATE INDEX case_bundle_downloads_of_bundle ON case_bundle_downloads (bundle_id, download_id);
CREATE TRIGGER case_bundle_downloads_append_only BEFORE UPDATE OR DELETE ON case_bundle_downloads
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
