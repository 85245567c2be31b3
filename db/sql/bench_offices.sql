-- What is one in so many is so within each market: its vendors are those whose number leaves the market's.

-- name: markets
INSERT INTO markets (market_id, name, area, channel, timezone)
SELECT 'm-' || n, '市场 ' || n, 'bench', 'stall', 'Asia/Shanghai' FROM generate_series(0, %(markets)s - 1) n

-- name: vendors
INSERT INTO vendors (market_id, vendor_id, name, pinyin, credit_code, licence_no)
SELECT 'm-' || n %% %(markets)s, 'V-' || n, '商户' || n, '{shang,hu}', '91460200' || lpad(n::text, 9, '0') || 'X',
       lpad(n::text, 15, '0')
FROM generate_series(1, %(vendors)s) n

-- name: stalls
INSERT INTO stalls (market_id, stall_id) SELECT market_id, 'A' || substr(vendor_id, 2) FROM vendors WHERE market_id LIKE 'm-%%'

-- name: occupancies
INSERT INTO stall_occupancies (market_id, stall_id, vendor_id, valid, entered_by)
SELECT market_id, 'A' || substr(vendor_id, 2), vendor_id, tstzrange(%(now)s::timestamptz - interval '2 years', NULL), 'm'
FROM vendors WHERE market_id LIKE 'm-%%'

-- name: scales
INSERT INTO scales (market_id, scale_id, serial_number)
SELECT market_id, 'S' || substr(vendor_id, 2), '' FROM vendors WHERE market_id LIKE 'm-%%'

-- name: bindings
INSERT INTO scale_bindings (market_id, scale_id, stall_id, vendor_id, valid)
SELECT market_id, 'S' || substr(vendor_id, 2), 'A' || substr(vendor_id, 2), vendor_id,
       tstzrange(%(now)s::timestamptz - interval '2 years', NULL)
FROM vendors WHERE market_id LIKE 'm-%%'

-- name: alerts
-- Of 53 one is open, one penalised and three confirmed; the others were dismissed. The newest come first by their number.
INSERT INTO alerts (market_id, kind, vendor_id, stall_id, scale_id, species_code, business_day, state, occurrences,
                    first_at, last_at, worst_excess_permille, opened_at, updated_at, decided_at, decided_by, dismiss_reason,
                    is_counting, due_since, next_look_at)
SELECT 'm-' || vendor %% %(markets)s, 'price_over_cap', 'V-' || vendor, 'A-' || vendor, 'S-' || vendor, 'F01',
       %(today)s::date - (n / %(vendors)s)::int, state, 1, at, at, n %% 400, at, at,
       CASE WHEN state <> 'open' THEN at END, CASE WHEN state <> 'open' THEN 'm' END,
       CASE WHEN state = 'dismissed' THEN 'false_positive' END, state = 'open', at,
       CASE WHEN state IN ('open', 'confirmed') THEN %(now)s::timestamptz + interval '20 years' END
FROM (SELECT n, 1 + n %% %(vendors)s AS vendor, %(now)s::timestamptz - n * interval '30 seconds' AS at,
             CASE n / 7 %% 53 WHEN 0 THEN 'open' WHEN 1 THEN 'penalised' WHEN 2 THEN 'confirmed' WHEN 3 THEN 'confirmed'
                              WHEN 4 THEN 'confirmed' ELSE 'dismissed' END AS state
      FROM generate_series(0, %(alerts)s - 1) n) made

-- name: alert_steps
INSERT INTO alert_steps (alert_id, at, actor, action, from_state, to_state)
SELECT alert_id, opened_at, 'm', action, 'open', state
FROM alerts, unnest(ARRAY['acknowledge', 'confirm']) action WHERE state IN ('confirmed', 'penalised')

-- name: penalties
INSERT INTO alert_steps (alert_id, at, actor, action, from_state, to_state, penalty_document_no, penalty_authority,
                         penalty_decided_on, penalty_decision)
SELECT alert_id, opened_at + interval '1 day', 'm', 'record_penalty', 'escalated', 'penalised', 'D-' || alert_id, '市场监管局',
       business_day + 1, '罚款'
FROM alerts WHERE state = 'penalised'

-- name: first_credit_events
-- What a trigger asks of each line is planned once. Of a table that seems empty any index seems as good as the right one, and a
-- million lines would read all that came before them.
INSERT INTO credit_events (market_id, vendor_id, occurred_at, recorded_at, recorded_by, reason, points, rule,
                           rules_version, alert_id)
SELECT market_id, vendor_id, opened_at, opened_at, 'm', 'deduction', -3, 'price_over_cap', '1', alert_id
FROM (SELECT * FROM alerts WHERE state IN ('confirmed', 'penalised') ORDER BY alert_id LIMIT 2000) AS first

