-- name: detect_engine
-- Server version, TimescaleDB's version in this database, and its licence.
SELECT split_part(current_setting('server_version'), ' ', 1),
       (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'),
       current_setting('timescaledb.license', true)

-- name: is_offered
-- One row where the extension is there already, or the server's files offer it and it is preloaded.
SELECT true
FROM pg_available_extensions
WHERE name = 'timescaledb'
  AND (installed_version IS NOT NULL OR current_setting('shared_preload_libraries') LIKE '%timescaledb%')

-- name: create_extension
CREATE EXTENSION IF NOT EXISTS timescaledb

-- name: create_hypertable
-- Partition weighings by weighed_at, moving rows that a plain table already holds.
SELECT create_hypertable('weighings', by_range('weighed_at', %(interval)s::interval),
                         if_not_exists => true, migrate_data => true, create_default_indexes => false)

-- name: set_chunk_interval
-- For the chunks to come; those that are there stay as they are.
SELECT set_chunk_time_interval('weighings', %(interval)s::interval)

-- name: use_time_bucket
-- In place of the plain one of migration 13: the same answers.
CREATE OR REPLACE FUNCTION trend_bucket(width interval, moment timestamptz, timezone text) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT time_bucket(width, moment, timezone)
$$

-- name: is_compression_on
SELECT compression_enabled FROM timescaledb_information.hypertables WHERE hypertable_name = 'weighings'

-- name: turn_compression_on
-- A journal's lines together, in its own order: a late line, a redelivery and the check of continuity look for
-- (journal, seq), and what follows in a journal resembles what went before.
ALTER TABLE weighings SET (
    timescaledb.compress,
    timescaledb.compress_segmentby = 'market_id, scale_id, journal_id',
    timescaledb.compress_orderby = 'seq, weighed_at'
)

-- name: lift_decompression_limit
-- A late backlog may touch more compressed rows than the default of 100 000 in one transaction, and would be refused for
-- ever: it is let in however long it takes.
DO $$ BEGIN
    EXECUTE format('ALTER DATABASE %I SET timescaledb.max_tuples_decompressed_per_dml_transaction = 0', current_database());
END $$

-- name: compression_job
-- After how long the job that is there compresses.
SELECT (config ->> 'compress_after')::interval FROM timescaledb_information.jobs
WHERE proc_name = 'policy_compression' AND hypertable_name = 'weighings'

-- name: drop_compression_job
SELECT remove_compression_policy('weighings', if_exists => true)

-- name: add_compression_job
SELECT add_compression_policy('weighings', compress_after => %(after)s::interval)

-- name: has_keeping_job
SELECT EXISTS (SELECT FROM timescaledb_information.jobs WHERE proc_name = 'let_weighings_go')

-- name: add_keeping_job
SELECT add_job('let_weighings_go', '1 hour')
