-- name: plain_table
-- Bytes of a table: its rows with their TOAST, its indexes; and how many rows the statistics say (-1: never counted).
SELECT pg_table_size(c.oid), pg_indexes_size(c.oid), c.reltuples::bigint
FROM pg_class c WHERE c.oid = to_regclass(%(name)s)

-- name: hypertable
SELECT table_bytes + toast_bytes, index_bytes, approximate_row_count(%(name)s::regclass)
FROM hypertable_detailed_size(%(name)s::regclass)

-- name: is_hypertable
SELECT EXISTS (SELECT FROM timescaledb_information.hypertables WHERE hypertable_name = %(name)s)

-- name: chunks
SELECT count(*), count(*) FILTER (WHERE is_compressed) FROM timescaledb_information.chunks
WHERE hypertable_name = %(name)s

-- name: analyze_weighings
ANALYZE weighings
