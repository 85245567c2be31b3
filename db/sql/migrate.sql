-- name: hold_migration_lock
-- Held by the session: the server lets go of it when the session ends, however that happens.
SELECT pg_advisory_lock(hashtextextended('steelyard/migrate', 0))
