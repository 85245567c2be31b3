-- name: all
-- Every version that was proposed, the oldest first, with what became of it.
SELECT r.rules_id, r.version, r.in_force_from, r.content, r.note, r.proposed_by, r.proposed_at,
       d.is_in_force, d.note AS decision_note, d.decided_by, d.decided_at
FROM credit_rules r LEFT JOIN credit_rules_decisions d USING (rules_id)
ORDER BY r.rules_id

-- name: one
SELECT r.rules_id, r.version, r.in_force_from, r.content, r.note, r.proposed_by, r.proposed_at,
       d.is_in_force, d.note AS decision_note, d.decided_by, d.decided_at
FROM credit_rules r LEFT JOIN credit_rules_decisions d USING (rules_id)
WHERE r.version = %(version)s

-- name: in_force
-- What was put in force, by the day from which it is.
SELECT r.in_force_from, r.version, r.content
FROM credit_rules_decisions d JOIN credit_rules r USING (rules_id)
WHERE d.is_in_force
ORDER BY r.in_force_from

-- name: hold
-- Whoever proposes or decides does so alone: two people who put two versions in force would not see each other's.
SELECT pg_advisory_xact_lock(hashtext('credit_rules'))

-- name: propose
INSERT INTO credit_rules (version, in_force_from, content, note, proposed_by, proposed_at)
VALUES (%(version)s, %(in_force_from)s, %(content)s, %(note)s, %(by)s, %(at)s)
ON CONFLICT (version) DO NOTHING
RETURNING rules_id

-- name: decide
INSERT INTO credit_rules_decisions (rules_id, is_in_force, note, decided_by, decided_at)
VALUES (%(rules_id)s, %(is_in_force)s, %(note)s, %(by)s, %(at)s)
