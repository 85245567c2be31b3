"""The journal and outbox: one SQLite file, append-only, durable before anybody is told "recorded"."""
