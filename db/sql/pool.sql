-- name: let_go_in_time
-- Idle in a transaction: its owner works a fraction of a second between two statements, or is frozen. The statement:
-- a COPY waits for its owner too, and counts as busy. The keepalives: a client that is gone without a word.
SELECT set_config('idle_in_transaction_session_timeout', '3s', false), set_config('statement_timeout', '20s', false),
       set_config('tcp_keepalives_idle', '5', false), set_config('tcp_keepalives_interval', '2', false),
       set_config('tcp_keepalives_count', '3', false)
