-- name: lines
-- The weighings of a case's alerts with the bytes their devices froze, and the line before and after each in its journal:
-- `is_counted` false, as for what judging again took back. A line that was set aside (0013_keeping) is found there.
WITH of_case AS (
    SELECT aw.market_id, aw.scale_id, aw.journal_id, aw.seq, aw.weighed_at, bool_or(aw.withdrawn_by IS NULL) AS counts
    FROM case_members m JOIN alert_weighings aw USING (alert_id)
    WHERE m.case_id = %(case_id)s
    GROUP BY 1, 2, 3, 4, 5
    ORDER BY counts DESC, 1, 2, 3, 4, 5
    LIMIT %(limit)s
)
SELECT DISTINCT ON (c.scale_id, c.journal_id, n.seq)
       c.scale_id, c.journal_id, n.seq, n.seq = c.seq AND c.counts AS is_counted, w.body,
       to_jsonb(w) - ARRAY['body', 'digest'] AS judged
FROM of_case c
CROSS JOIN LATERAL (VALUES (c.seq - 1), (c.seq), (c.seq + 1)) n (seq)
CROSS JOIN LATERAL (
    SELECT stored.* FROM weighings stored
    WHERE stored.market_id = c.market_id AND stored.scale_id = c.scale_id AND stored.journal_id = c.journal_id
      AND stored.seq = n.seq
      AND stored.weighed_at BETWEEN c.weighed_at - interval '3 days' AND c.weighed_at + interval '3 days'
    UNION ALL
    SELECT aside.* FROM kept_weighings kept, jsonb_populate_record(NULL::weighings, kept.weighing) aside
    WHERE kept.market_id = c.market_id AND kept.scale_id = c.scale_id AND kept.journal_id = c.journal_id
      AND kept.seq = n.seq
    LIMIT 1
) w
ORDER BY c.scale_id, c.journal_id, n.seq, (n.seq = c.seq AND c.counts) DESC, (n.seq = c.seq) DESC

-- name: counted
SELECT count(DISTINCT (aw.scale_id, aw.journal_id, aw.seq, aw.weighed_at))
FROM case_members m JOIN alert_weighings aw USING (alert_id) WHERE m.case_id = %(case_id)s AND aw.withdrawn_by IS NULL

-- name: alerts
SELECT a.alert_id, to_jsonb(a) AS alert,
       coalesce((SELECT jsonb_agg(to_jsonb(s) ORDER BY s.alert_step_id) FROM alert_steps s
                 WHERE s.alert_id = a.alert_id), '[]') AS steps,
       coalesce((SELECT jsonb_agg(to_jsonb(w) - 'occurrence_id' ORDER BY w.scale_id, w.journal_id, w.seq, w.weighed_at)
                 FROM alert_weighings w WHERE w.alert_id = a.alert_id), '[]') AS weighings,
       coalesce((SELECT jsonb_agg(to_jsonb(e) ORDER BY e.happened_at, e.journal_id, e.event_no)
                 FROM alert_device_events ae JOIN device_events e USING (market_id, scale_id, journal_id, event_no)
                 WHERE ae.alert_id = a.alert_id), '[]') AS device_events,
       coalesce((SELECT jsonb_agg(to_jsonb(b) ORDER BY b.scale_id, lower(b.valid))
                 FROM scale_bindings b
                 WHERE b.market_id = a.market_id AND b.valid && tstzrange(a.first_at, a.last_at, '[]')
                   AND b.scale_id IN (
                       SELECT a.scale_id
                       UNION SELECT w.scale_id FROM alert_weighings w WHERE w.alert_id = a.alert_id
                       UNION SELECT e.scale_id FROM alert_device_events e WHERE e.alert_id = a.alert_id)),
                '[]') AS bindings
FROM case_members m JOIN alerts a USING (alert_id)
WHERE m.case_id = %(case_id)s ORDER BY a.alert_id

