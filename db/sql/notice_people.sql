-- name: people
-- Who may be told, with what they chose; NULLs where they chose nothing.
SELECT u.user_id, u.username, u.display_name, u.role, u.market_id, m.timezone,
       p.language, p.email, p.quiet_from, p.quiet_until, p.breaks_through
FROM users u
LEFT JOIN markets m USING (market_id)
LEFT JOIN notice_preferences p USING (user_id)
WHERE u.disabled_at IS NULL
  AND (%(user_id)s::bigint IS NULL OR u.user_id = %(user_id)s)
  AND (%(username)s::text IS NULL OR u.username = %(username)s)
ORDER BY u.user_id

-- name: channels
SELECT user_id, channel, minimum, first_after_s, window_s FROM notice_channels
WHERE user_id = ANY (%(user_ids)s::bigint[])

-- name: put_preferences
INSERT INTO notice_preferences (user_id, language, email, quiet_from, quiet_until, breaks_through, changed_at)
VALUES (%(user_id)s, %(language)s, %(email)s, %(quiet_from)s, %(quiet_until)s, %(breaks_through)s, %(now)s)
ON CONFLICT ON CONSTRAINT notice_preferences_pkey DO UPDATE
SET language = excluded.language, email = excluded.email, quiet_from = excluded.quiet_from,
    quiet_until = excluded.quiet_until, breaks_through = excluded.breaks_through, changed_at = excluded.changed_at

-- name: put_channel
INSERT INTO notice_channels (user_id, channel, minimum, first_after_s, window_s)
VALUES (%(user_id)s, %(channel)s, %(minimum)s, %(first_after_s)s, %(window_s)s)
ON CONFLICT ON CONSTRAINT notice_channels_pkey DO UPDATE
SET minimum = excluded.minimum, first_after_s = excluded.first_after_s, window_s = excluded.window_s
