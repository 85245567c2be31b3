-- name: append
INSERT INTO registry_events (market_id, subject, subject_id, action, changes, effective_at, because, source, by, at)
VALUES (%(market_id)s, %(subject)s, %(subject_id)s, %(action)s, %(changes)s, %(effective_at)s, %(because)s, %(source)s,
        %(by)s, %(at)s)

-- name: of_subject
SELECT event_id, market_id, subject, subject_id, action, changes, effective_at, because, source, by, at
FROM registry_events
WHERE market_id = %(market_id)s AND subject = %(subject)s AND subject_id = %(subject_id)s
ORDER BY event_id DESC LIMIT %(limit)s
