-- name: listen_for_alerts
-- Told by the trigger on alerts, once the change is committed; the payload is the market.
LISTEN alerts
