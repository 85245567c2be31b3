-- name: detect_engine
-- Server version, TimescaleDB's version in this database, and its licence.
SELECT split_part(current_setting('server_version'), ' ', 1),
       (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'),
       current_setting('timescaledb.license', true)

-- name: is_offered
-- One row where the server's files offer the extension and it is preloaded.
SELECT true
FROM pg_available_extensions
WHERE name = 'timescaledb' AND current_setting('shared_preload_libraries') LIKE '%timescaledb%'

-- name: create_extension
CREATE EXTENSION IF NOT EXISTS timescaledb

-- name: create_hypertable
-- Partition weighings by weighed_at, moving rows that a plain table already holds.
SELECT create_hypertable('weighings', by_range('weighed_at', %(interval)s::interval),
                         if_not_exists => true, migrate_data => true, create_default_indexes => false)