-- name: gaps
-- What is missing of the journals of a case's weighings, between the first and the last of them and beside them; and the
-- gaps that its alerts are about.
WITH members AS (SELECT alert_id FROM case_members WHERE case_id = %(case_id)s),
spans AS (
    SELECT market_id, scale_id, journal_id, min(seq) - 1 AS first_seq, max(seq) + 1 AS last_seq
    FROM members JOIN alert_weighings USING (alert_id) GROUP BY 1, 2, 3
)
SELECT to_jsonb(g) AS found FROM journal_gaps g
WHERE g.alert_id IN (SELECT alert_id FROM members)
   OR EXISTS (SELECT FROM spans s
              WHERE (s.market_id, s.scale_id, s.journal_id) = (g.market_id, g.scale_id, g.journal_id)
                AND g.first_seq <= s.last_seq AND g.last_seq >= s.first_seq)
ORDER BY g.gap_id

-- name: breaks
-- Where a line of those journals does not follow the one before it.
WITH members AS (SELECT alert_id FROM case_members WHERE case_id = %(case_id)s),
spans AS (
    SELECT market_id, scale_id, journal_id, min(seq) - 1 AS first_seq, max(seq) + 1 AS last_seq
    FROM members JOIN alert_weighings USING (alert_id) GROUP BY 1, 2, 3
)
SELECT to_jsonb(b) AS found FROM chain_breaks b
WHERE b.alert_id IN (SELECT alert_id FROM members)
   OR EXISTS (SELECT FROM spans s
              WHERE (s.market_id, s.scale_id, s.journal_id) = (b.market_id, b.scale_id, b.journal_id)
                AND b.seq BETWEEN s.first_seq AND s.last_seq)
ORDER BY b.break_id

-- name: decisions
SELECT to_jsonb(d) AS found FROM case_decisions d WHERE d.case_id = %(case_id)s ORDER BY d.decision_id

-- name: cap_lists
-- Lists by number, with what they say of the species in question and the digest of the file they came in.
SELECT l.cap_list_id, to_jsonb(l) AS list,
       coalesce((SELECT jsonb_agg(to_jsonb(i) ORDER BY i.species_code, i.grade) FROM cap_items i
                 WHERE i.cap_list_id = l.cap_list_id AND i.species_code = ANY (%(species)s)), '[]') AS items,
       (SELECT jsonb_build_object('name', f.name, 'sha256', encode(sha256(f.content), 'hex'),
                                  'uploaded_at', f.uploaded_at, 'uploaded_by', f.uploaded_by)
        FROM cap_list_files f WHERE f.cap_list_id = l.cap_list_id) AS file
FROM cap_lists l WHERE l.cap_list_id = ANY (%(lists)s) ORDER BY l.cap_list_id

-- name: photos
SELECT p.alert_id, p.photo_id, p.content FROM case_members m JOIN alert_photos p USING (alert_id)
WHERE m.case_id = %(case_id)s ORDER BY p.alert_id, p.photo_id

-- name: complaints
-- What was complained, without who did: contacts are kept apart and stay there.
SELECT DISTINCT c.complaint_id, to_jsonb(c) - ARRAY['status_digest', 'content_digest'] AS complaint,
       (SELECT coalesce(jsonb_agg(to_jsonb(s) ORDER BY s.step_id), '[]') FROM complaint_steps s
        WHERE s.complaint_id = c.complaint_id) AS steps
FROM case_members m JOIN complaint_weighings cw USING (alert_id) JOIN complaints c USING (complaint_id)
WHERE m.case_id = %(case_id)s ORDER BY c.complaint_id

-- name: findings
SELECT to_jsonb(f) AS found FROM case_findings f WHERE f.case_id = %(case_id)s
ORDER BY f.inspection_id, f.item_code, f.question_code

