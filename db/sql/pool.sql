-- name: let_go_in_time
-- The keepalives: a client that is gone without a word.
SELECT set_config('idle_in_transaction_session_timeout', %(idle_ms)s, false),
       set_config('statement_timeout', %(statement_ms)s, false),
       set_config('tcp_keepalives_idle', '5', false), set_config('tcp_keepalives_interval', '2', false),
       set_config('tcp_keepalives_count', '3', false)