-- name: known_credit_events
ANALYZE credit_events

-- name: credit_events
INSERT INTO credit_events (market_id, vendor_id, occurred_at, recorded_at, recorded_by, reason, points, rule,
                           rules_version, alert_id)
SELECT market_id, vendor_id, opened_at, opened_at, 'm', 'deduction', -3, 'price_over_cap', '1', alert_id
FROM alerts WHERE state IN ('confirmed', 'penalised') AND alert_id > (SELECT max(alert_id) FROM credit_events)

-- name: promises
-- Every second confirmed alert ended in one; of a hundred two wait for an answer and twenty run.
INSERT INTO promises (market_id, vendor_id, alert_id, family, scope, text_zh, text_en, term_days, factor, charges_waived,
                      policy_version, offered_at, offer_until, occurred_at, waived_kind, waived_points, waived_rule,
                      rules_version, state, made_at, until, breakers)
SELECT market_id, vendor_id, alert_id, 'price', '{price_over_cap}', '承诺', 'promise', 180, 2, true, '1', opened_at,
       opened_at + interval '3 days', opened_at, 'price_over_cap', -3, 'price_over_cap', '1', state,
       CASE WHEN state IN ('made', 'kept', 'broken') THEN opened_at END,
       CASE WHEN state IN ('made', 'kept', 'broken') THEN opened_at + interval '180 days' END,
       CASE WHEN state = 'broken' THEN ARRAY[alert_id] ELSE '{}' END
FROM (SELECT market_id, vendor_id, alert_id, opened_at, row_number() OVER (ORDER BY alert_id) AS nth,
             CASE WHEN mod(row_number() OVER (ORDER BY alert_id), 100) < 2 THEN 'offered'
                  WHEN mod(row_number() OVER (ORDER BY alert_id), 100) < 22 THEN 'made'
                  WHEN mod(row_number() OVER (ORDER BY alert_id), 100) < 40 THEN 'broken'
                  WHEN mod(row_number() OVER (ORDER BY alert_id), 100) < 80 THEN 'kept' ELSE 'lapsed' END AS state
      FROM alerts WHERE state = 'confirmed') one
WHERE mod(nth, 2) = 0

-- name: cases
-- One for each penalised alert; one in nineteen is undecided.
INSERT INTO cases (market_id, vendor_id, state, opened_at, opened_by, updated_at, officer)
SELECT market_id, vendor_id, CASE WHEN mod(alert_id / 371, 19) = 0 THEN 'investigating' ELSE 'closed' END, opened_at, 'm',
       opened_at, CASE WHEN mod(alert_id / 371, 38) = 0 THEN 'regulator' END
FROM alerts WHERE state = 'penalised' ORDER BY alert_id

-- name: case_alerts
INSERT INTO case_alerts (case_id, alert_id, added_at, added_by)
SELECT c.case_id, a.alert_id, a.opened_at, 'm'
FROM (SELECT case_id, row_number() OVER (ORDER BY case_id) AS nth FROM cases) c
JOIN (SELECT alert_id, opened_at, row_number() OVER (ORDER BY alert_id) AS nth FROM alerts WHERE state = 'penalised') a
    USING (nth)

-- name: case_steps
INSERT INTO case_steps (case_id, at, actor, action, from_state, to_state)
SELECT case_id, opened_at, 'm', action, 'opened', 'investigating'
FROM cases, unnest(ARRAY['open', 'take_up', 'notify', 'decide']) action

-- name: case_decisions
INSERT INTO case_decisions (case_id, market_id, vendor_id, outcome, document_no, authority, decided_on, decision,
                            basis_code, basis, basis_reason, kind, field, is_simple, amount_fen, recorded_at, recorded_by)
SELECT case_id, market_id, vendor_id, 'penalised', 'D-' || alert_id, '市场监管局', opened_at::date, '罚款', 'b', 'b', '',
       'fine', 'price', false, 50000, opened_at, 'm'
FROM cases JOIN case_alerts USING (case_id) WHERE state = 'closed'

-- name: publicity
-- Each decided penalty was published; one in three is still told in public. Those of undecided cases wait.
INSERT INTO publicity_entries (market_id, vendor_id, case_id, alert_id, document_no, authority, decided_on, kind, decision,
                               basis, amount_fen, policy_version, published_from, published_to, repairable_from,
                               taken_off_at, taken_off_why)
SELECT market_id, vendor_id, case_id, alert_id, document_no, authority, decided_on, 'fine', decision, basis, amount_fen, '1',
       %(today)s::date - 400, %(today)s::date + 700, %(today)s::date - 40,
       CASE WHEN case_id %% 3 > 0 THEN recorded_at END, CASE WHEN case_id %% 3 > 0 THEN 'expired' END