-- name: visits
SELECT i.inspection_id, to_jsonb(i) AS visit,
       coalesce((SELECT jsonb_agg(to_jsonb(t) ORDER BY t.task_id) FROM inspection_tasks t
                 WHERE t.inspection_id = i.inspection_id), '[]') AS tasks,
       coalesce((SELECT jsonb_agg(u.username ORDER BY u.username)
                 FROM inspection_inspectors ii JOIN users u USING (user_id)
                 WHERE ii.inspection_id = i.inspection_id), '[]') AS inspectors,
       coalesce((SELECT jsonb_agg(to_jsonb(e) ORDER BY e.event_id) FROM inspection_events e
                 WHERE e.inspection_id = i.inspection_id), '[]') AS events,
       (SELECT to_jsonb(c) FROM inspection_checklists c WHERE c.inspection_id = i.inspection_id) AS checklist,
       coalesce((SELECT jsonb_agg(to_jsonb(a) ORDER BY a.number) FROM inspection_answers a
                 WHERE a.inspection_id = i.inspection_id), '[]') AS answers,
       coalesce((SELECT jsonb_agg(to_jsonb(f) ORDER BY f.feedback_id) FROM inspection_feedback f
                 WHERE f.inspection_id = i.inspection_id), '[]') AS feedback
FROM case_visits v JOIN inspections i USING (inspection_id)
WHERE v.case_id = %(case_id)s ORDER BY i.inspection_id

-- name: bridges
-- From each weighing of a case's alerts on, as far as the next head of its journal that was signed: a line is proved by
-- the chain of those after it.
WITH of_case AS (
    SELECT aw.market_id, aw.scale_id, aw.journal_id, aw.seq, aw.weighed_at
    FROM case_members m JOIN alert_weighings aw USING (alert_id)
    WHERE m.case_id = %(case_id)s AND aw.withdrawn_by IS NULL
    GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5 LIMIT %(limit)s
)
SELECT DISTINCT ON (w.scale_id, w.journal_id, w.seq)
       w.scale_id, w.journal_id, w.seq, false AS is_counted, w.body, to_jsonb(w) - ARRAY['body', 'digest'] AS judged
FROM of_case c
CROSS JOIN LATERAL (
    SELECT min(k.seq) AS head FROM journal_checkpoints k
    WHERE k.market_id = c.market_id AND k.scale_id = c.scale_id AND k.journal_id = c.journal_id AND k.seq >= c.seq
) next
CROSS JOIN LATERAL (
    SELECT stored.* FROM weighings stored
    WHERE stored.market_id = c.market_id AND stored.scale_id = c.scale_id AND stored.journal_id = c.journal_id
      AND stored.seq BETWEEN c.seq + 1 AND next.head
      AND stored.weighed_at BETWEEN c.weighed_at - interval '3 days' AND c.weighed_at + interval '3 days'
    UNION ALL
    SELECT aside.* FROM kept_weighings kept, jsonb_populate_record(NULL::weighings, kept.weighing) aside
    WHERE kept.market_id = c.market_id AND kept.scale_id = c.scale_id AND kept.journal_id = c.journal_id
      AND kept.seq BETWEEN c.seq + 1 AND next.head
) w
WHERE next.head - c.seq <= %(longest)s
ORDER BY w.scale_id, w.journal_id, w.seq
LIMIT %(most)s

-- name: checkpoints
-- Between a weighing and the next head after it: two that were signed for one place are both evidence.
WITH of_case AS (
    SELECT aw.market_id, aw.scale_id, aw.journal_id, aw.seq
    FROM case_members m JOIN alert_weighings aw USING (alert_id)
    WHERE m.case_id = %(case_id)s AND aw.withdrawn_by IS NULL
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4 LIMIT %(limit)s
)
SELECT DISTINCT k.scale_id, k.journal_id, k.seq, k.received_at, k.body
FROM of_case c
CROSS JOIN LATERAL (
    SELECT min(n.seq) AS head FROM journal_checkpoints n
    WHERE n.market_id = c.market_id AND n.scale_id = c.scale_id AND n.journal_id = c.journal_id AND n.seq >= c.seq
) next
JOIN journal_checkpoints k ON k.market_id = c.market_id AND k.scale_id = c.scale_id AND k.journal_id = c.journal_id
     AND k.seq BETWEEN c.seq - 1 AND next.head
ORDER BY k.scale_id, k.journal_id, k.seq, k.received_at, k.body
LIMIT %(most)s
