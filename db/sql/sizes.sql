-- name: plain_table
-- Bytes of a table: its rows with their TOAST, its indexes; and how many rows the statistics say (-1: never counted).
SELECT pg_table_size(c.oid), pg_indexes_size(c.oid), c.reltuples::bigint
FROM pg_class c WHERE c.oid = to_regclass(%(name)s)

-- name: hypertable
-- Rows that are compressed count as many as there were when they were (approximate_row_count takes each batch for full).
SELECT size.table_bytes + size.toast_bytes, size.index_bytes, counted.rows::bigint
FROM hypertable_detailed_size(%(name)s::text::regclass) size
CROSS JOIN LATERAL (
    SELECT coalesce(sum(greatest(k.reltuples, 0) + coalesce(z.numrows_pre_compression, 0)), 0) AS rows
    FROM timescaledb_information.chunks c
    JOIN pg_class k ON k.oid = format('%%I.%%I', c.chunk_schema, c.chunk_name)::regclass
    JOIN _timescaledb_catalog.chunk i ON i.schema_name = c.chunk_schema AND i.table_name = c.chunk_name
    LEFT JOIN _timescaledb_catalog.compression_chunk_size z ON z.chunk_id = i.id
    WHERE c.hypertable_name = %(name)s::text
) counted

-- name: is_hypertable
SELECT EXISTS (SELECT FROM timescaledb_information.hypertables WHERE hypertable_name = %(name)s)

-- name: chunks
SELECT count(*), count(*) FILTER (WHERE is_compressed) FROM timescaledb_information.chunks
WHERE hypertable_name = %(name)s

-- name: analyze
-- A sample of each, whatever their size: without it a table that is new to the statistics has no rows.
ANALYZE weighings, journals, alerts, alert_weighings, quarantine, credit_events
