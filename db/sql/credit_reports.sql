-- name: keep
INSERT INTO credit_reports (code, kind, variant, market_id, vendor_id, first_day, last_day, looks_back_to, rules_version,
                            content, digest, public_mark, inner_mark, issued_at, issued_by)
VALUES (%(code)s, %(kind)s, %(variant)s, %(market_id)s, %(vendor_id)s, %(first_day)s, %(last_day)s, %(looks_back_to)s,
        %(rules_version)s, %(content)s, %(digest)s, %(public_mark)s, %(inner_mark)s, %(issued_at)s, %(issued_by)s)
RETURNING report_id

-- name: by_id
SELECT r.report_id, r.code, r.kind, r.variant, r.market_id, r.vendor_id, r.first_day, r.last_day, r.looks_back_to,
       r.rules_version, r.digest, r.public_mark, r.inner_mark, r.issued_at, r.issued_by, coalesce(m.name, '') AS market_name,
       coalesce(v.name, '') AS vendor_name, coalesce(m.timezone, 'Asia/Shanghai') AS timezone
FROM credit_reports r LEFT JOIN markets m USING (market_id) LEFT JOIN vendors v USING (market_id, vendor_id)
WHERE r.report_id = %(report_id)s

-- name: by_code
SELECT r.report_id, r.code, r.kind, r.variant, r.market_id, r.vendor_id, r.first_day, r.last_day, r.looks_back_to,
       r.rules_version, r.digest, r.public_mark, r.inner_mark, r.issued_at, r.issued_by, coalesce(m.name, '') AS market_name,
       coalesce(v.name, '') AS vendor_name, coalesce(m.timezone, 'Asia/Shanghai') AS timezone
FROM credit_reports r LEFT JOIN markets m USING (market_id) LEFT JOIN vendors v USING (market_id, vendor_id)
WHERE r.code = %(code)s

-- name: content
SELECT content FROM credit_reports WHERE report_id = %(report_id)s

-- name: listed
-- The newest first; of a market only, or of everything.
SELECT r.report_id, r.code, r.kind, r.variant, r.market_id, r.vendor_id, r.first_day, r.last_day, r.looks_back_to,
       r.rules_version, r.digest, r.public_mark, r.inner_mark, r.issued_at, r.issued_by, coalesce(m.name, '') AS market_name,
       coalesce(v.name, '') AS vendor_name, coalesce(m.timezone, 'Asia/Shanghai') AS timezone
FROM credit_reports r LEFT JOIN markets m USING (market_id) LEFT JOIN vendors v USING (market_id, vendor_id)
WHERE (%(market_id)s::text IS NULL OR r.market_id = %(market_id)s)
  AND (%(before)s::bigint IS NULL OR r.report_id < %(before)s)
ORDER BY r.report_id DESC
LIMIT %(limit)s

-- name: keep_file
INSERT INTO credit_report_files (report_id, sha256, form, language, made_at)
VALUES (%(report_id)s, %(sha256)s, %(form)s, %(language)s, %(made_at)s)
ON CONFLICT ON CONSTRAINT credit_report_files_pkey DO NOTHING

-- name: file
-- The file of a report with these bytes, where it was handed out.
SELECT form, language, made_at FROM credit_report_files WHERE report_id = %(report_id)s AND sha256 = %(sha256)s