FROM case_decisions JOIN case_alerts USING (case_id) ORDER BY case_id

-- name: repairs
INSERT INTO publicity_repairs (entry_id, asked_at, asked_by, corrected, duties, promise, origin)
SELECT entry_id, %(now)s, 'm', 'c', 'd', 'p', 'o' FROM publicity_entries WHERE taken_off_at IS NULL AND entry_id %% 10 = 0

-- name: approvals
INSERT INTO approvals (authority, number, version, kind, act, subject_name, credit_code, licence_no, issued_on, digest,
                       received_at, is_matched)
SELECT '审批局', 'JY' || lpad(n::text, 8, '0'), 1, 'permit', 'new', '甲', '91460200' || lpad(n::text, 9, '0') || 'X',
       lpad(n::text, 15, '0'), %(today)s::date - 300, sha256(n::text::bytea), %(now)s, n %% 100 > 0
FROM generate_series(1, %(vendors)s) n

-- name: approval_versions
INSERT INTO approval_versions (approval_id, version, authority, number, kind, act, subject_name, credit_code, licence_no,
                               issued_on, scope, digest, changes, is_late, feed, received_at, received_by)
SELECT approval_id, 1, authority, number, kind, act, subject_name, credit_code, licence_no, issued_on, '', digest, '{}',
       false, 'api', %(now)s, 'm'
FROM approvals

-- name: approval_matches
INSERT INTO approval_matches (approval_id, market_id, vendor_id, how, by, at)
SELECT a.approval_id, v.market_id, v.vendor_id, 'credit_code', 'm', %(now)s
FROM approvals a JOIN vendors v ON v.credit_code = a.credit_code WHERE a.is_matched

-- name: approval_checks
-- One in twenty is awaited; the others went back.
INSERT INTO approval_checks (approval_id, version, opened_at, due_on, policy_version, state)
SELECT approval_id, 1, %(now)s, %(today)s::date + (approval_id %% 90)::integer - 30, '1',
       CASE WHEN approval_id / %(markets)s %% 20 = 0 THEN 'open' ELSE 'withdrawn' END
FROM approvals

-- name: complaints
-- One for ten alerts; one in fifty awaits somebody.
INSERT INTO complaints (market_id, channel, channel_no, reason, words, received_at, status_digest, content_digest,
                        policy_version, clock_from, stall_id, state, outcome, answer, answered_at, ended_at, due_at,
                        has_contact)
SELECT 'm-' || vendor %% %(markets)s, 'hotline_12345', n::text, 'over_cap', 'w', at, sha256(n::text::bytea), sha256('c'),
       '1', at, 'A-' || vendor, CASE WHEN n / %(markets)s %% 50 = 0 THEN 'received' ELSE 'closed' END,
       CASE WHEN n / %(markets)s %% 50 > 0 THEN 'not_upheld' END, CASE WHEN n / %(markets)s %% 50 > 0 THEN 'a' ELSE '' END,
       CASE WHEN n / %(markets)s %% 50 > 0 THEN at END, CASE WHEN n / %(markets)s %% 50 > 0 THEN at + interval '1 hour' END,
       CASE WHEN n / %(markets)s %% 50 = 0 THEN at + interval '2 days' END, false
FROM (SELECT n, 1 + n %% %(vendors)s AS vendor, %(now)s::timestamptz - n * interval '5 minutes' AS at
      FROM generate_series(0, %(alerts)s / 10 - 1) n) made

-- name: complaint_steps
INSERT INTO complaint_steps (complaint_id, at, actor, action, from_state, to_state)
SELECT complaint_id, received_at, 'm', action, 'received', 'accepted'
FROM complaints, unnest(ARRAY['file', 'accept', 'answer']) action

-- name: inspectors
INSERT INTO users (username, display_name, password_hash, role)
SELECT 'inspector-' || n, '检查员' || n, '', 'regulator' FROM generate_series(1, 40) n

-- name: inspections
-- A visit to every second vendor within two years around today; one in twenty is open.
INSERT INTO inspections (market_id, vendor_id, first_day, last_day, planned_on, state, opened_at, updated_at)
SELECT 'm-' || n %% %(markets)s, 'V-' || n, day, day + 6, day + 3,
       CASE WHEN n / %(markets)s %% 40 < 2 THEN 'drawn' WHEN n / %(markets)s %% 40 < 4 THEN 'notified' ELSE 'passed' END,
       %(now)s, %(now)s
FROM (SELECT n, %(today)s::date + (n %% 730)::int - 365 AS day FROM generate_series(1, %(vendors)s, 2) n) made

-- name: earlier_plans
-- What visits were made for before.
INSERT INTO inspection_plans (title, department, catalogue_id, items, market_ids, first_day, last_day, visits, most,
                              planned_by, planned_at)
