-- name: offer
INSERT INTO promises (market_id, vendor_id, alert_id, family, scope, text_zh, text_en, term_days, factor, charges_waived,
                      policy_version, offered_at, offer_until, occurred_at, waived_kind, waived_points, waived_rule,
                      rules_version)
VALUES (%(market_id)s, %(vendor_id)s, %(alert_id)s, %(family)s, %(scope)s, %(text_zh)s, %(text_en)s, %(term_days)s,
        %(factor)s, %(charges_waived)s, %(policy_version)s, %(offered_at)s, %(offer_until)s, %(occurred_at)s,
        %(waived_kind)s, %(waived_points)s, %(waived_rule)s, %(rules_version)s)
RETURNING promise_id

-- name: move
UPDATE promises SET state = %(state)s, made_at = %(made_at)s, until = %(until)s, breakers = %(breakers)s,
                    revision = revision + 1
WHERE promise_id = %(promise_id)s

-- name: append_step
INSERT INTO promise_steps (promise_id, at, actor, action, from_state, to_state, note, origin, alert_id, made_how, photo_id)
VALUES (%(promise_id)s, %(at)s, %(actor)s, %(action)s, %(from_state)s, %(to_state)s, %(note)s, %(origin)s, %(alert_id)s,
        %(made_how)s, %(photo_id)s)

-- name: by_id
SELECT * FROM promises WHERE promise_id = %(promise_id)s

-- name: of_vendor
SELECT * FROM promises WHERE market_id = %(market_id)s AND vendor_id = %(vendor_id)s ORDER BY promise_id

-- name: of_alert
-- The one that the alert ended in.
SELECT * FROM promises WHERE alert_id = %(alert_id)s

-- name: steps_of
SELECT promise_id, at, actor, action, from_state, to_state, note, origin, alert_id, made_how, photo_id
FROM promise_steps WHERE promise_id = %(promise_id)s ORDER BY step_id

-- name: listed
-- The newest first, each state along its index; `before`: those made before this one. Compared as a row, since with few states
-- the planner else takes any order by number for as good, and reads past all of the other states.
SELECT p.*, m.name AS market_name, m.timezone, v.name AS vendor_name
FROM (
    SELECT one.promise_id
    FROM unnest(%(states)s::text[]) AS asked (state)
    CROSS JOIN LATERAL (
        SELECT p.promise_id FROM promises p
        WHERE p.state = asked.state
          AND (p.state, p.promise_id) < (asked.state, coalesce(%(before)s::bigint, 9223372036854775807))
        ORDER BY p.promise_id DESC LIMIT %(limit)s
    ) one
    ORDER BY one.promise_id DESC LIMIT %(limit)s
) page
JOIN promises p USING (promise_id)
JOIN markets m USING (market_id)
JOIN vendors v USING (market_id, vendor_id)
ORDER BY p.promise_id DESC

-- name: listed_in_market
SELECT p.*, m.name AS market_name, m.timezone, v.name AS vendor_name
FROM (
    SELECT one.promise_id
    FROM unnest(%(states)s::text[]) AS asked (state)
    CROSS JOIN LATERAL (
        SELECT p.promise_id FROM promises p
        WHERE p.market_id = %(market_id)s AND p.state = asked.state
          AND (%(before)s::bigint IS NULL OR p.promise_id < %(before)s)
        ORDER BY p.promise_id DESC LIMIT %(limit)s
    ) one
    ORDER BY one.promise_id DESC LIMIT %(limit)s
) page
JOIN promises p USING (promise_id)
JOIN markets m USING (market_id)
JOIN vendors v USING (market_id, vendor_id)
ORDER BY p.promise_id DESC

-- name: counts
-- How many promises are in each state, counted no further than `most`.
SELECT asked.state, (SELECT count(*) FROM (SELECT 1 FROM promises p
                                           WHERE p.state = asked.state AND (p.state, p.promise_id) > (asked.state, 0)
                                           ORDER BY p.promise_id DESC LIMIT %(most)s) AS counted)
FROM unnest(%(states)s::text[]) AS asked (state)

-- name: counts_in_market
SELECT asked.state, (SELECT count(*) FROM (SELECT 1 FROM promises p
                                           WHERE p.market_id = %(market_id)s AND p.state = asked.state
                                           ORDER BY p.promise_id DESC LIMIT %(most)s) AS counted)
FROM unnest(%(states)s::text[]) AS asked (state)

-- name: lapsing
-- Offers that run out until a moment, and were not told of: `once` names each among what is told.
SELECT p.promise_id, p.market_id, p.alert_id, p.offer_until, told.once
FROM promises p CROSS JOIN LATERAL (SELECT 'promise_lapsing:' || p.promise_id AS once) told
WHERE p.state = 'offered' AND p.offer_until > %(now)s AND p.offer_until <= %(until)s
  AND NOT EXISTS (SELECT FROM happenings h WHERE h.once = told.once)
ORDER BY p.offer_until, p.promise_id LIMIT %(limit)s

-- name: due
-- Offers that ran out, and terms that are over.
SELECT promise_id FROM promises WHERE state = 'offered' AND offer_until <= %(now)s
UNION ALL
SELECT promise_id FROM promises WHERE state = 'made' AND until <= %(now)s
ORDER BY promise_id LIMIT %(limit)s
