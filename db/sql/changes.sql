-- name: listen_for_alerts
-- Told by the trigger on alerts, once the change is committed; the payload is the market.
LISTEN alerts

-- name: listen_for_vendors
-- Told by the triggers on bindings, vendors and the credit ledger; the payload is the market.
LISTEN vendors
