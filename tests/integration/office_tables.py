"""Tables of offices after years: forty markets, eight thousand vendors, so that a plan that reads all of one shows."""

from typing import Final

MARKETS, VENDORS = 40, 8_000
OF_A_MARKET: Final = VENDORS // MARKETS
_CODE: Final = "'91460200' || lpad(n::text, 9, '0') || 'X', lpad(n::text, 15, '0')"
FILLING: Final = (
    f"""INSERT INTO markets (market_id, name, area, channel)
       SELECT 'm-' || n, 'market', 'sanya', 'stall' FROM generate_series(0, {MARKETS - 1}) n""",
    f"""INSERT INTO vendors (market_id, vendor_id, name, credit_code, licence_no)
       SELECT 'm-' || n % {MARKETS}, 'V-' || n, 'v', {_CODE} FROM generate_series(1, {VENDORS}) n""",
    f"""INSERT INTO approvals (authority, number, version, kind, act, subject_name, credit_code, licence_no, issued_on,
                              digest, received_at, is_matched)
       SELECT '审批局', 'JY' || lpad(n::text, 6, '0'), 1, 'permit', 'new', '甲', {_CODE}, date '2026-01-02',
              sha256(n::text::bytea), now(), n % 100 > 0 FROM generate_series(1, {VENDORS}) n""",
    """INSERT INTO approval_receipts (feed, name, content, digest, received_by, received_at)
       SELECT 'file', 'x', '', sha256(''), 'x', now() FROM generate_series(1, 2000)""",
    """INSERT INTO approval_versions (approval_id, version, authority, number, kind, act, subject_name, credit_code,
                                      licence_no, issued_on, scope, digest, changes, is_late, feed, receipt_id,
                                      received_at, received_by)
       SELECT approval_id, 1, authority, number, kind, act, subject_name, credit_code, licence_no, issued_on, '',
              digest, '{}', false, 'api', approval_id % 2000 + 1, now(), 'x' FROM approvals""",
    f"""INSERT INTO approval_matches (approval_id, market_id, vendor_id, how, by, at)
       SELECT n, 'm-' || n % {MARKETS}, 'V-' || n, 'credit_code', 'x', now() FROM generate_series(1, {VENDORS}) n""",
    """INSERT INTO approval_checks (approval_id, version, opened_at, due_on, policy_version, state)
       SELECT approval_id, 1, now(), date '2026-11-01' + (approval_id % 90)::integer, '1',
              CASE WHEN approval_id % 3 = 0 THEN 'open' ELSE 'withdrawn' END FROM approvals""",
    """INSERT INTO happenings (kind, approval_check_id, at, once)
       SELECT 'check_overdue', check_id, now(), 'check_overdue:' || check_id || ':' || due_on FROM approval_checks""",
    """INSERT INTO happenings (kind, at, once)
       SELECT 'endpoint_disabled', now(), 'o-' || n FROM generate_series(1, 40000) n""",
    f"""INSERT INTO export_records (form, record_id, version, market_id, vendor_id, made_at, body)
       SELECT 'credit_record', 'r-' || n, 1, 'm-' || n % {MARKETS}, 'V-' || n, now(), '{{}}'
       FROM generate_series(1, {VENDORS}) n""",
    """INSERT INTO export_destinations (name, url, secret, forms, market_ids, sees_identities, created_at, created_by)
       SELECT 'd-' || n, 'https://example.com/', '', '{credit_record}', '{}', false, now(), 'x'
       FROM generate_series(1, 4) n""",
    """INSERT INTO export_batches (destination_id, form, idempotency_key, body, media_type, records, made_at, state,
                                   next_attempt_at, settled_at)
       SELECT n % 4 + 1, 'credit_record', 'k-' || n, '', 'application/json', 1, now(),
              CASE WHEN n % 20 = 0 THEN 'waiting' ELSE 'answered' END, now(), CASE WHEN n % 20 > 0 THEN now() END
       FROM generate_series(1, 8000) n""",
    """INSERT INTO export_deliveries (destination_id, revision, form, record_id, version, batch_id, state)
       SELECT destination_id, revision, form, record_id, version, revision,
              CASE WHEN revision % 50 = 0 THEN 'refused' ELSE 'accepted' END
       FROM export_records, generate_series(1, 2) destination_id""",
    """INSERT INTO export_tokens (key_id, digest, department, contact, scopes, market_ids, networks, created_at,
                                  created_by, expires_at)
       SELECT 'k-' || n, '', 'd', 'c', '{credit:read}', '{}', '{}', now(), 'x', now() + interval '1 day'
       FROM generate_series(1, 20) n""",
    """INSERT INTO export_accesses (at, token_id, address, asked, status, records, identities, problem)
       SELECT timestamptz '2026-11-22 12:00+08' - n * interval '1 minute', n % 20 + 1, 'a', '/',
              CASE WHEN n % 200 = 0 THEN 403 ELSE 200 END, 1, false, ''
       FROM generate_series(1, 10000) n""",
    f"""INSERT INTO export_access_markets (market_id, at, access_id)
       SELECT 'm-' || access_id % {MARKETS}, at, access_id FROM export_accesses WHERE status = 200""",
    """INSERT INTO alerts (market_id, kind, vendor_id, scale_id, species_code, business_day, state, occurrences,
                           first_at, last_at, opened_at, updated_at, decided_at, decided_by, is_counting, due_since)
       SELECT market_id, 'price_over_cap', vendor_id, 'S-1', 'F01', date '2026-11-01', 'confirmed', 1, at, at, at,
              at, at, 'm', false, at
       FROM (SELECT market_id, vendor_id,
                    timestamptz '2026-11-22 12:00+08' - right(vendor_id, 2)::int * interval '3 days' AS at
             FROM vendors WHERE length(vendor_id) > 3) v""",
    """INSERT INTO credit_events (market_id, vendor_id, occurred_at, recorded_at, recorded_by, reason, points, rule,
                                  rules_version, alert_id)
       SELECT market_id, vendor_id, opened_at, opened_at, 'm', kind, -3, 'r', '1', alert_id FROM alerts""",
    """INSERT INTO promises (market_id, vendor_id, alert_id, family, scope, text_zh, text_en, term_days, factor,
                             charges_waived, policy_version, offered_at, offer_until, occurred_at, waived_kind,
                             waived_points, waived_rule, rules_version, state, made_at, until)
       SELECT market_id, vendor_id, alert_id, 'price', '{price_over_cap}', 'z', 'e', 90, 2, true, '1', opened_at,
              opened_at, opened_at, 'price_over_cap', -3, 'r', '1', state,
              CASE WHEN state = 'kept' THEN opened_at END, CASE WHEN state = 'kept' THEN opened_at END
       FROM (SELECT market_id, vendor_id, alert_id, opened_at,
                    CASE WHEN alert_id % 97 = 0 THEN 'offered' ELSE 'kept' END AS state FROM alerts) one""",
    """INSERT INTO credit_records (market_id, vendor_id, name, points, document_no, evidence, happened_on,
                                   rules_version, recorded_by, recorded_at, origin, event_id)
       SELECT market_id, vendor_id, 'award', 2, 'd-' || event_id, 'e', date '2026-11-01', '1', 'm', now(), '', event_id
       FROM credit_events""",
    """INSERT INTO credit_repairs (market_id, vendor_id, event_id, effort, document_no, document, words, applied_by,
                                   applied_at, state, decided_by, decided_at, reason)
       SELECT market_id, vendor_id, event_id, 'training', 'n', 'd', '', 'v', now(),
              CASE WHEN event_id % 97 = 0 THEN 'applied' ELSE 'refused' END,
              CASE WHEN event_id % 97 > 0 THEN 'x' END, CASE WHEN event_id % 97 > 0 THEN now() END, 'r'
       FROM credit_events""",
    """INSERT INTO credit_repair_steps (repair_id, at, actor, action, from_state, to_state)
       SELECT repair_id, now(), 'v', 'apply', 'applied', 'applied' FROM credit_repairs""",
    """INSERT INTO credit_months (market_id, month, days_traded, counted_at)
       SELECT market_id, month::date, 30, now()
       FROM markets, generate_series(timestamp '2025-12-01', timestamp '2026-11-01', interval '1 month') month""",
    """INSERT INTO credit_month_vendors (market_id, month, vendor_id, days_held, days_used)
       SELECT v.market_id, month, v.vendor_id, 30, 28 FROM vendors v JOIN credit_months USING (market_id)""",
    """INSERT INTO cases (market_id, vendor_id, state, opened_at, opened_by, updated_at, officer)
       SELECT market_id, vendor_id, CASE WHEN alert_id % 97 = 0 THEN 'investigating' ELSE 'closed' END, opened_at, 'm',
              opened_at, CASE WHEN alert_id % 291 = 0 THEN 'regulator' ELSE 'p-' || alert_id % 9 END
       FROM alerts""",
    """INSERT INTO publicity_entries (market_id, vendor_id, alert_id, document_no, authority, decided_on, kind,
                                      decision, basis, policy_version, published_from, published_to, repairable_from,
                                      taken_off_at, taken_off_why)
       SELECT market_id, vendor_id, alert_id, 'D-' || alert_id, 'a', date '2026-01-01', 'fine', 'd', 'b', '1',
              date '2026-01-01', date '2026-06-01' + (alert_id % 900)::integer, date '2026-02-01',
              CASE WHEN alert_id % 3 > 0 OR alert_id % 900 < 174 THEN now() END,
              CASE WHEN alert_id % 3 > 0 OR alert_id % 900 < 174 THEN 'expired' END
       FROM alerts""",
    """INSERT INTO publicity_repairs (entry_id, asked_at, asked_by, corrected, duties, promise, origin)
       SELECT entry_id, now(), 'm', 'c', 'd', 'p', 'o' FROM publicity_entries""",
    """INSERT INTO inspections (market_id, vendor_id, first_day, last_day, state, opened_at, updated_at)
       SELECT market_id, vendor_id, day, day + 6, CASE WHEN alert_id % 97 < 2 THEN 'drawn' ELSE 'passed' END, now(),
              now()
       FROM (SELECT market_id, vendor_id, alert_id, date '2026-11-01' + (alert_id % 700)::integer - 350 AS day
             FROM alerts) one""",
    """INSERT INTO item_catalogues (version, title, source, departments, drafted_by, drafted_at)
       VALUES ('1', 't', 's', '[]', 'x', now())""",
    """INSERT INTO inspection_plans (title, department, catalogue_id, items, market_ids, first_day, last_day, visits,
                                     most, planned_by, planned_at)
       SELECT 't', 'd', 1, '{i}', '{}', date '2026-11-01', date '2026-12-01', 1, 1, 'x', now()
       FROM generate_series(1, 200)""",
    """INSERT INTO inspection_tasks (inspection_id, made_for, plan_id, department, catalogue_id, items)
       SELECT inspection_id, inspection_id, inspection_id % 200 + 1, 'd', 1, '{i}' FROM inspections""",
    f"""INSERT INTO credit_reports (code, kind, variant, market_id, vendor_id, first_day, last_day, looks_back_to,
                                   rules_version, content, digest, public_mark, inner_mark, issued_at, issued_by)
       SELECT lpad(n::text, 12, '0'), 'vendor', 'inner', 'm-' || n % {MARKETS}, 'V-' || n, date '2026-10-01',
              date '2026-11-01', date '2026-07-01', '1', '', sha256(n::text::bytea), '', '', now(), 'x'
       FROM generate_series(1, {VENDORS}) n""",
    """INSERT INTO credit_report_files (report_id, sha256, form, language, made_at)
       SELECT report_id, sha256(form::bytea), form, 'zh', now()
       FROM credit_reports, unnest(ARRAY['pdf', 'csv']) form""",
)
