-- name: listen_for_alerts
-- Told by the trigger on alerts, once the change is committed; the payload is the market.
LISTEN alerts

-- name: listen_for_vendors
-- Told by the triggers on bindings, vendors and the credit ledger; the payload is the market.
LISTEN vendors

-- name: listen_for_scale_caps
-- Told by the triggers on what scales hold and what markets are told; the payload is the market.
LISTEN scale_caps

-- name: listen_for_notices
-- Told by the triggers on letters of a page; the payload is the username.
LISTEN notices

-- name: listen_for_clerks
-- Told by the triggers on happenings and letters; no payload.
LISTEN clerks
