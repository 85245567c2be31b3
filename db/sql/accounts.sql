-- name: put_user
INSERT INTO users (username, display_name, password_hash, role, market_id)
VALUES (%(username)s, %(display_name)s, %(password_hash)s, %(role)s, %(market_id)s)
ON CONFLICT (username) DO UPDATE
SET display_name = excluded.display_name, password_hash = excluded.password_hash, role = excluded.role,
    market_id = excluded.market_id
RETURNING user_id

-- name: user_by_name
SELECT user_id, username, display_name, password_hash, role, market_id, disabled_at IS NOT NULL AS is_disabled
FROM users WHERE username = %(username)s

-- name: set_password_hash
UPDATE users SET password_hash = %(password_hash)s WHERE user_id = %(user_id)s

-- name: open_session
INSERT INTO sessions (token_digest, user_id, csrf_token, created_at, expires_at)
VALUES (%(token_digest)s, %(user_id)s, %(csrf_token)s, %(created_at)s, %(expires_at)s)

-- name: session
-- A living session of a person who may still sign in.
SELECT u.user_id, u.username, u.display_name, u.role, u.market_id, s.csrf_token, s.expires_at
FROM sessions s JOIN users u USING (user_id)
WHERE s.token_digest = %(token_digest)s AND s.expires_at > %(now)s AND u.disabled_at IS NULL

-- name: end_session
DELETE FROM sessions WHERE token_digest = %(token_digest)s

-- name: forget_expired_sessions
DELETE FROM sessions WHERE expires_at <= %(now)s

-- name: note_failed_sign_in
INSERT INTO failed_sign_ins (username, at) VALUES (%(username)s, %(at)s)

-- name: failed_sign_ins_since
SELECT count(*) FROM failed_sign_ins WHERE username = %(username)s AND at > %(since)s

-- name: forget_failed_sign_ins
DELETE FROM failed_sign_ins WHERE username = %(username)s OR at < %(before)s