SELECT title, department, catalogue_id, items, market_ids, first_day, last_day, visits, most, planned_by, planned_at
FROM inspection_plans, generate_series(1, 99) WHERE plan_id = %(plan_id)s

-- name: inspection_tasks
INSERT INTO inspection_tasks (inspection_id, made_for, plan_id, department, catalogue_id, items)
SELECT inspection_id, inspection_id, plan_ids[1 + inspection_id %% cardinality(plan_ids)], %(department)s, %(catalogue_id)s,
       ARRAY[%(item)s::text]
FROM inspections, generate_series(1, 2),
     (SELECT array_agg(plan_id) AS plan_ids FROM inspection_plans WHERE plan_id <> %(plan_id)s) made

-- name: inspection_inspectors
INSERT INTO inspection_inspectors (inspection_id, user_id)
SELECT inspection_id, user_ids[1 + mod(inspection_id + n, cardinality(user_ids))]
FROM inspections, (SELECT array_agg(user_id) AS user_ids FROM inspectors) who, generate_series(0, 1) n

-- name: second_visits
-- A few vendors have a second visit within the window of the first: they may be combined.
INSERT INTO inspections (market_id, vendor_id, first_day, last_day, state, opened_at, updated_at)
SELECT market_id, vendor_id, first_day + 1, last_day + 1, 'drawn', opened_at, updated_at
FROM inspections WHERE state = 'drawn' ORDER BY last_day, inspection_id LIMIT 300

-- name: export_records
INSERT INTO export_records (form, record_id, version, market_id, vendor_id, made_at, body)
SELECT 'credit_record', market_id || '/' || vendor_id, 1, market_id, vendor_id, %(now)s, '{"score": 90}'
FROM vendors WHERE market_id LIKE 'm-%%'

-- name: export_destinations
INSERT INTO export_destinations (name, url, secret, forms, market_ids, sees_identities, created_at, created_by)
SELECT '部门 ' || n, '', '', '{credit_record}', '{}', false, %(now)s, 'm' FROM generate_series(1, 3) n

-- name: export_batches
INSERT INTO export_batches (destination_id, form, idempotency_key, body, media_type, records, made_at, state, settled_at)
SELECT destination_id, 'credit_record', destination_id || '-' || n, '', 'application/json', 100, %(now)s, 'written', %(now)s
FROM export_destinations, generate_series(0, %(vendors)s / 100) n

-- name: export_deliveries
INSERT INTO export_deliveries (destination_id, revision, form, record_id, version, batch_id, state, settled_at)
SELECT d.destination_id, r.revision, r.form, r.record_id, r.version, b.batch_id,
       CASE WHEN r.revision %% 500 = 0 THEN 'refused' ELSE 'accepted' END, %(now)s
FROM export_records r CROSS JOIN export_destinations d
JOIN export_batches b ON b.idempotency_key = d.destination_id || '-' || r.revision / 100
WHERE d.destination_id < 3

-- name: export_accesses
INSERT INTO export_accesses (at, address, asked, status, records, identities, problem)
SELECT %(now)s::timestamptz - n * interval '1 minute', '127.0.0.1', '/api/v1/exports/penalties', 200, 100, false, ''
FROM generate_series(1, %(vendors)s) n

-- name: noted_vendors
-- What waits for clerks would keep them busy beside the pages that are measured.
DELETE FROM export_stale_vendors

-- name: noted_matches
DELETE FROM approval_stale_vendors

-- name: vendor_days
-- Of the market whose portraits are looked at, each vendor sold on nine days of ten of the last ninety-one.
INSERT INTO vendor_days (market_id, vendor_id, business_day, category, sales, net_g, paid_fen, capped, near_cap, over_cap)
SELECT v.market_id, v.vendor_id, %(today)s::date - n, CASE WHEN hashtext(v.vendor_id) %% 3 = 0 THEN 'crab' ELSE 'fish' END, 12,
       9000 + abs(hashtext(v.vendor_id || n)) %% 5000, 100000, 10, abs(hashtext(v.vendor_id)) %% 4, 0
FROM generate_series(1, 91) n CROSS JOIN vendors v
WHERE v.market_id = %(portrayed)s AND abs(hashtext(v.vendor_id || n)) %% 10 > 0

-- name: days_counted
INSERT INTO vendor_days_counted (market_id, business_day, sales, near_permille, counted_at)
SELECT market_id, business_day, sum(sales), %(near_permille)s, %(now)s FROM vendor_days
WHERE market_id = %(portrayed)s GROUP BY market_id, business_day

-- name: frozen_plan
SELECT max(plan_id) FROM inspection_plans WHERE state = 'frozen'
